// libllama saves whole sequences only. So the prefix is copied into a spare sequence first, which copies no
// cells (they belong to several sequences at once), and that sequence is saved.
#include "engine/llama/decode/prefix_state.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "fovea/key.h"

namespace fovea::llama {

namespace {

constexpr std::array<char, 8> magic = {'f', 'o', 'v', 'e', 'a', 'k', 'v', '1'};

struct Head {
  std::array<char, 8> kind = magic;
  std::int32_t end = 0;     // positions covered
  std::int32_t last = 0;    // the highest position that the sequence knows
  std::uint64_t bytes = 0;  // behind the head
  Key checksum;             // of the bytes behind the head
};
static_assert(sizeof(Head) == 56 && std::is_trivially_copyable_v<Head>);

Key checksum_of(std::span<const std::byte> bytes) { return KeyBuilder("fovea/decoder-state/1").field(bytes).finish(); }

const std::uint8_t* bytes_at(std::span<const std::byte> bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

// The state of all that `sequence` holds, which are the positions below `end`.
std::optional<Blob> save_state(llama_context& context, llama_seq_id sequence, llama_pos end, std::uint64_t bytes_max) {
  const std::size_t size = llama_state_seq_get_size(&context, sequence);
  if (sizeof(Head) + size > bytes_max) return std::nullopt;
  bool whole = false;
  Blob state = Blob::filled(sizeof(Head) + size, [&](std::span<std::byte> out) {
    const std::span<std::byte> body = out.subspan(sizeof(Head));
    whole = size > 0 && llama_state_seq_get_data(&context, reinterpret_cast<std::uint8_t*>(body.data()), body.size(),
                                                 sequence) == size;
    if (!whole) return;
    const Head head{.end = end,
                    .last = llama_memory_seq_pos_max(llama_get_memory(&context), sequence),
                    .bytes = size,
                    .checksum = checksum_of(body)};
    std::memcpy(out.data(), &head, sizeof head);
  });
  if (!whole) return std::nullopt;
  return state;
}

}  // namespace

std::optional<Blob> save_prefix(llama_context& context, llama_seq_id sequence, llama_seq_id spare, llama_pos end,
                                std::uint64_t bytes_max) {
  llama_memory_t memory = llama_get_memory(&context);
  llama_memory_seq_cp(memory, sequence, spare, 0, end);
  auto state = save_state(context, spare, end, bytes_max);
  llama_memory_seq_rm(memory, spare, -1, -1);
  return state;
}

bool restore_state(llama_context& context, llama_seq_id sequence, llama_pos end, const Blob& state) {
  llama_memory_t memory = llama_get_memory(&context);
  llama_memory_seq_rm(memory, sequence, -1, -1);
  Head head;
  if (state.size() <= sizeof head) return false;
  std::memcpy(&head, state.bytes().data(), sizeof head);
  const auto body = state.bytes().subspan(sizeof head);
  if (head.kind != magic || head.end != end || head.bytes != body.size() || head.checksum != checksum_of(body))
    return false;
  const bool taken = llama_state_seq_set_data(&context, bytes_at(body), body.size(), sequence) == body.size();
  if (taken && llama_memory_seq_pos_max(memory, sequence) == head.last && head.last < end) return true;
  llama_memory_seq_rm(memory, sequence, -1, -1);
  return false;
}

}  // namespace fovea::llama
