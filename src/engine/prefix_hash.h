// Prefix chain: names what a decoder has read, after each item of it.
//
// A link holds everything before it: it is the hash of the link before and of the item. So two requests share a link
// exactly where they agree on all that came before, and the link of the first item's predecessor, the root, says for
// whom and by which model. Pure functions.
#pragma once

#include <span>
#include <vector>

#include "engine/prompt_layout.h"
#include "fovea/key.h"

namespace fovea {

Key hash_token(const Key& before, std::int32_t token);
Key hash_tile(const Key& before, const Key& image_key, std::uint32_t number);

// The links behind each of `items`. REQUIRES: every tile's image is below image_keys.size().
std::vector<Key> hash_prefixes(const Key& root, std::span<const PromptItem> items, std::span<const Key> image_keys);

}  // namespace fovea
