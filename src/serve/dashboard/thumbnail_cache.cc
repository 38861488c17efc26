// A list in the order of use, with an index by tenant and key: an image that two tenants asked about is
// stored once for each, so that neither learns of the other. Decoding happens without the lock, and an entry
// that was purged meanwhile is not put back.
#include "serve/dashboard/thumbnail_cache.h"

#include <iterator>
#include <optional>

#include "image/decode.h"
#include "image/thumbnail.h"

namespace fovea::serve {

namespace {

// What an entry takes in the list and the index, so that many tiny files cannot exceed the bound.
constexpr std::uint64_t entry_bytes = 512;

// The source was decoded when it was asked about, under the operator's limits.
constexpr DecodeLimits no_further_limit{.source_bytes_max = UINT64_MAX};

std::optional<Blob> thumbnail_of(const Blob& source) {
  const auto image = decode(source.bytes(), no_further_limit);
  if (!image) return std::nullopt;
  auto small = thumbnail(*image);
  if (!small) return std::nullopt;
  return std::move(*small);
}

std::unexpected<Error> unknown_image() {
  return fail(Fault::not_found, "there is no such picture here: nobody asked about it with this key lately");
}

}  // namespace

void ThumbnailCache::offer(const std::string& tenant, const Key& key, const Blob& source) {
  MutexLock lock(mutex_);
  Name name(tenant, key);
  if (const auto known = index_.find(name); known != index_.end())
    entries_.splice(entries_.begin(), entries_, known->second);
  else
    put({std::move(name), source});
}

Result<Blob> ThumbnailCache::thumbnail(const std::string& tenant, const Key& key) {
  const auto entry = find({tenant, key});
  if (!entry) return std::unexpected(entry.error());
  if (entry->is_thumbnail) return entry->file;
  const Semaphore::Permit permit = making_.try_acquire();
  if (!permit) return fail(Fault::unavailable, "another picture is being made small: ask again in a moment");
  return make(*entry);
}

Result<Blob> ThumbnailCache::make(const Entry& entry) {
  auto small = thumbnail_of(entry.file);
  MutexLock lock(mutex_);
  const auto found = index_.find(entry.name);
  if (found == index_.end()) return unknown_image();  // purged meanwhile: it must not be shown any more
  remove(found->second);
  if (!small) return unknown_image();
  put({entry.name, *small, true});
  return *small;
}

Result<ThumbnailCache::Entry> ThumbnailCache::find(const Name& name) {
  MutexLock lock(mutex_);
  const auto found = index_.find(name);
  if (found == index_.end()) return unknown_image();
  return *found->second;
}

std::uint64_t ThumbnailCache::charge_of(const Entry& entry) {
  return entry.file.size() + entry.name.first.size() + entry_bytes;
}

void ThumbnailCache::put(Entry entry) {
  bytes_ += charge_of(entry);
  entries_.push_front(std::move(entry));
  index_[entries_.front().name] = entries_.begin();
  while (bytes_ > bytes_max_) remove(std::prev(entries_.end()));
}

void ThumbnailCache::remove(Entries::iterator entry) {
  bytes_ -= charge_of(*entry);
  index_.erase(entry->name);
  entries_.erase(entry);
}

void ThumbnailCache::purge(const std::string& tenant) {
  MutexLock lock(mutex_);
  for (auto at = index_.lower_bound({tenant, Key{}}); at != index_.end() && at->first.first == tenant;)
    remove((at++)->second);
}

void ThumbnailCache::purge(const std::string& tenant, const Key& key) {
  MutexLock lock(mutex_);
  if (const auto found = index_.find({tenant, key}); found != index_.end()) remove(found->second);
}

}  // namespace fovea::serve
