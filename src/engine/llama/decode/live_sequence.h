// LiveSequence: what the decoder's sequence holds at the moment, item by item. A plain value beside the context.
#pragma once

#include <llama.h>

#include <algorithm>
#include <span>
#include <vector>

#include "engine/prompt_layout.h"
#include "fovea/key.h"

namespace fovea::llama {

struct LiveItem {
  Key link;            // of the prefix chain, behind the item
  llama_pos position;  // behind it
  double cost_ms;      // of reading everything up to it
};

struct LiveSequence {
  std::vector<LiveItem> items;  // empty: nothing that anybody could use, whatever the context holds

  // How many of its first items `chain` agrees on.
  std::size_t shared_with(std::span<const Key> prefix_hashes) const {
    return static_cast<std::size_t>(std::ranges::mismatch(items, prefix_hashes, {}, &LiveItem::link).in1 -
                                    items.begin());
  }
  // How many of its items to keep for a prompt: all but the last at most, which must be read, for it tells what comes
  // next. `can_go_back`: the decoder can forget its last items.
  std::size_t usable_for(const PromptLayout& layout, std::span<const Key> prefix_hashes, bool can_go_back) const;

  llama_pos position(std::size_t count) const { return count == 0 ? 0 : items[count - 1].position; }
  double cost_ms(std::size_t count) const { return count == 0 ? 0 : items[count - 1].cost_ms; }
};

}  // namespace fovea::llama
