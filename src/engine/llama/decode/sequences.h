// Sequences: the context's sequences, who sits in them, and what the idle ones still hold.
//
// All share one set of cells. Whoever takes one is promised cells enough for prompt and answer, so that no answer ever
// finds the context full; idle sequences hold what they read for as long as nobody needs the room, and the policy says
// which goes first. What one holds another may share: cells are owned by several sequences at once and copied by none.
// Not thread-safe, as the context is not.
#pragma once

#include <llama.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cache/item.h"
#include "cache/policy.h"
#include "engine/llama/decode/live_sequence.h"

namespace fovea::llama {

struct Sequence {
  llama_seq_id id = 0;
  LiveSequence live;
  std::uint32_t promised = 0;  // cells, to who sits in it; 0 = idle
  std::uint32_t tokens = 0;    // that it holds, while it is idle
  Item item;                   // the policy's, while it is idle and holds something
};

class Sequences {
 public:
  // Of the context's sequences those below `count`. `can_go_back`: a sequence can forget its last tokens.
  Sequences(llama_context& context, std::uint32_t count, bool can_go_back);

  struct Taken {
    Sequence* sequence;
    std::size_t cached_items;  // items of the prompt
    bool diverged;             // it, or the one it shares with, held more, which went on in another way
  };
  // A sequence that holds as much of the prompt as any does, and `cells` for it; nullopt while there is none or no
  // room. REQUIRES: cells is at most the context's.
  std::optional<Taken> take(const PromptLayout& layout, std::span<const Key> prefix_hashes, std::uint32_t cells);

  // It is idle now and holds `tokens`, which live.items name; nothing where they are empty.
  void give_back(Sequence& sequence, std::uint32_t tokens);

  // Takes its cells from it, behind the first `end` positions. False if that cannot be done: it then has none.
  bool truncate(Sequence& sequence, llama_pos end);

  // Forgets what the idle ones hold.
  void purge_idle();

 private:
  struct Source {
    Sequence* sequence = nullptr;
    std::size_t cached_items = 0;
  };
  Source longest_cached(const PromptLayout& layout, std::span<const Key> prefix_hashes);
  Sequence* place_for(const Source& source);
  Sequence* least_wanted();  // of the idle ones that hold something; null if none does
  void fill(Sequence& place, const Source& source);
  bool evict_one();
  void purge(Sequence& sequence);
  void leave_policy(Sequence& sequence, RemovalCause why);
  std::uint32_t cells_in_use() const;

  llama_context& context_;
  const bool can_go_back_;
  std::vector<std::unique_ptr<Sequence>> sequences_;
  std::unique_ptr<Policy> policy_;  // after the sequences: it goes first, and lets go of their items
};

}  // namespace fovea::llama
