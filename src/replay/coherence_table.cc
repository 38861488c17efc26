#include "replay/coherence_table.h"

#include <algorithm>
#include <span>

namespace fovea {

namespace {

constexpr std::uint32_t no_slot = UINT32_MAX;

}  // namespace

CoherenceTable::CoherenceTable(const Trace& trace, ExactCache& embeddings, ExactCache& responses)
    : embeddings_(&embeddings), responses_(&responses), slot_of_(trace.keys, no_slot) {
  std::uint32_t slots = 0;
  for (const Lookup& lookup : trace.lookups) {
    if (lookup.related != no_related && slot_of_[lookup.related] == no_slot) slot_of_[lookup.related] = slots++;
  }
  related_.resize(slots);
}

CoherenceTable::Related& CoherenceTable::remember(const Lookup& response) {
  Related& related = related_[slot_of_[response.related]];
  const std::span known(related.responses.data(), related.count);
  if (std::ranges::find(known, response.key) != known.end()) return related;
  related.responses[related.next] = response.key;
  related.next = static_cast<std::uint8_t>((related.next + 1) % related_max);
  related.count = static_cast<std::uint8_t>(std::min<std::size_t>(related.count + 1U, related_max));
  return related;
}

void CoherenceTable::update(const Lookup& response, float boost) {
  const Related& related = remember(response);
  if (!embeddings_->contains(response.related)) return;
  float most = 0;
  for (const std::uint32_t key : std::span(related.responses.data(), related.count)) {
    if (responses_->contains(key)) most = std::max(most, responses_->importance(key));
  }
  const float followed = kept_share * embeddings_->importance(response.related) + (1 - kept_share) * most;
  embeddings_->set_importance(response.related, std::min(1.0F, boost * followed));
}

}  // namespace fovea
