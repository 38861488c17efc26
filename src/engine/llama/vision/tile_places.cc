// Both directions are solved alone. The pixels that show the picture are those where black and white differ.
// Between a quarter and three quarters of them the ramp is a straight line: its value is the position in the
// picture. The line is extended over the whole tile, which gives the tile's beginning and length in fractions
// of the picture.
#include "engine/llama/vision/tile_places.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace fovea::llama {

namespace {

// The value of pixel `i` of an even ramp over `count` pixels.
std::byte ramp(std::uint32_t i, std::uint32_t count) {
  return static_cast<std::byte>(std::lround(255 * (i + 0.5) / count));
}

// Brightens a row of RGB pixels from left to right.
void paint_ramp(std::span<std::byte> row) {
  const auto width = static_cast<std::uint32_t>(row.size() / image_channels);
  for (std::uint32_t x = 0; x < width; ++x)
    std::ranges::fill(row.subspan(std::size_t{x} * image_channels, image_channels), ramp(x, width));
}

// The profiles along one side of a tile: its columns or its rows.
struct Side {
  std::span<const double> black, white, ramp;

  bool sound() const { return !black.empty() && white.size() == black.size() && ramp.size() == black.size(); }
  // 0 in a bar, which is the same for black and white.
  double contrast(std::size_t i) const { return std::abs(white[i] - black[i]); }
  // 0 where the ramp begins, 1 where it ends.
  double brightness(std::size_t i) const { return (ramp[i] - black[i]) / (white[i] - black[i]); }
};

// The pixels of a side that show the picture, the end excluded.
struct Pixels {
  std::size_t begin = 0, end = 0;
};

Pixels shown(const Side& side) {
  double widest = 0;
  for (std::size_t i = 0; i < side.black.size(); ++i) widest = std::max(widest, side.contrast(i));
  Pixels pixels;
  for (std::size_t i = 0; i < side.black.size(); ++i) {
    if (widest == 0 || side.contrast(i) * 2 < widest) continue;
    if (pixels.end == 0) pixels.begin = i;
    pixels.end = i + 1;
  }
  return pixels;
}

struct Extent {
  double begin, length;
};

// Extends the line through the brightness at a quarter and at three quarters of the picture over the whole
// side. The edges are not used, since resizing blurs them.
std::optional<Extent> extent(const Side& side) {
  if (!side.sound()) return std::nullopt;
  const auto [from, to] = shown(side);
  if (to < from + 4) return std::nullopt;
  const std::size_t first = from + (to - from) / 4, second = from + (to - from) * 3 / 4;
  const double slope = (side.brightness(second) - side.brightness(first)) / static_cast<double>(second - first);
  const double begin = side.brightness(first) - slope * (static_cast<double>(first) + 0.5);
  if (!(slope > 0) || !std::isfinite(begin)) return std::nullopt;
  return Extent{begin, slope * static_cast<double>(side.black.size())};
}

}  // namespace

DecodedImage test_picture(TestPicture which, std::uint32_t width, std::uint32_t height) {
  const std::size_t row_bytes = std::size_t{width} * image_channels;
  const auto paint = [&](std::span<std::byte> out) {
    std::ranges::fill(out, which == TestPicture::white ? std::byte{255} : std::byte{0});
    if (which == TestPicture::rightwards) paint_ramp(out.first(row_bytes));
    for (std::uint32_t y = 0; y < height; ++y) {
      const auto row = out.subspan(y * row_bytes, row_bytes);
      if (which == TestPicture::rightwards && y > 0) std::ranges::copy(out.first(row_bytes), row.begin());
      if (which == TestPicture::downwards) std::ranges::fill(row, ramp(y, height));
    }
  };
  return {width, height, Blob::filled(row_bytes * height, paint)};
}

TileProfile profile_of(const TileInput& input) {
  const std::size_t width = input.width, height = input.height;
  if (width == 0 || height == 0 || input.values.size() / width < height) return {};
  TileProfile profile{std::vector<double>(width), std::vector<double>(height)};
  const double of_a_column = 1.0 / input.height, of_a_row = 1.0 / input.width;
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const double value = input.values[y * width + x];
      profile.columns[x] += value * of_a_column;
      profile.rows[y] += value * of_a_row;
    }
  }
  return profile;
}

std::optional<TilePlace> locate_tile(const TileProfiles& profiles) {
  const auto& [black, white, rightwards, downwards] = profiles;
  const auto across = extent({black.columns, white.columns, rightwards.columns});
  const auto down = extent({black.rows, white.rows, downwards.rows});
  if (!across || !down) return std::nullopt;
  return TilePlace{across->begin, down->begin, across->length, down->length};
}

}  // namespace fovea::llama
