// Three hash tables: an entry's labels, and the entries of each tenant and of each pair of tenant and image.
// An entry that goes is found in the two others by its labels, so that nothing is walked.
#include "store/purge_index.h"

namespace fovea {

namespace {

Key pair_of(const Key& tenant, const Key& image) {
  return KeyBuilder("fovea/purge-index/1").field(tenant).field(image).finish();
}

}  // namespace

void PurgeIndex::add(const Key& key, const Key& tenant, std::span<const Key> images) {
  remove(key);
  entries_.emplace(key, Labels{tenant, std::vector(images.begin(), images.end())});
  by_tenant_[tenant].insert(key);
  for (const Key& image : images) by_image_[pair_of(tenant, image)].insert(key);
}

void PurgeIndex::remove(const Key& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  const Labels labels = std::move(found->second);
  entries_.erase(found);
  remove_from(by_tenant_, labels.tenant, key);
  for (const Key& image : labels.images) remove_from(by_image_, pair_of(labels.tenant, image), key);
}

std::vector<Key> PurgeIndex::of(const Key& tenant) const { return members(by_tenant_, tenant); }

std::vector<Key> PurgeIndex::of(const Key& tenant, const Key& image) const {
  return members(by_image_, pair_of(tenant, image));
}

std::vector<Key> PurgeIndex::all() const {
  std::vector<Key> keys;
  keys.reserve(entries_.size());
  for (const auto& [key, labels] : entries_) keys.push_back(key);
  return keys;
}

const PurgeIndex::Labels* PurgeIndex::labels_of(const Key& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

void PurgeIndex::remove_from(Groups& groups, const Key& group, const Key& key) {
  const auto found = groups.find(group);
  if (found == groups.end()) return;
  found->second.erase(key);
  if (found->second.empty()) groups.erase(found);
}

std::vector<Key> PurgeIndex::members(const Groups& groups, const Key& group) {
  const auto found = groups.find(group);
  return found == groups.end() ? std::vector<Key>() : std::vector<Key>(found->second.begin(), found->second.end());
}

}  // namespace fovea
