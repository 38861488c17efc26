// The keys of the levels. Each holds everything that could change its value and nothing a client chose freely:
// no file name, no URL, no client id. Pure functions.
#pragma once

#include <span>
#include <string_view>

#include "engine/engine.h"
#include "fovea/key.h"

namespace fovea {

// A tenant in an entry's terms (EntryTerms::tenant): for sweeps and statistics. Two tenants may have one number.
std::uint32_t tenant_number(std::string_view tenant);

// Names one tile's embedding: who may see it, what encodes, and exactly what is encoded.
Key embedding_key(std::string_view tenant, const Key& vision_fingerprint, const Key& tile_input);

// Names the list of a picture's tiles, so that a picture seen before need not be cut again.
Key tiling_key(std::string_view tenant, const Key& vision_fingerprint, const Key& image_key);

// Where a request's prefix chain begins: who may see it, and everything besides the prompt that decides the decoder's
// state.
Key prefix_root(std::string_view tenant, const VisionLanguageEngine& engine);

// Names an answer: everything that decides the next token, every time. `image_keys` are those of the request's sources.
// REQUIRES: every ImageSlot in `prompt` is below image_keys.size(); options.deterministic().
Key response_key(std::string_view tenant, const VisionLanguageEngine& engine, const Prompt& prompt,
                 std::span<const Key> image_keys, const GenerateOptions& options);

}  // namespace fovea
