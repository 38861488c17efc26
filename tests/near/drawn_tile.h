// DrawnTile: tiles as a camera gives them: a scene of a few plain areas with texture, and Gaussian noise
// whose variance grows with the level. Deterministic by seed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "near/tile_cells.h"

namespace fovea::test {

inline constexpr float drawn_level = 2.0F / 255;  // one of 255 levels, where values lie from -1 to 1

class DrawnTile {
 public:
  DrawnTile(std::uint32_t width, std::uint32_t height, std::uint32_t seed)
      : width_(width), height_(height), random_(seed), scene_(std::size_t{3} * width * height) {
    std::uniform_real_distribution<float> level(40, 220);
    const float base[3] = {level(random_), level(random_), level(random_)};
    for (std::size_t i = 0; i < scene_.size(); ++i) {
      const std::size_t x = i % width, y = i / width % height;
      const bool left = x < width / 3;
      scene_[i] =
          base[i / (std::size_t{width} * height)] * (left ? 0.5F : 1.0F) + static_cast<float>((x * 7 + y * 3) % 5);
    }
  }

  // Paints a square of the scene brighter by `levels`, darker where these are negative.
  void paint(std::uint32_t x, std::uint32_t y, std::uint32_t side, float levels) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      for (std::uint32_t row = y; row < std::min(height_, y + side); ++row) {
        for (std::uint32_t column = x; column < std::min(width_, x + side); ++column)
          scene_[(channel * height_ + row) * width_ + column] += levels;
      }
    }
  }
  void light(float factor) {
    for (float& value : scene_) value *= factor;
  }

  // The next frame, in whole levels as 8-bit pictures are. It lives until the one after.
  TileView frame(float noise) {
    std::normal_distribution<float> normal(0, 1);
    frame_.resize(scene_.size());
    for (std::size_t i = 0; i < frame_.size(); ++i) {
      const float deviation = noise * std::sqrt(0.4F + 1.2F * std::clamp(scene_[i], 0.0F, 255.0F) / 255);
      const float seen = std::clamp(std::round(scene_[i] + deviation * normal(random_)), 0.0F, 255.0F);
      frame_[i] = seen * drawn_level - 1;
    }
    return {width_, height_, frame_};
  }

 private:
  std::uint32_t width_, height_;
  std::mt19937 random_;
  std::vector<float> scene_;
  std::vector<float> frame_;
};

}  // namespace fovea::test
