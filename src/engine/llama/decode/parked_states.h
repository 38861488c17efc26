// ParkedStates: what idle sequences held, in memory outside the context, for prompts that go on from it.
//
// Cells of idle sequences are not free: whatever is computed for others skips each of them in every layer. A
// sequence that is parked leaves the context and comes back with one copy. No more tokens are parked than the
// context has cells, and no more than 1 GiB. The state that was used longest ago is dropped first. Only for
// models whose sequences can be truncated. What the memory is too small for is not parked. Used on the
// engine's thread only, except for bytes(); borrows the context.
#pragma once

#include <llama.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <vector>

#include "engine/llama/decode/live_sequence.h"

namespace fovea::llama {

struct ParkedState {
  LiveSequence live;
  std::uint32_t tokens = 0;  // cells that it takes
  std::vector<std::byte> bytes;
};

class ParkedStates {
 public:
  struct Found {
    const ParkedState* state = nullptr;  // null: none. Valid until the states change
    std::size_t cached_items = 0;        // of the prompt
  };

  // Whatever the context's size: a part of a server's memory.
  static constexpr std::uint64_t bytes_max_default = std::uint64_t{1} << 30U;

  // `bytes_max`: of all states together.
  explicit ParkedStates(llama_context& context, std::uint64_t bytes_max = bytes_max_default)
      : context_(context), bytes_max_(bytes_max) {}

  // Copies what `sequence` holds, which `live` names. The sequence stays as it is. Nothing is parked where
  // the library cannot copy it, it is too large, or the memory is too small.
  void park(llama_seq_id sequence, const LiveSequence& live, std::uint32_t tokens);
  // Parks what take() gave. It is dropped where the memory is too small.
  void keep(ParkedState state);

  // The state of at most `tokens_max` tokens of which a prompt can use most.
  Found find(const PromptLayout& layout, std::span<const Key> prefix_hashes, std::uint32_t tokens_max) const;
  // Takes the state out. REQUIRES: `found` is valid and not none.
  ParkedState take(const Found& found);

  void clear();
  std::size_t size() const { return states_.size(); }
  // Of all states, as the library writes them. May be asked on any thread.
  std::uint64_t bytes() const { return bytes_; }

 private:
  bool too_many_tokens() const;
  void count_bytes();

  llama_context& context_;
  const std::uint64_t bytes_max_;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::list<ParkedState> states_;  // the one used last comes first
};

// Copies the state into an empty sequence. If the library refuses it, the sequence is empty again.
// REQUIRES: the context has room for its tokens.
bool bring_back(llama_context& context, llama_seq_id sequence, const ParkedState& state);

}  // namespace fovea::llama
