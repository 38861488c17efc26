// libllama saves and restores whole sequences only. So a piece is copied into the spare sequence first, which
// copies no cells (they belong to several sequences at once), and that sequence is saved. Restoring goes the
// same way back: each piece into the spare sequence, and from there into the sequence itself. An undivided
// state needs no spare sequence.
//
// Format: the head, the table of pieces, and the bytes of each piece. The head's checksum is over the rest.
#include "engine/llama/decode/states/prefix_state.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "fovea/key.h"

namespace fovea::llama {

namespace {

constexpr std::array<char, 8> magic = {'f', 'o', 'v', 'e', 'a', 'k', 'v', '2'};
constexpr std::size_t page_bytes = 4096;

struct Head {
  std::array<char, 8> kind = magic;
  std::int32_t end = 0;     // positions covered
  std::int32_t last = 0;    // the highest position that the sequence knows
  std::uint64_t bytes = 0;  // behind the head
  std::uint64_t pieces = 0;
  Key checksum;  // of the bytes behind the head
};
static_assert(sizeof(Head) == 64 && std::is_trivially_copyable_v<Head>);
static_assert(sizeof(StatePiece) == 16 && std::is_trivially_copyable_v<StatePiece>);

Key checksum_of(std::span<const std::byte> bytes) { return KeyBuilder("fovea/decoder-state/2").field(bytes).finish(); }

std::uint8_t* as_library_takes(std::span<std::byte> bytes) { return reinterpret_cast<std::uint8_t*>(bytes.data()); }
const std::uint8_t* as_library_takes(std::span<const std::byte> bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

std::size_t offset_of(std::span<const StatePiece> pieces, std::size_t piece) {
  std::size_t offset = sizeof(Head) + pieces.size_bytes();
  for (const StatePiece& before : pieces.first(piece)) offset += before.bytes;
  return offset;
}

// Calls `use` with a sequence that holds `piece` of the place's sequence and nothing else.
template <typename Use>
auto with_piece(const StatePlace& place, const StatePiece& piece, const Use& use) {
  llama_memory_t memory = llama_get_memory(&place.context);
  if (piece.begin == 0 && llama_memory_seq_pos_max(memory, place.sequence) < piece.end) return use(place.sequence);
  llama_memory_seq_rm(memory, place.spare, -1, -1);  // what another's part that failed has left until now
  llama_memory_seq_cp(memory, place.sequence, place.spare, piece.begin, piece.end);
  auto result = use(place.spare);
  llama_memory_seq_rm(memory, place.spare, -1, -1);
  return result;
}

std::vector<StatePiece> pieces_of(llama_pos end, llama_pos positions_each) {
  std::vector<StatePiece> pieces;
  for (llama_pos begin = 0; begin < end; begin += std::min(positions_each, end - begin))
    pieces.push_back({.begin = begin, .end = begin + std::min(positions_each, end - begin), .bytes = 0});
  return pieces;
}

// The pieces of a state that is whole and covers `end` positions; empty otherwise.
std::vector<StatePiece> read_pieces(const Blob& state, llama_pos end) {
  Head head;
  if (state.size() <= sizeof head) return {};
  std::memcpy(&head, state.bytes().data(), sizeof head);
  const auto body = state.bytes().subspan(sizeof head);
  if (head.kind != magic || head.end != end || head.last >= end || head.bytes != body.size() ||
      head.checksum != checksum_of(body) || head.pieces == 0 || head.pieces > body.size() / sizeof(StatePiece))
    return {};
  std::vector<StatePiece> pieces(head.pieces);
  std::memcpy(pieces.data(), body.data(), head.pieces * sizeof(StatePiece));
  std::size_t left = body.size() - head.pieces * sizeof(StatePiece);
  for (std::int32_t at = 0; const StatePiece& piece : pieces) {
    if (piece.begin != at || piece.end <= at || piece.bytes == 0 || piece.bytes > left) return {};
    at = piece.end;
    left -= piece.bytes;
  }
  return left == 0 && pieces.back().end == end ? pieces : std::vector<StatePiece>();
}

bool put_piece(const StatePlace& place, const StatePiece& piece, std::span<const std::byte> bytes, bool undivided_one) {
  llama_memory_t memory = llama_get_memory(&place.context);
  const llama_seq_id target = undivided_one ? place.sequence : place.spare;
  const bool taken =
      llama_state_seq_set_data(&place.context, as_library_takes(bytes), bytes.size(), target) == bytes.size();
  if (undivided_one) return taken;
  if (taken) llama_memory_seq_cp(memory, place.spare, place.sequence, piece.begin, piece.end);
  llama_memory_seq_rm(memory, place.spare, -1, -1);
  return taken;
}

bool clear(const StatePlace& place) {
  return llama_memory_seq_rm(llama_get_memory(&place.context), place.sequence, -1, -1);
}

// Of what a part that failed has left.
void clear_spare(const StatePlace& place, const OnEngine& on_engine) {
  on_engine([&] { return llama_memory_seq_rm(llama_get_memory(&place.context), place.spare, -1, -1); });
}

}  // namespace

CopiedState::CopiedState(std::vector<StatePiece> pieces, llama_pos last)
    : pieces_(std::move(pieces)),
      last_(last),
      size_(offset_of(pieces_, pieces_.size())),
      bytes_(std::make_shared_for_overwrite<std::byte[]>(size_)) {
  for (std::size_t at = 0; at < size_; at += page_bytes) bytes_.get()[at] = std::byte{0};
}

std::span<std::byte> CopiedState::bytes_of(std::size_t piece) const {
  return std::span(bytes_.get(), size_).subspan(offset_of(pieces_, piece), pieces_[piece].bytes);
}

Blob CopiedState::sealed() const {
  const std::span<std::byte> body = std::span(bytes_.get(), size_).subspan(sizeof(Head));
  std::memcpy(body.data(), pieces_.data(), std::span(pieces_).size_bytes());
  const Head head{.end = pieces_.back().end,
                  .last = last_,
                  .bytes = body.size(),
                  .pieces = pieces_.size(),
                  .checksum = checksum_of(body)};
  std::memcpy(bytes_.get(), &head, sizeof head);
  return Blob::sharing(bytes_, {bytes_.get(), size_});
}

std::optional<CopiedState> copy_state(const StatePlace& place, llama_pos end, llama_pos positions_each,
                                      std::uint64_t bytes_max, const OnEngine& on_engine) {
  std::vector<StatePiece> pieces = pieces_of(end, positions_each);
  llama_pos last = -1;
  const bool measured = on_engine([&] {
    for (StatePiece& piece : pieces) {
      piece.bytes = with_piece(place, piece, [&](llama_seq_id sequence) {
        last = std::max(last, llama_memory_seq_pos_max(llama_get_memory(&place.context), sequence));
        return llama_state_seq_get_size(&place.context, sequence);
      });
      if (piece.bytes == 0) return false;
    }
    return true;
  });
  if (!measured) clear_spare(place, on_engine);
  if (!measured || pieces.empty() || last >= end || offset_of(pieces, pieces.size()) > bytes_max) return std::nullopt;
  CopiedState copy(std::move(pieces), last);
  for (std::size_t i = 0; i < copy.pieces().size(); ++i) {
    const std::span<std::byte> out = copy.bytes_of(i);
    const bool copied = on_engine([&] {
      return with_piece(place, copy.pieces()[i], [&](llama_seq_id sequence) {
        return llama_state_seq_get_data(&place.context, as_library_takes(out), out.size(), sequence) == out.size();
      });
    });
    if (copied) continue;
    clear_spare(place, on_engine);
    return std::nullopt;
  }
  return copy;
}

bool put_back(const StatePlace& place, const CopiedState& copy, const OnEngine& on_engine) {
  const bool whole =
      on_engine([&] { return clear(place) && put_piece(place, copy.pieces().front(), copy.bytes_of(0), true); });
  if (!whole) on_engine([&] { return clear(place); });
  return whole;
}

bool restore_state(const StatePlace& place, llama_pos end, const Blob& state, const OnEngine& on_engine) {
  const std::vector<StatePiece> pieces = read_pieces(state, end);
  bool whole = on_engine([&] { return clear(place); }) && !pieces.empty();
  for (std::size_t i = 0; whole && i < pieces.size(); ++i) {
    const auto bytes = state.bytes().subspan(offset_of(pieces, i), pieces[i].bytes);
    whole = on_engine([&] { return put_piece(place, pieces[i], bytes, pieces.size() == 1); });
  }
  if (whole) {
    Head head;
    std::memcpy(&head, state.bytes().data(), sizeof head);
    whole = on_engine(
        [&] { return llama_memory_seq_pos_max(llama_get_memory(&place.context), place.sequence) == head.last; });
  }
  if (whole) return true;
  clear_spare(place, on_engine);
  on_engine([&] { return clear(place); });
  return false;
}

}  // namespace fovea::llama
