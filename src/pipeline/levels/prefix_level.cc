// A model that cannot go back gives a state only while the prefill stands there. So the slot is told before
// it which states are wanted.
//
// Where a state is kept: behind the images, for other questions about them; where the request before diverged
// from this one, since what two requests shared a third may share too (a system prompt, say); and of a
// conversation behind all of it, since others may come between its turns.
#include "pipeline/levels/prefix_level.h"

#include <algorithm>

#include "engine/prefix_hash.h"
#include "pipeline/levels/keys.h"
#include "pipeline/timed.h"

namespace fovea {

namespace {

// Fewer tokens are read about as fast as a state is put back.
constexpr std::uint32_t restored_tokens_min = 16;
// A shorter prefix saves too little for its bytes.
constexpr std::uint32_t stored_tokens_min = 32;

// One that has been answered before is likely to go on.
bool is_conversation(const Request& request) {
  return std::ranges::contains(request.messages, "assistant", &Message::role);
}

// The images that tiles among the first `items` items are made from.
MadeFrom images_in(const PrefixUse& use, std::size_t items) {
  MadeFrom images;
  for (const PromptItem& item : use.layout->items().first(items)) {
    if (item.tile) images.add(use.made_from[item.tile->image]);
  }
  return images;
}

}  // namespace

Bypass PrefixLevel::bypass(const CacheUse& cache) const {
  if (bytes_max_ == 0) return Bypass::off;
  if (!cache.read && !cache.write) return Bypass::no_cache;
  // What the decoder has cached is read and written in one.
  if (!cache.read) return Bypass::no_read;
  return cache.write ? Bypass::none : Bypass::no_write;
}

PrefixUse PrefixLevel::find(RequestContext& context, const PromptLayout& layout,
                            std::span<const RequestImage> images) const {
  PrefixUse use{.layout = &layout};
  context.report.prefix_bypass = bypass(context.request.cache);
  if (context.report.prefix_bypass != Bypass::none) return use;
  const Timed timed(context.report.times.restore_ms);
  std::vector<Key> identities;
  for (const RequestImage& image : images) {
    identities.push_back(image.identity());
    use.made_from.push_back(image.made_from());
  }
  use.hashes = hash_prefixes(prefix_root(context.scope.name, engine_), layout.items(), identities);

  // The last item is always read, and short prefixes are not worth the trip.
  std::size_t first = 0;
  const std::size_t last = layout.items().size() - 1;
  while (first < last && layout.tokens(first + 1) < restored_tokens_min) ++first;
  const auto keys = std::span(use.hashes).first(last).subspan(first);
  // A miss counts where the state would have been stored.
  const std::size_t wanted = layout.items_with_pictures();
  const auto expected = wanted > first && wanted <= last ? std::optional(wanted - first - 1) : std::nullopt;
  auto longest = store_.find_longest(keys, expected, context.scope.id, {.stop = context.caller.stop});
  if (!longest) return use;
  use.stored_items = first + longest->index + 1;
  const Record& record = use.stored.emplace(std::move(longest->record));
  context.report.lookups.push_back({CacheLevel::prefix,
                                    use.hashes[use.stored_items - 1],
                                    Outcome::hit,
                                    record.payload.size(),
                                    record.header.cost_ms,
                                    {},
                                    record.found_in});
  return use;
}

void PrefixLevel::restore(RequestContext& context, PrefixUse& use, Slot& slot) const {
  if (use.hashes.empty()) return;
  const Timed timed(context.report.times.restore_ms);
  const PromptLayout& layout = *use.layout;
  use.cached_items = slot.cached_items();
  use.diverged = slot.diverged();
  if (use.stored && layout.tokens(use.stored_items) >= layout.tokens(use.cached_items) + restored_tokens_min)
    slot.restore(use.stored_items, use.stored->payload, use.stored->header.cost_ms);
  use.stored.reset();  // a copy of megabytes that nobody needs from here on
  const std::size_t least = std::max<std::size_t>(layout.items_with_pictures(), 1);
  context.report.prefix = slot.cached_items() >= least ? Outcome::hit : Outcome::miss;
  context.report.cached_tokens = static_cast<std::int32_t>(layout.tokens(slot.cached_items()));
  context.save(slot.cost_ms(slot.cached_items()));
  const auto keep = [&](std::size_t items) {
    if (items > slot.cached_items() && wanted(use, items)) slot.keep_state(items, bytes_max_);
  };
  keep(layout.items_with_pictures());
  if (is_conversation(context.request)) keep(layout.items().size());
}

// Whether the state behind these items is worth its bytes and is not stored yet.
bool PrefixLevel::wanted(const PrefixUse& use, std::size_t items) const {
  return use.layout->tokens(items) >= stored_tokens_min && !store_.contains(use.hashes[items - 1]);
}

void PrefixLevel::store(RequestContext& context, const PrefixUse& use, Slot& slot) {
  if (use.hashes.empty() || !engine_.prefix_obstacle().empty()) return;
  const Timed timed(context.report.times.store_ms);
  const std::size_t behind_images = use.layout->items_with_pictures();
  store(context, use, slot, behind_images);
  if (use.diverged && (behind_images == 0 || use.cached_items < behind_images))
    store(context, use, slot, use.cached_items);
  if (is_conversation(context.request)) store(context, use, slot, use.layout->items().size());
}

void PrefixLevel::store(RequestContext& context, const PrefixUse& use, Slot& slot, std::size_t items) {
  if (!wanted(use, items)) return;
  const auto state = slot.snapshot(items, bytes_max_);
  if (!state) return;
  const Key& key = use.hashes[items - 1];
  const double cost_ms = slot.cost_ms(items);
  context.report.lookups.push_back({CacheLevel::prefix, key, Outcome::miss, state->size(), cost_ms, {}});
  const MadeFrom images = images_in(use, items);
  const Blob record = encode_record({.kind = RecordKind::prefix,
                                     .scope = context.scope.id,
                                     .cost_ms = cost_ms,
                                     .made_unix_ms = unix_time_ms(),
                                     .shape = {use.layout->tokens(items), 0, 0, images.unnamed()}},
                                    state->bytes());
  const std::vector<Key> labels = images.labels();
  store_.insert(key, record, {.tenant = context.scope.tenant, .images = labels});
}

}  // namespace fovea
