// The codings of a request's body (Content-Encoding): gzip, deflate (zlib) and zstd, which are undone before
// a handler sees the body. Pure functions over hostile bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "serve/http/body_memory.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

enum class ContentCoding { identity, gzip, deflate, zstd };

// What a 415 says in Accept-Encoding.
inline constexpr const char* known_codings = "gzip, deflate, zstd";

// By the field's value; nullopt for a coding that is not known, and for several.
std::optional<ContentCoding> content_coding_of(std::string_view field);

// `body` without its coding, in memory that `decoded` brings. `bytes_max` bounds the result.
// Refused: 400 for bytes that are no such coding, 413 above the bound, 503 where the memory for bodies is
// full.
Parsed<void> decode_body(ContentCoding coding, std::string_view body, std::uint64_t bytes_max, BodyBytes& decoded);

}  // namespace fovea::serve
