// PictureName: the name of a picture in a workload: its number, and how often it has changed. A plain value.
#pragma once

#include <cstdint>

namespace fovea {

struct PictureName {
  std::uint32_t number = 0;
  std::uint32_t step = 0;  // of a camera or a screen; 0 for a picture that does not change
  friend bool operator==(const PictureName&, const PictureName&) = default;
};

}  // namespace fovea
