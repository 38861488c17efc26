#include "serve/wire/media_type.h"

#include "image/format.h"
#include "video/container.h"

namespace fovea::serve {

// HEIC and AVIF lie in the same container as MP4: so pictures come first.
std::string_view media_type_of(std::span<const std::byte> source) {
  const Format format = format_of(source);
  switch (format == Format::none ? container_of(source) : Container::none) {
    case Container::none:
      break;
    case Container::mp4:
      return "video/mp4";
    case Container::matroska:
      return "video/webm";
    case Container::avi:
      return "video/x-msvideo";
    case Container::mpeg_ts:
      return "video/mp2t";
    case Container::mpeg_ps:
      return "video/mpeg";
    case Container::ogg:
      return "video/ogg";
    case Container::flv:
      return "video/x-flv";
  }
  return media_type(format);
}

}  // namespace fovea::serve
