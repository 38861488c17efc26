#include "image/decode_fault.h"

#include <algorithm>
#include <format>
#include <string_view>

namespace fovea {

Result<void> within(const DecodeLimits& limits, std::uint64_t width, std::uint64_t height) {
  if (width == 0 || height == 0) return fail(Fault::invalid, "The picture has no pixels: send another.");
  if (std::max(width, height) > limits.side_max) {
    return fail(Fault::too_large,
                std::format("The picture is {} x {} pixels; no side may be longer than {}: scale it down.", width,
                            height, limits.side_max));
  }
  if (width * height > limits.pixels_max) {
    return fail(Fault::too_large,
                std::format("The picture has {} x {} = {} pixels; at most {} are read: scale it down.", width, height,
                            width * height, limits.pixels_max));
  }
  return {};
}

std::unexpected<Error> damaged(Format format) {
  // libheif's codecs are plugins that may be missing. What libtiff refuses may be whole, in a rare layout.
  const std::string_view other = format == Format::heif   ? ", or its codec is not installed here"
                                 : format == Format::tiff ? ", or stored in a way Fovea does not read, such as LAB"
                                                          : "";
  return fail(Fault::invalid,
              std::format("The {} picture is damaged or cut short{}: send it again from the original{}.",
                          to_string(format), other, format == Format::tiff ? ", as RGB" : ""));
}

std::unexpected<Error> rare_colours(Format format) {
  return fail(Fault::unsupported,
              std::format("The {} picture's colours are stored in a way Fovea does not read: save it as RGB.",
                          to_string(format)));
}

}  // namespace fovea
