// Canvas: draws on a raster in whole numbers, so that the pixels are the same on every machine. It draws
// rectangles of whole pixels, and polygons and discs with smooth edges. What lies outside the canvas is not
// drawn.
//
// A view of pixels that the caller owns (in DecodedImage's layout). Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "image/decoded_image.h"

namespace fovea {

// The longest side of a drawn image: that of a 4K screen, and far more than models see.
inline constexpr std::uint32_t drawn_side_max = 4096;

struct Rgb {
  std::uint8_t red = 0, green = 0, blue = 0;
};

// `colour` with `change` added to each channel, within 0 to 255.
Rgb lightened(Rgb colour, int change);

// Positions and lengths that need not be whole pixels are counted in grains.
inline constexpr int grains_a_pixel = 16;

// A position, in grains from the top left corner.
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

  // Fills everything with `colour`, brighter by `right` at the right edge than in the middle (and darker at
  // the left edge), and by `down` at the bottom in the same way.
  void fill_sloping(Rgb colour, int right, int down);
  void fill_box(const Box& box, Rgb colour);
  void fill_disc(Spot centre, int radius, Rgb colour);  // the radius in grains
  // Fills what lies inside the outline an odd number of times.
  void fill_polygon(std::span<const Spot> corners, Rgb colour);

 private:
  std::byte* pixel(int x, int y) { return &pixels_[(static_cast<std::size_t>(y) * width_ + x) * image_channels]; }
  template <typename EndsAt>
  void fill_rows(int top, int bottom, Rgb colour, EndsAt ends_at);

  std::span<std::byte> pixels_;
  int width_, height_;
};

// The image of these sides that `paint` draws. `paint` must fill everything first. REQUIRES: sides of 1 to
// drawn_side_max.
DecodedImage drawn_image(std::uint32_t width, std::uint32_t height, const std::function<void(Canvas&)>& paint);

}  // namespace fovea
