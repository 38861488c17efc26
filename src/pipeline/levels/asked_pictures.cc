#include "pipeline/levels/asked_pictures.h"

#include <algorithm>

#include "pipeline/levels/keys.h"

namespace fovea {

namespace {

std::vector<PrefetchAccount::LookedUp> looked_up(const RequestReport& report) {
  std::vector<PrefetchAccount::LookedUp> looked_up;
  for (const LookupReport& lookup : report.lookups) {
    if (lookup.level == CacheLevel::response || lookup.outcome == Outcome::bypass) continue;
    const bool hit = lookup.outcome == Outcome::hit;
    looked_up.push_back({lookup.key, hit ? std::optional(lookup.found_in) : std::nullopt});
  }
  return looked_up;
}

// Of several pictures, the state behind them is named by all.
void tell_prompt(const AnsweredRequest& answered, AskedRequest& asked) {
  const std::vector<Key>& hashes = answered.prefix.hashes;
  if (hashes.empty() || answered.image_keys.size() != 1) return;
  const auto items = answered.layout->items();
  const auto first = std::ranges::find_if(items, [](const PromptItem& item) { return item.tile.has_value(); });
  if (first == items.end() || first == items.begin()) return;
  asked.lead = hashes[static_cast<std::size_t>(first - items.begin()) - 1];
  const Key& prefix = hashes[answered.layout->items_with_pictures() - 1];
  const auto is_prefix = [&](const LookupReport& lookup) {
    return lookup.level == CacheLevel::prefix && lookup.key == prefix;
  };
  if (std::ranges::any_of(answered.context.report.lookups, is_prefix)) asked.prefix = prefix;  // it is kept
}

}  // namespace

AskedRequest asked_pictures(const AnsweredRequest& answered) {
  const RequestContext& context = answered.context;
  AskedRequest asked{.scope = context.scope.id,
                     .session = *context.request.session,
                     .pictures = {},
                     .lead = {},
                     .prefix = {},
                     .looked_up = looked_up(context.report),
                     .computed = answered.layout != nullptr && context.report.response != Outcome::hit,
                     .began_ms = answered.began_ms};
  for (const Key& image : answered.image_keys)
    asked.pictures.push_back({image, tiling_key(context.scope.name, answered.vision_fingerprint, image)});
  tell_prompt(answered, asked);
  return asked;
}

}  // namespace fovea
