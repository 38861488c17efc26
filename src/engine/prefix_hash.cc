#include "engine/prefix_hash.h"

namespace fovea {

Key hash_token(const Key& before, std::int32_t token) {
  return KeyBuilder("fovea/prefix-token/1").field(before).field(token).finish();
}

Key hash_tile(const Key& before, const Key& image_key, std::uint32_t number) {
  return KeyBuilder("fovea/prefix-tile/1").field(before).field(image_key).field(number).finish();
}

std::vector<Key> hash_prefixes(const Key& root, std::span<const PromptItem> items, std::span<const Key> image_keys) {
  std::vector<Key> links;
  links.reserve(items.size());
  Key link = root;
  for (const PromptItem& item : items) {
    link = item.tile ? hash_tile(link, image_keys[item.tile->image], item.tile->number) : hash_token(link, item.token);
    links.push_back(link);
  }
  return links;
}

}  // namespace fovea
