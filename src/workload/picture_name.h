// PictureName: which picture of a workload, and how far it has changed since it was first seen.
#pragma once

#include <cstdint>

namespace fovea {

struct PictureName {
  std::uint32_t number = 0;
  std::uint32_t step = 0;  // of a camera's frame or a screen; 0 for what does not change
  friend bool operator==(const PictureName&, const PictureName&) = default;
};

}  // namespace fovea
