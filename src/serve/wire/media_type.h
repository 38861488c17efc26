// media_type_of: the media type of a picture's or a video's bytes, told by their content. A pure function;
// thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace fovea::serve {

// "image/png", "video/mp4"; application/octet-stream where they are of no format that is read here.
std::string_view media_type_of(std::span<const std::byte> source);

}  // namespace fovea::serve
