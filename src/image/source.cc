#include "image/source.h"

#include "image/vips.h"

namespace fovea {

Key source_key(std::span<const std::byte> source) {
  return KeyBuilder("fovea/source/2").field(decoders()).field(source).finish();
}

}  // namespace fovea
