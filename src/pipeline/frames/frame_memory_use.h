// FrameMemoryUse: how much is kept of what frames are compared with. A plain value.
#pragma once

#include <cstdint>

namespace fovea {

struct FrameMemoryUse {
  std::uint64_t sources = 0;  // places of tiles in cameras' frames
  std::uint64_t bytes = 0;
};

}  // namespace fovea
