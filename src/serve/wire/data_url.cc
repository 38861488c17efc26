#include "serve/wire/data_url.h"

#include <simdutf.h>

#include <format>

#include "base/units.h"

namespace fovea::serve {

Result<Blob> decode_data_url(std::string_view url, std::uint64_t bytes_max) {
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos || !url.substr(0, comma).ends_with(";base64")) {
    return fail(Fault::invalid,
                "a picture's data: URL is written data:image/jpeg;base64,DATA; this one is not base64 or has no data");
  }
  const std::string_view base64 = url.substr(comma + 1);
  const std::size_t bytes = simdutf::maximal_binary_length_from_base64(base64.data(), base64.size());
  if (bytes > bytes_max) {
    return fail(Fault::too_large, std::format("a picture of {} is over the limit of {}: send a smaller one",
                                              format_bytes(bytes), format_bytes(bytes_max)));
  }
  simdutf::result decoded;
  const Blob blob = Blob::filled(bytes, [&](std::span<std::byte> out) {
    decoded = simdutf::base64_to_binary(base64.data(), base64.size(), reinterpret_cast<char*>(out.data()));
  });
  if (decoded.error != simdutf::error_code::SUCCESS) {
    return fail(Fault::invalid,
                std::format("the picture's base64 is broken near character {}: encode it again", decoded.count));
  }
  if (decoded.count == 0) return fail(Fault::invalid, "the picture's data: URL holds no bytes");
  // The estimate counted padding and white space: the blob is longer than what was decoded.
  return Blob::sharing(std::make_shared<Blob>(blob), blob.bytes().first(decoded.count));
}

std::string encode_data_url(std::string_view media_type, const Blob& bytes) {
  std::string url = std::format("data:{};base64,", media_type);
  const std::size_t start = url.size();
  url.resize(start + simdutf::base64_length_from_binary(bytes.size()));
  simdutf::binary_to_base64(reinterpret_cast<const char*>(bytes.bytes().data()), bytes.size(), url.data() + start);
  return url;
}

}  // namespace fovea::serve
