// data: URLs (RFC 2397): images inside a request. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/blob.h"
#include "fovea/result.h"

namespace fovea::serve {

inline bool is_data_url(std::string_view url) { return url.starts_with("data:"); }

// The bytes of a base64 data: URL. Its media type is ignored: decode() recognises the format by the content.
// Faults: invalid, where it is not base64 or holds no bytes; too_large, above `bytes_max`.
Result<Blob> decode_data_url(std::string_view url, std::uint64_t bytes_max);

// The bytes as a base64 data: URL.
std::string encode_data_url(std::string_view media_type, const Blob& bytes);

}  // namespace fovea::serve
