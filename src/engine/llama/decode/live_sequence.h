// LiveSequence: what a sequence of the decoder holds at the moment, item by item, and how much of it a prompt
// can use. A plain value; it owns nothing of the context.
#pragma once

#include <llama.h>

#include <algorithm>
#include <span>
#include <vector>

#include "engine/prompt_layout.h"
#include "fovea/key.h"

namespace fovea::llama {

struct LiveItem {
  Key hash;            // the prefix hash behind the item
  llama_pos position;  // behind the item
  double cost_ms;      // of prefilling everything up to the item
};

struct LiveSequence {
  std::vector<LiveItem> items;   // empty: nothing can be used, whatever the context holds
  std::size_t prompt_items = 0;  // of the last prompt that was prefilled whole, others are its answer's; 0: none was

  // How many of the first items have these prefix hashes.
  std::size_t matching_items(std::span<const Key> prefix_hashes) const {
    return static_cast<std::size_t>(std::ranges::mismatch(items, prefix_hashes, {}, &LiveItem::hash).in1 -
                                    items.begin());
  }
  // How many of the items are kept for a prompt. At least the prompt's last item is prefilled again, since
  // its logits choose the first token of the answer. `can_truncate`: the decoder can drop the last items of a
  // sequence.
  std::size_t usable_for(const PromptLayout& layout, std::span<const Key> prefix_hashes, bool can_truncate) const;

  llama_pos position(std::size_t count) const { return count == 0 ? 0 : items[count - 1].position; }
  double cost_ms(std::size_t count) const { return count == 0 ? 0 : items[count - 1].cost_ms; }
};

}  // namespace fovea::llama
