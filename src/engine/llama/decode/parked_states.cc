// States are few, since they share one context's worth of tokens: a list, searched from its beginning. They
// never leave the process, so they carry no checksum. A state that is a beginning of another is not kept.
#include "engine/llama/decode/parked_states.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "engine/llama/backend.h"

namespace fovea::llama {

namespace {

// What the sequence holds, as the library writes it; empty where it cannot. Throws std::bad_alloc.
std::vector<std::byte> copy_of(llama_context& context, llama_seq_id sequence, std::uint64_t bytes_max) {
  const std::size_t size = llama_state_seq_get_size(&context, sequence);
  if (size > bytes_max) return {};
  std::vector<std::byte> bytes(size);
  auto* const out = reinterpret_cast<std::uint8_t*>(bytes.data());
  if (llama_state_seq_get_data(&context, out, bytes.size(), sequence) != bytes.size()) return {};
  return bytes;
}

}  // namespace

void ParkedStates::park(llama_seq_id sequence, const LiveSequence& live, std::uint32_t tokens) {
  if (live.items.empty() || tokens > llama_n_ctx(&context_)) return;
  try {
    const AbortGuard guard;
    ParkedState state{.live = live, .tokens = tokens, .bytes = copy_of(context_, sequence, bytes_max_)};
    if (!state.bytes.empty()) keep(std::move(state));
  } catch (const std::exception&) {
    return;  // It is not parked.
  }
}

void ParkedStates::keep(ParkedState state) {
  // A beginning of this state is found in it as well.
  const auto& items = state.live.items;
  std::erase_if(states_, [&](const ParkedState& other) {
    const std::size_t count = other.live.items.size();
    return count <= items.size() && other.live.items.back().hash == items[count - 1].hash;
  });
  try {
    states_.push_front(std::move(state));
  } catch (const std::bad_alloc&) {
    return count_bytes();
  }
  for (count_bytes(); too_many_tokens() || bytes_ > bytes_max_; count_bytes()) states_.pop_back();
}

void ParkedStates::clear() {
  states_.clear();
  count_bytes();
}

void ParkedStates::count_bytes() {
  std::uint64_t bytes = 0;
  for (const ParkedState& state : states_) bytes += state.bytes.size();
  bytes_ = bytes;
}

bool ParkedStates::too_many_tokens() const {
  std::uint64_t tokens = 0;
  for (const ParkedState& state : states_) tokens += state.tokens;
  return tokens > llama_n_ctx(&context_);
}

ParkedStates::Found ParkedStates::find(const PromptLayout& layout, std::span<const Key> prefix_hashes,
                                       std::uint32_t tokens_max) const {
  Found most;
  for (const ParkedState& state : states_) {
    if (state.tokens > tokens_max) continue;
    const std::size_t cached_items = state.live.usable_for(layout, prefix_hashes, true);
    const bool smaller = cached_items == most.cached_items && cached_items > 0 && state.tokens < most.state->tokens;
    if (cached_items > most.cached_items || smaller) most = {&state, cached_items};
  }
  return most;
}

ParkedState ParkedStates::take(const Found& found) {
  const auto place = std::ranges::find(states_, found.state, [](const ParkedState& state) { return &state; });
  ParkedState state = std::move(*place);
  states_.erase(place);
  count_bytes();
  return state;
}

bool bring_back(llama_context& context, llama_seq_id sequence, const ParkedState& state) {
  bool taken = false;
  try {
    const AbortGuard guard;
    const auto* const in = reinterpret_cast<const std::uint8_t*>(state.bytes.data());
    taken = llama_state_seq_set_data(&context, in, state.bytes.size(), sequence) == state.bytes.size();
  } catch (const std::exception&) {
    taken = false;
  }
  if (!taken) llama_memory_seq_rm(llama_get_memory(&context), sequence, -1, -1);
  return taken;
}

}  // namespace fovea::llama
