// A state behind a picture makes its embeddings unneeded, so they are moved only where there is none. A
// tiling is small, and is read as a request would read it: nobody is told its store's hits and misses. It
// names a tile's key as often as that looks the same, and what is moved is moved once.
#include "pipeline/levels/stored_pictures.h"

#include <algorithm>

namespace fovea {

namespace {

std::vector<Key> distinct(std::span<const Key> keys) {
  std::vector<Key> distinct;
  for (const Key& key : keys) {
    if (!std::ranges::contains(distinct, key)) distinct.push_back(key);
  }
  return distinct;
}

std::vector<PrefetchAccount::Part> moved_by(Store& store, std::span<const Key> keys, const Key& scope,
                                            const WaitLimits& limits) {
  const std::vector<std::uint64_t> bytes = store.prefetch(keys, scope, limits);
  std::vector<PrefetchAccount::Part> parts;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (bytes[i] > 0) parts.push_back({.key = keys[i], .bytes = bytes[i]});
  }
  return parts;
}

}  // namespace

bool StoredPictures::lacks(const KnownPicture& picture) {
  if (picture.prefix) return !stores_.prefixes.contains(*picture.prefix);
  const auto tiling = tiling_in_memory(picture);
  if (!tiling) return true;
  return !std::ranges::all_of(tiling->embedding_keys,
                              [this](const Key& key) { return stores_.embeddings.contains(key); });
}

double StoredPictures::wait_ms(const KnownPicture& picture) {
  if (picture.prefix) return stores_.prefixes.fetch_ms(1);
  const auto tiling = tiling_in_memory(picture);
  return stores_.embeddings.fetch_ms(tiling ? distinct(tiling->embedding_keys).size() : 1);
}

std::vector<PrefetchAccount::Part> StoredPictures::move(const KnownPicture& picture, const std::stop_token& stop) {
  const WaitLimits limits{.stop = stop, .deadline = {}, .ahead = true};
  if (picture.prefix) {
    auto parts = moved_by(stores_.prefixes, std::span(&*picture.prefix, 1), picture.scope, limits);
    if (!parts.empty() || stores_.prefixes.contains(*picture.prefix)) return parts;
  }
  const auto record = stores_.tilings.find(picture.tiling, picture.scope, limits);
  const auto tiling = record ? StoredTiling::from_payload(record->payload) : std::nullopt;
  if (!tiling) return {};
  return moved_by(stores_.embeddings, distinct(tiling->embedding_keys), picture.scope, limits);
}

bool StoredPictures::in_memory(const Key& key) const {
  return stores_.embeddings.contains(key) || stores_.prefixes.contains(key);
}

PictureMover::Turnover StoredPictures::turnover() const {
  const LevelStats stats = stores_.embeddings.stats();
  return {.entries = stats.entries, .evictions = stats.evictions};
}

std::optional<StoredTiling> StoredPictures::tiling_in_memory(const KnownPicture& picture) {
  if (!stores_.tilings.contains(picture.tiling)) return std::nullopt;
  const auto record = stores_.tilings.find(picture.tiling, picture.scope);
  return record ? StoredTiling::from_payload(record->payload) : std::nullopt;
}

}  // namespace fovea
