// picture_size: a picture's sides as its file's header has them, without decoding. A pure function over
// hostile bytes; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace fovea {

struct PictureSize {
  std::uint32_t width = 0, height = 0;  // as stored: a camera's turned picture is not turned upright
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

// Of a JPEG, PNG, WebP or GIF file; nullopt of others, and where the header is damaged.
std::optional<PictureSize> picture_size(std::span<const std::byte> source);

}  // namespace fovea
