// Smooth edges: each pixel row is divided into a few lines, and on each line the spans inside the shape are
// found exactly, in grains. The part of a pixel that they cover, over all its lines, is the part of the
// shape's colour that it gets.
#include "workload/canvas.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"

namespace fovea {

namespace {

constexpr int lines_a_pixel = 4;
constexpr int grains_a_line = grains_a_pixel / lines_a_pixel;
constexpr int covered_wholly = lines_a_pixel * grains_a_pixel;

// The ends of spans on a line, in grains: inside from the first to the second, from the third to the fourth,
// ...
using Ends = std::vector<int>;

std::uint8_t channel(std::int64_t value) { return static_cast<std::uint8_t>(std::clamp<std::int64_t>(value, 0, 255)); }

void put(std::byte* pixel, Rgb colour) {
  pixel[0] = std::byte{colour.red};
  pixel[1] = std::byte{colour.green};
  pixel[2] = std::byte{colour.blue};
}

void blend(std::byte* pixel, Rgb over, int cover) {
  const auto mixed = [cover](std::byte under, int upper) {
    const int sum = std::to_integer<int>(under) * (covered_wholly - cover) + upper * cover;
    return static_cast<std::uint8_t>((sum + covered_wholly / 2) / covered_wholly);
  };
  put(pixel, {mixed(pixel[0], over.red), mixed(pixel[1], over.green), mixed(pixel[2], over.blue)});
}

void add_span(std::span<int> cover, int from, int to) {
  from = std::max(from, 0);
  to = std::min(to, static_cast<int>(cover.size()) * grains_a_pixel);
  while (from < to) {
    const int pixel = from / grains_a_pixel;
    const int end = std::min(to, (pixel + 1) * grains_a_pixel);
    cover[pixel] += end - from;
    from = end;
  }
}

Ends disc_ends(Spot centre, std::int64_t radius, int line) {
  const std::int64_t away = line - centre.y;
  if (away <= -radius || away >= radius) return {};
  // IEEE 754 rounds square roots in one way only, so this one is the same everywhere too.
  const auto half = static_cast<int>(std::sqrt(static_cast<double>(radius * radius - away * away)));
  return {centre.x - half, centre.x + half};
}

Ends polygon_ends(std::span<const Spot> corners, int line) {
  Ends ends;
  Spot from = corners.back();
  for (const Spot to : corners) {
    if ((from.y <= line) != (to.y <= line)) {
      const std::int64_t across = std::int64_t{to.x - from.x} * (line - from.y) / (to.y - from.y);
      ends.push_back(from.x + static_cast<int>(across));
    }
    from = to;
  }
  std::ranges::sort(ends);
  return ends;
}

}  // namespace

Rgb lightened(Rgb colour, int change) {
  return {channel(colour.red + change), channel(colour.green + change), channel(colour.blue + change)};
}

// Fills the pixel rows between the grains `top` and `bottom`, where ends_at(line) gives the spans of a line.
template <typename EndsAt>
void Canvas::fill_rows(int top, int bottom, Rgb colour, EndsAt ends_at) {
  std::vector<int> cover(width_);
  const int last = std::min(height_ - 1, bottom / grains_a_pixel);
  for (int y = std::max(0, top / grains_a_pixel); y <= last; ++y) {
    std::ranges::fill(cover, 0);
    for (int line = 0; line < lines_a_pixel; ++line) {
      const Ends ends = ends_at(y * grains_a_pixel + line * grains_a_line + grains_a_line / 2);
      for (std::size_t i = 0; i + 1 < ends.size(); i += 2) add_span(cover, ends[i], ends[i + 1]);
    }
    for (int x = 0; x < width_; ++x)
      if (cover[x] > 0) blend(pixel(x, y), colour, cover[x]);
  }
}

void Canvas::fill_sloping(Rgb colour, int right, int down) {
  const std::int64_t area = std::int64_t{width_} * height_;
  for (int y = 0; y < height_; ++y) {
    const std::int64_t below = std::int64_t{2 * y + 1 - height_} * width_ * down;
    for (int x = 0; x < width_; ++x) {
      const std::int64_t change = (std::int64_t{2 * x + 1 - width_} * height_ * right + below) / area;
      put(pixel(x, y), lightened(colour, static_cast<int>(change)));
    }
  }
}

void Canvas::fill_box(const Box& box, Rgb colour) {
  const int left = std::max(box.left, 0), right = std::min(box.right, width_);
  for (int y = std::max(box.top, 0); y < std::min(box.bottom, height_); ++y)
    for (int x = left; x < right; ++x) put(pixel(x, y), colour);
}

void Canvas::fill_disc(Spot centre, int radius, Rgb colour) {
  fill_rows(centre.y - radius, centre.y + radius, colour, [&](int line) { return disc_ends(centre, radius, line); });
}

void Canvas::fill_polygon(std::span<const Spot> corners, Rgb colour) {
  check(!corners.empty(), "a polygon has corners");
  const auto [top, bottom] = std::ranges::minmax(corners, {}, &Spot::y);
  fill_rows(top.y, bottom.y, colour, [&](int line) { return polygon_ends(corners, line); });
}

DecodedImage drawn_image(std::uint32_t width, std::uint32_t height, const std::function<void(Canvas&)>& paint) {
  check(width >= 1 && width <= drawn_side_max && height >= 1 && height <= drawn_side_max,
        "a drawn picture has sides of 1 to 4,096 pixels");
  const auto fill = [&](std::span<std::byte> pixels) {
    Canvas canvas(pixels, static_cast<int>(width), static_cast<int>(height));
    paint(canvas);
  };
  return {width, height, Blob::filled(std::size_t{width} * height * image_channels, fill)};
}

}  // namespace fovea
