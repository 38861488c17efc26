// Comparing takes milliseconds for a large tile, so it is done outside the lock. What NearFrames found is
// believed only where the entry here has the tile of that key: another request of the same source, or a
// purge, may have come between.
//
// Every source of NearFrames has an entry here, whose bytes are counted with those of its cells, and which
// takes the cells with it when it goes. So the one bound holds for both.
#include "pipeline/frames/frame_memory.h"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

namespace fovea {

namespace {

// Whose they were is known of so many purges. More of them during one request count as its tenant's.
constexpr std::size_t purges_known_max = 256;

}  // namespace

FrameMemory::Look FrameMemory::look(const Key& source, const Key& tenant, const Key& image_key, const TileView& tile) {
  Look look{.source = source, .tenant = tenant, .at_ms = clock_.now_ms()};
  bool again = false;
  {
    MutexLock lock(mutex_);
    look.purges = purges_;
    const auto found = by_source_.find(source);
    again = found != by_source_.end() && found->second->seen.front() == image_key;
  }
  look.cells = near_.look(source, tile, again);
  look.outcome = look.cells.outcome;

  MutexLock lock(mutex_);
  Entry& entry = find_or_add(source);
  bytes_ -= entry.bytes();
  entry.tenant = tenant;
  if (!again) {
    std::ranges::shift_right(entry.seen, 1);
    entry.seen.front() = image_key;
  }
  entry.cell_bytes = NearFrames::bytes_for(tile.width, tile.height);
  bytes_ += entry.bytes();
  // A tile that is not near was compared with whatever is there: who asks for it compares keys.
  if (entry.encoded && (!look.cells.embedding || entry.encoded->embedding_key == *look.cells.embedding)) {
    look.encoded = entry.encoded;
    look.encoded_age_s = std::max(0.0, look.at_ms - entry.encoded_at_ms) / 1000;
  }
  // A purge in the middle of this, whose images the cells may be: they are not kept.
  if (was_purged(look.purges, tenant)) drop(by_source_.at(source));
  make_room();
  return look;
}

void FrameMemory::encoded(const Look& look, EncodedTile tile) {
  MutexLock lock(mutex_);
  const auto found = by_source_.find(look.source);
  if (was_purged(look.purges, look.tenant) || found == by_source_.end()) return;
  if (!near_.encoded(look.cells, tile.embedding_key, tile.embedding.as<float>())) return;
  Entry& entry = *found->second;
  // Another question about a picture makes it no newer.
  if (!entry.encoded || entry.encoded->image_key != tile.image_key) entry.encoded_at_ms = look.at_ms;
  bytes_ -= entry.bytes();
  entry.encoded = std::move(tile);
  bytes_ += entry.bytes();
  make_room();
}

void FrameMemory::purge(const PurgeLabel& label) {
  MutexLock lock(mutex_);
  ++purges_;
  purged_last_.push_back(label.everything ? std::nullopt : std::optional(label.tenant));
  if (purged_last_.size() > purges_known_max) purged_last_.pop_front();
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    const bool of_image = !label.image || std::ranges::contains(entry->seen, *label.image) ||
                          (entry->encoded && entry->encoded->image_key == *label.image);
    if (label.everything || (entry->tenant == label.tenant && of_image)) drop(entry);
    entry = next;
  }
}

std::uint64_t FrameMemory::purges() const {
  MutexLock lock(mutex_);
  return purges_;
}

bool FrameMemory::purged_since(std::uint64_t purges, const Key& tenant) const {
  MutexLock lock(mutex_);
  return was_purged(purges, tenant);
}

bool FrameMemory::was_purged(std::uint64_t purges, const Key& tenant) const {
  const std::uint64_t since = purges_ - purges;
  if (since > purged_last_.size()) return true;
  return std::ranges::any_of(purged_last_ | std::views::reverse | std::views::take(since),
                             [&](const std::optional<Key>& whose) { return !whose || *whose == tenant; });
}

FrameMemoryUse FrameMemory::use() const {
  MutexLock lock(mutex_);
  return {.sources = entries_.size(), .bytes = bytes_};
}

// Moves it to the front.
FrameMemory::Entry& FrameMemory::find_or_add(const Key& source) {
  if (const auto found = by_source_.find(source); found != by_source_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front();
  }
  entries_.push_front({.source = source, .tenant = {}, .seen = {}, .encoded = {}});
  by_source_.emplace(source, entries_.begin());
  bytes_ += entries_.front().bytes();
  return entries_.front();
}

void FrameMemory::drop(Entries::iterator entry) {
  near_.purge(entry->source);
  bytes_ -= entry->bytes();
  by_source_.erase(entry->source);
  entries_.erase(entry);
}

void FrameMemory::make_room() {
  while (bytes_ > bytes_max_ && !entries_.empty()) drop(std::prev(entries_.end()));
}

}  // namespace fovea
