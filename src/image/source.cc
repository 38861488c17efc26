#include "image/source.h"

namespace fovea {

Key source_key(std::span<const std::byte> source) { return KeyBuilder("fovea/source/1").field(source).finish(); }

}  // namespace fovea
