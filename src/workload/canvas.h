// Canvas: drawing on a raster in whole numbers, so that the pixels are the same on every machine: rectangles of whole
// pixels, and polygons and discs with smooth edges. What lies outside of the canvas is cut off.
//
// A view of pixels that somebody else owns (Image's layout). Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "image/decoded_image.h"

namespace fovea {

// Of either side of what is drawn: a 4K screen's, and far more than models look at.
inline constexpr std::uint32_t drawn_side_max = 4096;

struct Rgb {
  std::uint8_t red = 0, green = 0, blue = 0;
};

// `colour` with `change` added to each channel, as far as there is room.
Rgb lightened(Rgb colour, int change);

// Places and lengths that need not be whole pixels are counted in grains.
inline constexpr int grains_a_pixel = 16;

// A place, in grains from the top left corner.
struct Spot {
  int x = 0, y = 0;
};

// A rectangle of whole pixels: `right` and `bottom` are the first ones outside.
struct Box {
  int left = 0, top = 0, right = 0, bottom = 0;

  int width() const { return right - left; }
  int height() const { return bottom - top; }
};

class Canvas {
 public:
  // REQUIRES: `pixels` holds width * height * 3 bytes; the sides are at most drawn_side_max.
  Canvas(std::span<std::byte> pixels, int width, int height) : pixels_(pixels), width_(width), height_(height) {}

  int width() const { return width_; }
  int height() const { return height_; }

  // `colour` all over, `right` brighter at the right edge than in the middle (and darker at the left one), `down`
  // likewise at the bottom.
  void fill_sloping(Rgb colour, int right, int down);
  void fill_box(const Box& box, Rgb colour);
  void fill_disc(Spot centre, int radius, Rgb colour);  // the radius in grains
  // What lies inside of the outline an odd number of times.
  void fill_polygon(std::span<const Spot> corners, Rgb colour);

 private:
  std::byte* pixel(int x, int y) { return &pixels_[(static_cast<std::size_t>(y) * width_ + x) * image_channels]; }
  template <typename EndsAt>
  void fill_rows(int top, int bottom, Rgb colour, EndsAt ends_at);

  std::span<std::byte> pixels_;
  int width_, height_;
};

// The image of these sides that `paint` draws; it must paint all over first. REQUIRES: sides of 1 to drawn_side_max.
DecodedImage drawn_image(std::uint32_t width, std::uint32_t height, const std::function<void(Canvas&)>& paint);

}  // namespace fovea
