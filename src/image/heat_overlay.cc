// Each pixel is a mix of the dimmed image and a heat colour, by its score. Scores are interpolated between
// the centres of cells, so that the map shows no edges of cells that are not in the image. Costs some
// operations a pixel on one thread.
#include "image/heat_overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace fovea {

namespace {

constexpr std::uint32_t side_wanted = 512;
// Of the heat colour, where the score is highest; the image stays visible.
constexpr float heat_share_max = 0.8F;
constexpr float brightness_left = 0.55F;  // of the image, so that heat stands out on white too

using Colour = std::array<float, 3>;

// Dark blue over magenta and orange to yellow. Lightness rises with the score, so that the map can be read in
// grey and by colour-blind people.
Colour heat(float score) {
  constexpr std::array<Colour, 5> stops = {
      {{20, 15, 70}, {110, 25, 120}, {200, 60, 90}, {245, 140, 40}, {250, 240, 110}}};
  const float at = score * (stops.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(at), stops.size() - 2);
  const float part = at - static_cast<float>(below);
  Colour mixed{};
  for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = std::lerp(stops[below][i], stops[below + 1][i], part);
  return mixed;
}

// The map interpolated between its cells' centres, and scaled so that it goes from 0 to 1.
class SmoothMap {
 public:
  explicit SmoothMap(const HeatMap& map) : map_(map) {
    const auto [low, high] = std::ranges::minmax(map.scores);
    low_ = low;
    range_ = high > low ? high - low : 1;
  }

  // The score at a place in fractions of the image.
  float at(float x, float y) const {
    const auto [left, right, across] = between(x, map_.columns);
    const auto [top, bottom, down] = between(y, map_.rows);
    const float above = std::lerp(cell(left, top), cell(right, top), across);
    const float below = std::lerp(cell(left, bottom), cell(right, bottom), across);
    return (std::lerp(above, below, down) - low_) / range_;
  }

 private:
  struct Between {
    std::uint32_t first, second;
    float part;
  };
  static Between between(float fraction, std::uint32_t cells) {
    const float place = std::clamp(fraction * static_cast<float>(cells) - 0.5F, 0.0F, static_cast<float>(cells - 1));
    const auto first = static_cast<std::uint32_t>(place);
    return {first, std::min(first + 1, cells - 1), place - static_cast<float>(first)};
  }
  float cell(std::uint32_t column, std::uint32_t row) const {
    return map_.scores[static_cast<std::size_t>(row) * map_.columns + column];
  }

  HeatMap map_;
  float low_, range_;
};

}  // namespace

DecodedImage heat_overlay(const DecodedImage& picture, const HeatMap& map) {
  const std::uint32_t times = std::max(1U, side_wanted / std::max(picture.width, picture.height));
  const std::uint32_t width = picture.width * times, height = picture.height * times;
  const std::span<const std::byte> pixels = picture.pixels.bytes();
  const SmoothMap scores(map);
  const auto paint = [&](std::span<std::byte> out) {
    std::size_t at = 0;
    for (std::uint32_t y = 0; y < height; ++y) {
      for (std::uint32_t x = 0; x < width; ++x) {
        const std::byte* pixel =
            &pixels[(static_cast<std::size_t>(y / times) * picture.width + x / times) * image_channels];
        const float score = scores.at((static_cast<float>(x) + 0.5F) / static_cast<float>(width),
                                      (static_cast<float>(y) + 0.5F) / static_cast<float>(height));
        const Colour hot = heat(score);
        for (std::size_t channel = 0; channel < image_channels; ++channel) {
          const float dimmed = brightness_left * static_cast<float>(pixel[channel]);
          out[at++] = static_cast<std::byte>(std::lround(std::lerp(dimmed, hot[channel], heat_share_max * score)));
        }
      }
    }
  };
  return {width, height, Blob::filled(static_cast<std::size_t>(width) * height * image_channels, paint)};
}

}  // namespace fovea
