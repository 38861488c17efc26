// Prefix hashes: name the prefix of a prompt and its answer behind each item.
//
// A prefix hash is the hash of the prefix hash before it and of the item. So two requests have a prefix hash
// in common exactly where everything up to it is equal. The hash before the first item, the root, names the
// tenant and the model. Pure functions.
#pragma once

#include <span>
#include <vector>

#include "engine/prompt_layout.h"
#include "fovea/key.h"

namespace fovea {

// The prefix hash behind a text token, or behind a tile, where `before` is the one before it.
Key hash_token(const Key& before, std::int32_t token);
Key hash_tile(const Key& before, const Key& image_key, std::uint32_t number);

// The prefix hash behind each of `items`. REQUIRES: every tile's image is below image_keys.size().
std::vector<Key> hash_prefixes(const Key& root, std::span<const PromptItem> items, std::span<const Key> image_keys);

}  // namespace fovea
