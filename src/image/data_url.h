// data: URLs (RFC 2397): images inside a request. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fovea/blob.h"
#include "fovea/result.h"

namespace fovea {

// In any case of letters, and with white space in front, as people paste them.
bool is_data_url(std::string_view url);

// The bytes of a data: URL as RFC 2397 describes it and as people write it: "base64" in any case and behind
// or before other parameters, or absent (the data is percent-encoded text then); no media type; of base64
// either alphabet, with or without padding, with white space, and percent-encoded as well. The media type is
// ignored: decode() recognises the format by the content.
// Faults: invalid, where it has no comma, is broken or holds no bytes; too_large, above `bytes_max`. No
// message repeats the data.
Result<Blob> decode_data_url(std::string_view url, std::uint64_t bytes_max);

// The bytes of base64 alone, in either alphabet, with or without padding, with white space. Faults: as above.
Result<Blob> decode_base64(std::string_view base64, std::uint64_t bytes_max);

// What is behind the comma of a base64 data: URL of this media type, which is given in lower case; nullopt of
// other URLs.
std::optional<std::string_view> data_of_type(std::string_view url, std::string_view media_type);

// The bytes as a base64 data: URL.
std::string encode_data_url(std::string_view media_type, const Blob& bytes);

}  // namespace fovea
