// The keys of the levels. Each holds everything that could change its value and nothing a client chose
// freely: no file name, no URL, no client id. Pure functions.
#pragma once

#include <span>
#include <string_view>

#include "engine/engine.h"
#include "fovea/key.h"
#include "pipeline/request.h"

namespace fovea {

// Names one tile's embedding: who may see it, what encodes, and exactly what is encoded.
Key embedding_key(std::string_view scope, const Key& vision_fingerprint, const Key& tile_input);

// Names the list of an image's tiles, so that an image seen before need not be preprocessed again.
Key tiling_key(std::string_view scope, const Key& vision_fingerprint, const Key& image_key);

// Where a request's prefix hashes begin: who may see it, and everything besides the prompt that decides the
// decoder's state.
Key prefix_root(std::string_view scope, const VisionLanguageEngine& engine);

// Names an answer: everything that decides the next token, every time. `image_keys` are those of the
// request's sources.
// REQUIRES: every ImageSlot in `prompt` is below image_keys.size(); options.deterministic().
Key response_key(std::string_view scope, const VisionLanguageEngine& engine, const Prompt& prompt,
                 std::span<const Key> image_keys, const GenerateOptions& options);

// Names what one pipeline makes a response key of: the messages as they were sent, everything else that
// rendering reads, and all that response_key() has besides the prompt. Two requests of the same one have the
// same response key; not the other way round.
// REQUIRES: every ImageSlot in the messages is below image_keys.size(); the request has no rendered prompt.
Key request_key(std::string_view scope, const VisionLanguageEngine& engine, const Request& request,
                std::span<const Key> image_keys);

}  // namespace fovea
