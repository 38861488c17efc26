#include "engine/prefix_chain.h"

namespace fovea {

Key chain_token(const Key& before, std::int32_t token) {
  return KeyBuilder("fovea/prefix-token/1").field(before).field(token).finish();
}

Key chain_tile(const Key& before, const Key& image_key, std::uint32_t number) {
  return KeyBuilder("fovea/prefix-tile/1").field(before).field(image_key).field(number).finish();
}

std::vector<Key> prefix_chain(const Key& root, std::span<const PromptItem> items, std::span<const Key> image_keys) {
  std::vector<Key> links;
  links.reserve(items.size());
  Key link = root;
  for (const PromptItem& item : items) {
    link =
        item.tile ? chain_tile(link, image_keys[item.tile->image], item.tile->number) : chain_token(link, item.token);
    links.push_back(link);
  }
  return links;
}

}  // namespace fovea
