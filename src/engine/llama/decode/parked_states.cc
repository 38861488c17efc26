// States are few, since they share one context's worth of tokens: a list, searched from its beginning. They
// never leave the process, so they carry no checksum. A state that is a beginning of another is not kept.
#include "engine/llama/decode/parked_states.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/units.h"
#include "engine/llama/backend.h"

namespace fovea::llama {

namespace {

constexpr std::uint64_t bytes_max = std::uint64_t{1}
                                    << 30U;  // whatever the context's size: a part of a server's memory

// What the sequence holds, as the library writes it; empty where it cannot.
std::vector<std::byte> copy_of(llama_context& context, llama_seq_id sequence) {
  try {
    const AbortGuard guard;
    const std::size_t size = llama_state_seq_get_size(&context, sequence);
    if (size > bytes_max) return {};
    std::vector<std::byte> bytes(size);
    auto* const out = reinterpret_cast<std::uint8_t*>(bytes.data());
    if (llama_state_seq_get_data(&context, out, bytes.size(), sequence) != bytes.size()) return {};
    return bytes;
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace

void ParkedStates::park(llama_seq_id sequence, const LiveSequence& live, std::uint32_t tokens) {
  if (live.items.empty() || tokens > llama_n_ctx(&context_)) return;
  if (auto bytes = copy_of(context_, sequence); !bytes.empty())
    keep({.live = live, .tokens = tokens, .bytes = std::move(bytes)});
}

void ParkedStates::keep(ParkedState state) {
  // A beginning of this state is found in it as well.
  const auto& items = state.live.items;
  std::erase_if(states_, [&](const ParkedState& other) {
    const std::size_t count = other.live.items.size();
    return count <= items.size() && other.live.items.back().hash == items[count - 1].hash;
  });
  states_.push_front(std::move(state));
  while (too_much()) states_.pop_back();
}

bool ParkedStates::too_much() const {
  std::uint64_t tokens = 0;
  std::uint64_t bytes = 0;
  for (const ParkedState& state : states_) {
    tokens += state.tokens;
    bytes += state.bytes.size();
  }
  return tokens > llama_n_ctx(&context_) || bytes > bytes_max;
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
