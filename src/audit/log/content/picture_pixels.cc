// The look is the difference hash of N. Krawetz ("Kind of Like That", 2013), over the means of fields rather
// than of a picture made smaller. It reads each pixel once.
#include "audit/log/content/picture_pixels.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "audit/audited_request.h"
#include "audit/log/content/content_hash.h"

namespace fovea {

namespace {

constexpr std::size_t columns = 9, rows = 8;
// Of 255: between the darkest and the brightest field. Below it, the look is what a codec's noise makes it.
constexpr double contrast_least = 6;

using Fields = std::array<double, columns * rows>;

// The mean of red, green and blue of each field. REQUIRES: the image is at least as large as the grid.
Fields field_means(const DecodedImage& image) {
  std::array<std::uint64_t, columns * rows> sums{}, counts{};
  const std::span<const std::byte> pixels = image.pixels.bytes();
  for (std::uint32_t y = 0; y < image.height; ++y) {
    const std::size_t row = std::size_t{y} * rows / image.height;
    const auto* pixel = pixels.data() + std::size_t{y} * image.width * image_channels;
    for (std::size_t column = 0; column < columns; ++column) {
      const std::size_t begin = column * image.width / columns, end = (column + 1) * image.width / columns;
      std::uint64_t sum = 0;
      for (std::size_t at = begin * image_channels; at < end * image_channels; ++at)
        sum += std::to_integer<std::uint64_t>(pixel[at]);
      sums[row * columns + column] += sum;
      counts[row * columns + column] += (end - begin) * image_channels;
    }
  }
  Fields means{};
  for (std::size_t i = 0; i < means.size(); ++i)
    means[i] = static_cast<double>(sums[i]) / static_cast<double>(counts[i]);
  return means;
}

std::uint64_t tiles_of(std::uint32_t width, std::uint32_t height, std::uint64_t side) {
  return ((width + side - 1) / side) * ((height + side - 1) / side);
}

}  // namespace

std::optional<std::uint64_t> picture_look(const DecodedImage& image) {
  if (image.width < columns || image.height < rows) return std::nullopt;
  const Fields means = field_means(image);
  const auto [darkest, brightest] = std::ranges::minmax(means);
  if (brightest - darkest < contrast_least) return std::nullopt;
  std::uint64_t look = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column + 1 < columns; ++column) {
      const bool brighter = means[row * columns + column] < means[row * columns + column + 1];
      look = look << 1 | (brighter ? 1 : 0);
    }
  }
  return look;
}

std::vector<std::uint64_t> tile_hashes(const DecodedImage& image) {
  std::uint64_t side = tile_side;
  while (tiles_of(image.width, image.height, side) > tile_hashes_max) side *= 2;
  std::vector<std::uint64_t> hashes;
  std::vector<std::byte> tile;
  const auto* pixels = image.pixels.bytes().data();
  const std::size_t stride = std::size_t{image.width} * image_channels;
  for (std::uint64_t top = 0; top < image.height; top += side) {
    const std::uint64_t bottom = std::min<std::uint64_t>(top + side, image.height);
    for (std::uint64_t left = 0; left < image.width; left += side) {
      const std::uint64_t right = std::min<std::uint64_t>(left + side, image.width);
      tile.clear();
      for (std::uint64_t y = top; y < bottom; ++y) {
        const auto* row = pixels + y * stride;
        tile.insert(tile.end(), row + left * image_channels, row + right * image_channels);
      }
      hashes.push_back(content_hash(ContentKind::tile, tile, (right - left) << 32 | (bottom - top)));
    }
  }
  return hashes;
}

}  // namespace fovea
