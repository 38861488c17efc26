// SPDX-License-Identifier: Apache-2.0

#include "rgb_rows.h"

#include <cstring>
#include <format>
#include <limits>

#include "array_view.h"
#include "errors.h"

namespace fovea::python {

namespace {

constexpr unsigned white = 255;

// On white, rounded down as libvips does.
std::byte flattened(std::byte sample, unsigned alpha) {
  return static_cast<std::byte>((std::to_integer<unsigned>(sample) * alpha + white * (white - alpha)) / white);
}

}  // namespace

RgbRows RgbRows::of(const Py_buffer& array) {
  const std::string_view format = array.format == nullptr ? "B" : array.format;
  if (element_type_of_format(format, static_cast<std::size_t>(array.itemsize)) != ElementType::uint8) {
    raise(PyExc_TypeError,
          std::format("the pixels of an image are uint8; these have the format '{}': convert them, and "
                      "scale them to 0 to 255",
                      format));
  }
  RgbRows rows;
  rows.pixels_ = static_cast<const std::byte*>(array.buf);
  if (array.ndim == 3) rows.samples_ = array.shape[2];
  const bool known = rows.samples_ == 3 || rows.samples_ == 4 || (array.ndim == 2 && rows.samples_ == 1);
  if (array.ndim < 2 || array.ndim > 3 || !known)
    raise(PyExc_ValueError, "an image is an array of (height, width), (height, width, 3) or (height, width, 4)");
  rows.height_ = array.shape[0];
  rows.width_ = array.shape[1];
  constexpr Py_ssize_t extent_max = std::numeric_limits<std::uint32_t>::max() / 4;
  if (rows.height_ <= 0 || rows.width_ <= 0 || rows.height_ > extent_max || rows.width_ > extent_max)
    raise(PyExc_ValueError, "an image has at least one row and one column");
  const std::vector<Py_ssize_t> steps = steps_of(array);
  rows.row_step_ = steps[0];
  rows.pixel_step_ = steps[1];
  rows.sample_step_ = array.ndim == 3 ? steps[2] : 0;
  rows.is_plain_ =
      rows.samples_ == 3 && rows.sample_step_ == 1 && rows.pixel_step_ == 3 && rows.row_step_ == rows.width_ * 3;
  return rows;
}

Blob RgbRows::converted() const {
  return Blob::filled(bytes(), [this](std::span<std::byte> rgb) { write(rgb); });
}

void RgbRows::write(std::span<std::byte> rgb) const {
  auto to = rgb.begin();
  for (Py_ssize_t y = 0; y < height_; ++y) {
    const std::byte* pixel = pixels_ + y * row_step_;
    for (Py_ssize_t x = 0; x < width_; ++x, pixel += pixel_step_) {
      const unsigned alpha = samples_ == 4 ? std::to_integer<unsigned>(pixel[3 * sample_step_]) : white;
      for (Py_ssize_t i = 0; i < channels; ++i) *to++ = flattened(pixel[i * sample_step_], alpha);
    }
  }
}

}  // namespace fovea::python
