#include "engine/prefix_hash.h"

namespace fovea {

Key hash_token(const Key& before, std::int32_t token) {
  return KeyBuilder("fovea/prefix-token/1").field(before).field(token).finish();
}

Key hash_tile(const Key& before, const Key& image_key, std::uint32_t number) {
  return KeyBuilder("fovea/prefix-tile/1").field(before).field(image_key).field(number).finish();
}

std::vector<Key> hash_prefixes(const Key& root, std::span<const PromptItem> items, std::span<const Key> image_keys) {
  std::vector<Key> hashes;
  hashes.reserve(items.size());
  Key hash = root;
  for (const PromptItem& item : items) {
    hash = item.tile ? hash_tile(hash, image_keys[item.tile->image], item.tile->number) : hash_token(hash, item.token);
    hashes.push_back(hash);
  }
  return hashes;
}

}  // namespace fovea
