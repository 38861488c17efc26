#include "serve/thumbnail_cache.h"

#include <iterator>
#include <optional>

#include "image/decode.h"
#include "image/thumbnail.h"

namespace fovea::serve {

namespace {

// What a picture's place in the list and the map takes, so that many tiny files cannot outgrow the bound.
constexpr std::uint64_t place_bytes = 512;

// The source was decoded when it was asked about, under limits that were the operator's.
constexpr DecodeLimits as_it_came_in{.source_bytes_max = UINT64_MAX};

std::optional<Blob> made_small(const Blob& source) {
  const auto image = decode(source.bytes(), as_it_came_in);
  if (!image) return std::nullopt;
  auto small = thumbnail(*image);
  if (!small) return std::nullopt;
  return std::move(*small);
}

std::unexpected<Error> not_here() {
  return fail(Fault::not_found, "there is no such picture here: nobody asked about it with this key lately");
}

}  // namespace

void ThumbnailCache::offer(const std::string& tenant, const Key& key, const Blob& source) {
  MutexLock lock(mutex_);
  Name name(tenant, key);
  if (const auto known = places_.find(name); known != places_.end())
    pictures_.splice(pictures_.begin(), pictures_, known->second);
  else
    put({std::move(name), source});
}

Result<Blob> ThumbnailCache::thumbnail(const std::string& tenant, const Key& key) {
  const auto known = find({tenant, key});
  if (!known) return std::unexpected(known.error());
  if (known->is_thumbnail) return known->file;
  const Semaphore::Permit permit = making_.try_acquire();
  if (!permit) return fail(Fault::unavailable, "another picture is being made small: ask again in a moment");
  return make(*known);
}

Result<Blob> ThumbnailCache::make(const Picture& picture) {
  auto small = made_small(picture.file);
  MutexLock lock(mutex_);
  const auto place = places_.find(picture.name);
  if (place == places_.end()) return not_here();  // forgotten meanwhile, so not to be seen any more
  remove(place->second);
  if (!small) return not_here();
  put({picture.name, *small, true});
  return *small;
}

Result<ThumbnailCache::Picture> ThumbnailCache::find(const Name& name) {
  MutexLock lock(mutex_);
  const auto place = places_.find(name);
  if (place == places_.end()) return not_here();
  return *place->second;
}

std::uint64_t ThumbnailCache::charge_of(const Picture& picture) {
  return picture.file.size() + picture.name.first.size() + place_bytes;
}

void ThumbnailCache::put(Picture picture) {
  bytes_ += charge_of(picture);
  pictures_.push_front(std::move(picture));
  places_[pictures_.front().name] = pictures_.begin();
  while (bytes_ > bytes_max_) remove(std::prev(pictures_.end()));
}

void ThumbnailCache::remove(Pictures::iterator picture) {
  bytes_ -= charge_of(*picture);
  places_.erase(picture->name);
  pictures_.erase(picture);
}

void ThumbnailCache::purge(const std::string& tenant) {
  MutexLock lock(mutex_);
  for (auto place = places_.lower_bound({tenant, Key{}}); place != places_.end() && place->first.first == tenant;)
    remove((place++)->second);
}

void ThumbnailCache::purge(const std::string& tenant, const Key& key) {
  MutexLock lock(mutex_);
  if (const auto place = places_.find({tenant, key}); place != places_.end()) remove(place->second);
}

}  // namespace fovea::serve
