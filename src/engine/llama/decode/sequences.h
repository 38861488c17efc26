// Sequences: the context's sequences, which slots they are acquired for, and what the idle ones still hold.
//
// All sequences share one set of KV cells. A sequence is acquired with cells enough for a prompt and its
// answer, so that no answer ever finds the context full. Idle sequences keep what was prefilled and decoded
// in them until the room is needed; the cache's default policy chooses the eviction victim. Cells may belong
// to several sequences at once, so sharing a prefix copies nothing. What is evicted is parked, and comes back
// for a prompt that goes on from it. Not thread-safe, as the context is not, except for parked_bytes() and
// slot_use(). Borrows the context.
#pragma once

#include <llama.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cache/item.h"
#include "cache/policy.h"
#include "engine/llama/decode/live_sequence.h"
#include "engine/llama/decode/parked_states.h"
#include "engine/slot.h"

namespace fovea::llama {

struct Sequence {
  llama_seq_id id = 0;
  LiveSequence live;
  std::uint32_t reserved_cells = 0;  // for the slot that acquired it; 0 = idle
  std::uint32_t idle_tokens = 0;     // that it holds while it is idle
  std::uint32_t skipped_by = 0;      // tokens that were computed for others while it was idle
  std::uint32_t counted = 0;         // tokens of the slot's prompt that idle sequences were told of already
  Item item;                         // the policy's, while it is idle and holds something
};

class Sequences {
 public:
  // The context's sequences below `count`. `can_truncate`: a sequence can drop its last tokens.
  Sequences(llama_context& context, std::uint32_t count, bool can_truncate);

  struct Acquired {
    Sequence* sequence;
    std::size_t cached_items;  // of the prompt, from its beginning
    bool diverged;             // the cached prefix was longer, but went on otherwise than this prompt
  };
  // A sequence that holds the longest cached prefix of the prompt, with `cells` reserved; nullopt while no
  // sequence is idle or too few cells are left.
  // REQUIRES: cells is at most the context's.
  std::optional<Acquired> acquire(const PromptLayout& layout, std::span<const Key> prefix_hashes, std::uint32_t cells);

  // Makes the sequence idle. It holds `tokens`, which live.items name; where those are empty, it holds
  // nothing.
  void release(Sequence& sequence, std::uint32_t tokens);

  // Drops the sequence's cells behind the first `end` positions. False if that cannot be done: it then holds
  // nothing.
  bool truncate(Sequence& sequence, llama_pos end);

  // Tells that `tokens` of its prompt or its answer are computed for a sequence. Idle sequences that were
  // skipped by too many by then are parked.
  void computing(Sequence& sequence, std::uint32_t tokens);

  // Purges what the idle sequences hold, and what is parked.
  void purge_idle();

  // May be asked on any thread: bytes of what is parked, and what acquired sequences have reserved.
  std::uint64_t parked_bytes() const { return parked_.bytes(); }
  SlotUse slot_use() const { return {slots_held_, cells_reserved_}; }

 private:
  struct Source {
    Sequence* sequence = nullptr;
    std::size_t cached_items = 0;
  };
  Source longest_cached(const PromptLayout& layout, std::span<const Key> prefix_hashes);
  Sequence* target_for(const Source& source);
  Sequence* eviction_victim();  // among the idle ones that hold something; null if none does
  void fill(Sequence& target, const Source& source);
  Acquired acquire_live(const Source& source, std::uint32_t cells, std::uint32_t certain);
  Acquired acquire_parked(const ParkedStates::Found& parked, std::uint32_t cells, std::uint32_t certain);
  void skip_idle(std::uint32_t tokens, const Sequence* kept);
  void reserve(Sequence& sequence, std::uint32_t cells);
  void make_room();
  void evict(Sequence& sequence);
  void drop(Sequence& sequence);
  void purge(Sequence& sequence);
  void leave_policy(Sequence& sequence, RemovalCause why);
  std::uint32_t cells_in_use() const;

  llama_context& context_;
  const bool can_truncate_;
  std::vector<std::unique_ptr<Sequence>> sequences_;
  // Of them, for who asks on another thread.
  std::atomic<std::uint32_t> slots_held_ = 0;
  std::atomic<std::uint32_t> cells_reserved_ = 0;
  // Behind the sequences, since it refers to their items until it is destroyed.
  std::unique_ptr<Policy> policy_;
  ParkedStates parked_;
};

}  // namespace fovea::llama
