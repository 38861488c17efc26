// The index must never lack an entry that the level holds, or a purge would leave it behind. So an entry is
// indexed before it is inserted, under the lock that purges take, and the index may know entries that were
// evicted meanwhile: it is compared with the level whenever it may have grown by a 64th.
//
// Evictions are told under the lock of the budget, when they happen, by whichever store needs the room. So an
// entry's may be told before the entry itself is. Whoever tells of an entry looks behind it whether the level
// still has it, and takes it back otherwise.
//
// What is held when recording begins is collected first, without the store's lock, and then told in portions
// under it, so that insertions and purges get their turn. What was collected may be old by then. An entry
// that has gone is not told, and one that was inserted meanwhile was told as that.
#include "store/memory_store.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>

namespace fovea {

namespace {

constexpr std::size_t compare_after_min = 256;  // insertions: below, the index is small whatever it holds
constexpr std::size_t compare_after_part = 64;
constexpr std::size_t told_at_once = 64;  // entries, before others have their turn

// An entry as the level knows it.
struct SeenEntry {
  Key key;
  RecordKind kind = RecordKind::embedding;
  Key scope;
  double cost_ms = 0;
  std::uint64_t bytes = 0;
  std::uint32_t unnamed_images = 0;
};

std::deque<SeenEntry> entries_of(const Level& level) {
  std::deque<SeenEntry> entries;  // grows in the level's lock without moving what it has
  level.for_each([&](const EntryView& entry) {
    const auto record = view_record(entry.value);
    if (!record) return;
    const RecordHeader& header = record->header;
    entries.push_back(
        {entry.key, header.kind, header.scope, header.cost_ms, entry.value.size(), header.unnamed_images()});
  });
  return entries;
}

// Those that a request finds the entry by: who sends it where its pictures are has no use for the others.
std::span<const Key> told_images(std::span<const Key> images, std::uint32_t unnamed) {
  return images.first(images.size() - std::min<std::size_t>(unnamed, images.size()));
}

EntryFacts facts_of(const RecordHeader& header, const Blob& record, const Key& tenant, std::span<const Key> images) {
  return {.kind = header.kind,
          .scope = header.scope,
          .tenant = tenant,
          .images = told_images(images, header.unnamed_images()),
          .cost_ms = header.cost_ms,
          .bytes = record.size()};
}

}  // namespace

std::optional<Record> MemoryStore::find(const Key& key, const Key& scope, const WaitLimits&) {
  const auto hit = level_.find(key);
  if (!hit) return std::nullopt;
  auto record = view_record(hit->value);
  if (!record || record->header.kind != kind_ || record->header.scope != scope) return std::nullopt;
  return std::move(*record);
}

std::optional<Store::Longest> MemoryStore::find_longest(std::span<const Key> keys, std::optional<std::size_t> expected,
                                                        const Key& scope, const WaitLimits& limits) {
  for (std::size_t index = keys.size(); index-- > 0;) {
    if (!level_.contains(keys[index])) continue;
    if (auto record = find(keys[index], scope, limits)) return Longest{index, std::move(*record)};
  }
  if (expected) level_.find(keys[*expected]);  // counts the miss
  return std::nullopt;
}

std::vector<std::optional<Record>> MemoryStore::find_many(std::span<const Key> keys, const Key& scope,
                                                          const WaitLimits& limits) {
  std::vector<std::optional<Record>> records;
  records.reserve(keys.size());
  for (const Key& key : keys) records.push_back(find(key, scope, limits));
  return records;
}

bool MemoryStore::insert(const Key& key, const Blob& record, const PurgeLabels& labels) {
  const auto view = view_record(record);
  if (!view) return false;
  MutexLock lock(mutex_);
  index_.add(key, labels.tenant, labels.images);
  const Insertion inserted = level_.insert(key, record,
                                           {.cost_ms = view->header.cost_ms,
                                            .importance = view->header.importance,
                                            .extra_bytes = PurgeIndex::bytes_of(labels.images.size())});
  if (inserted != Insertion::stored) index_.remove(key);
  if (told()) {
    if (inserted == Insertion::stored)
      events_->stored(key, facts_of(view->header, record, labels.tenant, labels.images));
    if (!level_.contains(key)) events_->left(key, PictureChange::evicted);
  }
  ++inserted_;
  drop_evicted();
  return inserted == Insertion::stored;
}

std::size_t MemoryStore::purge(const Key& tenant) {
  MutexLock lock(mutex_);
  return erase_locked(index_.of(tenant));
}

std::size_t MemoryStore::purge(const Key& tenant, const Key& image) {
  MutexLock lock(mutex_);
  return erase_locked(index_.of(tenant, image));
}

std::size_t MemoryStore::purge(const PurgeLabel& label) {
  MutexLock lock(mutex_);
  if (label.everything) return erase_locked(index_.all());
  return erase_locked(label.image ? index_.of(label.tenant, *label.image) : index_.of(label.tenant));
}

std::vector<Record> MemoryStore::records_of(const Key& tenant, const Key& image) {
  std::vector<Record> records;
  MutexLock lock(mutex_);
  for (const Key& key : index_.of(tenant, image)) {
    const auto hit = level_.find(key);
    if (auto record = hit ? view_record(hit->value) : std::unexpected(RecordFault::too_short))
      records.push_back(std::move(*record));
  }
  return records;
}

std::size_t MemoryStore::erase(std::span<const Key> keys) {
  MutexLock lock(mutex_);
  return erase_locked(keys);
}

std::size_t MemoryStore::erase_locked(std::span<const Key> keys) {
  std::size_t erased = 0;
  for (const Key& key : keys) {
    index_.remove(key);
    if (!level_.erase(key)) continue;
    ++erased;
    if (told()) events_->left(key, PictureChange::purged);
  }
  return erased;
}

void MemoryStore::tell(PictureEvents& events) {
  events_ = &events;
  level_.on_eviction([&events](const Key& key) {
    if (events.recording()) events.left(key, PictureChange::evicted);
  });
  events.add(*this);
}

void MemoryStore::tell_entries() {
  std::deque<SeenEntry> entries = entries_of(level_);
  while (!entries.empty()) {
    MutexLock lock(mutex_);
    for (std::size_t told = 0; told < told_at_once && !entries.empty(); ++told) {
      const SeenEntry& seen = entries.front();
      const PurgeIndex::Labels* labels = index_.labels_of(seen.key);
      if (labels != nullptr) {
        events_->holds(seen.key, {.kind = seen.kind,
                                  .scope = seen.scope,
                                  .tenant = labels->tenant,
                                  .images = told_images(labels->images, seen.unnamed_images),
                                  .cost_ms = seen.cost_ms,
                                  .bytes = seen.bytes});
        if (!level_.contains(seen.key)) events_->left(seen.key, PictureChange::evicted);
      }
      entries.pop_front();
    }
  }
}

void MemoryStore::drop_evicted() {
  if (inserted_ < std::max(compare_after_min, index_.size() / compare_after_part)) return;
  inserted_ = 0;
  index_.drop_if([this](const Key& key) { return !level_.contains(key); });
}

}  // namespace fovea
