// DrawnCamera: frames of a still scene with a sensor's noise, as picture sources. Deterministic by seed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "pictures/sources.h"

namespace fovea::test {

class DrawnCamera {
 public:
  // The scripted engine's tiles, two unless it is told otherwise, are squares.
  // `noise_seed`: of the noise alone, where it is not 0.
  explicit DrawnCamera(std::uint32_t seed, std::uint32_t side = 32, std::uint32_t tiles = 2,
                       std::uint32_t noise_seed = 0)
      : width(tiles * side), height(side), random_(seed), scene_(std::size_t{3} * width * height) {
    std::uniform_int_distribution<int> level(60, 180);
    const int left = level(random_), right = level(random_);
    for (std::size_t i = 0; i < scene_.size(); ++i) {
      const std::size_t x = i / 3 % width;
      scene_[i] = static_cast<float>((x < width / 2 ? left : right) + static_cast<int>(x * 5 % 7));
    }
    if (noise_seed != 0) random_.seed(noise_seed);
  }

  // Paints a square into the scene, for good.
  void paint(std::uint32_t x, std::uint32_t y, std::uint32_t side, float levels) {
    for (std::uint32_t row = y; row < y + side; ++row) {
      for (std::uint32_t column = x; column < x + side; ++column) {
        for (std::size_t channel = 0; channel < 3; ++channel)
          scene_[(std::size_t{row} * width + column) * 3 + channel] += levels;
      }
    }
  }

  const std::uint32_t width, height;

  ImageSource frame() {
    std::normal_distribution<float> noise(0, 2);
    std::vector<std::uint8_t> seen(scene_.size());
    for (std::size_t i = 0; i < seen.size(); ++i)
      seen[i] = static_cast<std::uint8_t>(std::clamp(std::round(scene_[i] + noise(random_)), 0.0F, 255.0F));
    return png(width, height, [&](std::uint32_t x, std::uint32_t y) {
      const std::size_t at = (std::size_t{y} * width + x) * 3;
      return Rgb{seen[at], seen[at + 1], seen[at + 2]};
    });
  }

 private:
  std::mt19937 random_;
  std::vector<float> scene_;
};

}  // namespace fovea::test
