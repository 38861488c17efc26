// ParkedStates: what idle sequences held, in memory outside the context, for prompts that go on from it.
//
// Cells of idle sequences are not free: whatever is computed for others skips each of them in every layer. A
// sequence that is parked leaves the context and comes back with one copy. No more tokens are parked than the
// context has cells, and no more than 1 GiB. The state that was used longest ago is dropped first. Only for
// models whose sequences can be truncated. Used on the engine's thread only; borrows the context.
#pragma once

#include <llama.h>

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

  explicit ParkedStates(llama_context& context) : context_(context) {}

  // Copies what `sequence` holds, which `live` names. The sequence stays as it is. Nothing is parked where
  // the library cannot copy it or it is too large.
  void park(llama_seq_id sequence, const LiveSequence& live, std::uint32_t tokens);
  // Parks what take() gave.
  void keep(ParkedState state);

  // The state of at most `tokens_max` tokens of which a prompt can use most.
  Found find(const PromptLayout& layout, std::span<const Key> prefix_hashes, std::uint32_t tokens_max) const;
  // Takes the state out. REQUIRES: `found` is valid and not none.
  ParkedState take(const Found& found);

  void clear() { states_.clear(); }
  std::size_t size() const { return states_.size(); }

 private:
  bool too_much() const;

  llama_context& context_;
  std::list<ParkedState> states_;  // the one used last comes first
};

// Copies the state into an empty sequence. If the library refuses it, the sequence is empty again.
// REQUIRES: the context has room for its tokens.
bool bring_back(llama_context& context, llama_seq_id sequence, const ParkedState& state);

}  // namespace fovea::llama
