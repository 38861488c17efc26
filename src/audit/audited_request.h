// AuditedRequest: one request of a log as an audit sees it: hashes, sizes and times, and none of its content.
//
// Readers of logs make it and hand it to a callback, which copies what it keeps: the next request is written
// over it, so that its memory is used again. Of names it has those of clients, routes and models, as the log
// has them; API keys are hashed before they come here. Hashes are 64 bits of BLAKE3: of a log of 10^7 texts,
// two different ones have the same with a chance of 3 in a million. All numbers that a log lacks are nullopt.
// A plain value.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "image/format.h"

namespace fovea {

// other: audio, a document, a video, a picture of which nothing is told.
enum class PartKind : std::uint8_t { text, image, other };
// tools: definitions of tools, each a part of its own. They come before all messages.
enum class PartRole : std::uint8_t { system, user, assistant, tool, tools };

// What varies in a text, as bits of AuditedPart::variables: the runs that its masked hash passes over.
enum Variable : std::uint8_t {
  variable_number = 1,  // a run of digits that is no time
  variable_time = 2,    // a date or a time: 2026-11-30T05:00, 5:30, seconds since 1970, names of days, months
  variable_id = 4,      // a UUID, 8 or more hexadecimal digits, or letters and digits mixed as ids are
};

// One piece of a request's prompt. Parts are in the order in which the model reads them.
struct AuditedPart {
  static constexpr std::uint32_t no_picture = UINT32_MAX;

  PartKind kind = PartKind::text;
  PartRole role = PartRole::user;
  std::uint8_t variables = 0;          // bits of Variable; of texts
  std::uint32_t message = 0;           // which of the request's messages it is in, from 0
  std::uint32_t bytes = 0;             // of the text, or of the picture's source (0 if it is not there)
  std::uint32_t variable_at = 0;       // the byte where the first variable begins; `bytes` if there is none
  std::uint32_t picture = no_picture;  // of images: index into AuditedRequest::pictures
  std::uint32_t prefixes = 0;          // of texts: how many prefix hashes it has, and
  std::uint32_t prefixes_begin = 0;    // the first of them in AuditedRequest::prefix_hashes
  std::uint64_t hash = 0;              // of the text; of images AuditedPicture::source_hash
  // Of a text without its variables; of a picture by URL, of the URL without query and fragment; else `hash`.
  std::uint64_t masked_hash = 0;
};

// Prefix hash i of a text is that of its first prefix_bytes(i) bytes. A text has those for which it is long
// enough, and `prefix_hashes_max` at most: 64 tokens apart at first, then an eighth of the length, up to
// 1.4 MiB.
inline constexpr std::uint32_t prefix_hashes_max = 64;
constexpr std::uint32_t prefix_bytes(std::uint32_t index) {
  std::uint32_t bytes = 256;
  for (; index > 0; --index) bytes += std::max<std::uint32_t>(256, bytes / 8);
  return bytes;
}

enum class PictureDetail : std::uint8_t { none, automatic, low, high };  // none: the request does not say

// One picture of a request.
struct AuditedPicture {
  std::uint64_t source_hash = 0;  // of the file's bytes; of its URL or path if they are not there
  bool by_url = false;            // its bytes are not there: all that is known of it is its name
  PictureDetail detail = PictureDetail::none;
  Format format = Format::none;
  std::uint32_t bytes = 0;  // of the file; 0 if by_url
  std::uint32_t width = 0;  // upright, in pixels; 0 if unknown
  std::uint32_t height = 0;
  // Of the pixels, where they were decoded: which image it is whatever its file; and 64 bits of its coarse
  // look, of which re-encoded and resized copies have few that differ (a Hamming distance of 6 or less).
  std::optional<std::uint64_t> image_hash;
  std::optional<std::uint64_t> look;
  std::uint32_t tiles = 0;        // how many tile hashes it has, and
  std::uint32_t tiles_begin = 0;  // the first of them in AuditedRequest::tile_hashes
};

// Tile hashes are of the pixels of squares of `tile_side` from the top left, row by row; those at the right
// and the bottom are smaller. The sides are doubled until there are no more than `tile_hashes_max`.
inline constexpr std::uint32_t tile_side = 256;
inline constexpr std::uint32_t tile_hashes_max = 64;

struct AuditedRequest {
  std::optional<double> time_ms;  // when it was asked, since 1970
  std::string client;             // who asked: a user, an alias of an API key, an address; empty if unknown
  std::string route;              // the path, such as "/v1/chat/completions", or the log's name of the API
  std::string model;
  std::uint64_t settings_hash = 0;  // of what changes an answer besides prompt and model, as temperature does
  bool deterministic = false;       // temperature 0, or a seed: an equal request gets an equal answer
  std::uint16_t status = 0;         // HTTP's; 0 if unknown
  std::optional<std::uint32_t> prompt_tokens;
  std::optional<std::uint32_t> cached_tokens;  // of those, which the provider says that it had
  std::optional<std::uint32_t> answer_tokens;
  std::optional<double> duration_ms;
  std::optional<double> first_token_ms;
  std::vector<AuditedPart> parts;
  std::vector<AuditedPicture> pictures;
  std::vector<std::uint64_t> prefix_hashes;
  std::vector<std::uint64_t> tile_hashes;
};

}  // namespace fovea
