#include "engine/llama/decode/slot_task.h"

#include <utility>

#include "engine/prefix_hash.h"

namespace fovea::llama {

// The time is shared among the items by their tokens, so that each item of the sequence knows the cost of its
// prefix.
void SlotTask::record_prefilled(std::size_t end, double took_ms) {
  if (!prefix_hashes.empty()) {
    LiveSequence& live = sequence->live;
    const double before_ms = live.cost_ms(prefilled_items);
    const std::uint32_t first = layout.tokens(prefilled_items);
    const double ms_per_token = took_ms / (layout.tokens(end) - first);
    for (std::size_t i = prefilled_items; i < end; ++i)
      live.items.push_back(
          {prefix_hashes[i], layout.position(i + 1), before_ms + ms_per_token * (layout.tokens(i + 1) - first)});
    live.prompt_items = end == layout.items().size() ? end : 0;
  }
  prefilled_items = end;
}

bool SlotTask::behind_image() const {
  const auto items = layout.items();
  const auto image_of = [&](std::size_t item) {
    return item < items.size() && items[item].tile ? std::optional(items[item].tile->image) : std::nullopt;
  };
  const auto last = prefilled_items == 0 ? std::nullopt : image_of(prefilled_items - 1);
  return last && image_of(prefilled_items) != last;
}

void SlotTask::record_decoded() {
  ++decoded_tokens;
  if (prefix_hashes.empty()) return;
  auto& items = sequence->live.items;
  items.push_back({hash_token(items.back().hash, answer->token()), position, items.back().cost_ms});
}

void SlotTask::finish(Result<void> how) {
  auto promise = *std::exchange(outcome, std::nullopt);
  promise.set_value(std::move(how));
}

}  // namespace fovea::llama
