#include "engine/llama/tile_places.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace fovea::llama {

namespace {

// Where the picture is, in the pixels of an input: the end excluded.
struct Box {
  std::uint32_t left = 0, top = 0, right = 0, bottom = 0;
};

bool alike(const std::array<TileInput, test_pictures>& inputs) {
  const TileInput& first = inputs.front();
  const std::size_t pixels = std::size_t{first.width} * first.height;
  return pixels > 0 && std::ranges::all_of(inputs, [&](const TileInput& input) {
           return input.width == first.width && input.height == first.height && input.values.size() >= pixels;
         });
}

// The inputs' first channel, as the brightness that each pixel shows: 0 for black, 1 for white.
class Brightness {
 public:
  explicit Brightness(const std::array<TileInput, test_pictures>& inputs)
      : inputs_(inputs), width_(inputs[0].width), height_(inputs[0].height) {
    for (std::size_t i = 0; i < std::size_t{width_} * height_; ++i) widest_ = std::max(widest_, contrast(i));
  }

  // A bar shows the same for black and white.
  Box picture() const {
    Box box{width_, height_, 0, 0};
    for (std::uint32_t y = 0; y < height_; ++y) {
      for (std::uint32_t x = 0; x < width_; ++x) {
        if (contrast(std::size_t{y} * width_ + x) * 2 < widest_ || widest_ == 0) continue;
        box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1), std::max(box.bottom, y + 1)};
      }
    }
    return box;
  }

  double at(TestPicture which, std::uint32_t x, std::uint32_t y) const {
    const std::size_t i = std::size_t{y} * width_ + x;
    const double black = value(TestPicture::black, i);
    return (value(which, i) - black) / (value(TestPicture::white, i) - black);
  }

 private:
  double value(TestPicture which, std::size_t i) const { return inputs_[static_cast<std::size_t>(which)].values[i]; }
  double contrast(std::size_t i) const { return std::abs(value(TestPicture::white, i) - value(TestPicture::black, i)); }

  const std::array<TileInput, test_pictures>& inputs_;
  std::uint32_t width_, height_;
  double widest_ = 0;
};

struct Extent {
  double begin, length;
};

// Draws the line through the brightness at a quarter and three quarters of [from, to), away from edges that resizing blurs, out
// over all of `pixels`.
std::optional<Extent> extent(const auto& brightness_at, std::uint32_t from, std::uint32_t to, std::uint32_t pixels) {
  if (to < from + 4) return std::nullopt;
  const std::uint32_t first = from + (to - from) / 4, second = from + (to - from) * 3 / 4;
  const double slope = (brightness_at(second) - brightness_at(first)) / (second - first);
  const double begin = brightness_at(first) - slope * (first + 0.5);
  if (!(slope > 0) || !std::isfinite(begin)) return std::nullopt;
  return Extent{begin, slope * pixels};
}

}  // namespace

Image test_picture(TestPicture which, std::uint32_t width, std::uint32_t height) {
  const auto brightness = [&](std::uint32_t x, std::uint32_t y) -> double {
    switch (which) {
      case TestPicture::black:
        return 0;
      case TestPicture::white:
        return 1;
      case TestPicture::rightwards:
        return (x + 0.5) / width;
      case TestPicture::downwards:
        return (y + 0.5) / height;
    }
    return 0;
  };
  const auto paint = [&](std::span<std::byte> out) {
    std::size_t at = 0;
    for (std::uint32_t y = 0; y < height; ++y) {
      for (std::uint32_t x = 0; x < width; ++x) {
        const auto value = static_cast<std::byte>(std::lround(255 * brightness(x, y)));
        for (std::uint32_t channel = 0; channel < image_channels; ++channel) out[at++] = value;
      }
    }
  };
  return {width, height, Blob::filled(std::size_t{width} * height * image_channels, paint)};
}

std::optional<TilePlace> locate_tile(const std::array<TileInput, test_pictures>& inputs) {
  if (!alike(inputs)) return std::nullopt;
  const Brightness brightness(inputs);
  const Box box = brightness.picture();
  const std::uint32_t middle_x = (box.left + box.right) / 2, middle_y = (box.top + box.bottom) / 2;
  const auto across = extent([&](std::uint32_t x) { return brightness.at(TestPicture::rightwards, x, middle_y); },
                             box.left, box.right, inputs[0].width);
  const auto down = extent([&](std::uint32_t y) { return brightness.at(TestPicture::downwards, middle_x, y); }, box.top,
                           box.bottom, inputs[0].height);
  if (!across || !down) return std::nullopt;
  return TilePlace{across->begin, down->begin, across->length, down->length};
}

}  // namespace fovea::llama
