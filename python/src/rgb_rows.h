// SPDX-License-Identifier: Apache-2.0

// RgbRows: the pixels of an array as C++ names images by them: 8-bit RGB in rows without gaps, alpha flattened
// on white.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "fovea/blob.h"
#include "python.h"

namespace fovea::python {

// Looks at an array that must outlive it.
class RgbRows {
 public:
  static constexpr std::uint32_t channels = 3;

  // uint8 of (height, width), (height, width, 3) or (height, width, 4), any strides. TypeError or ValueError
  // otherwise.
  static RgbRows of(const Py_buffer& array);

  std::uint32_t width() const { return static_cast<std::uint32_t>(width_); }
  std::uint32_t height() const { return static_cast<std::uint32_t>(height_); }
  std::uint64_t bytes() const { return std::uint64_t{width()} * height() * channels; }

  // Whether the array is RGB without gaps already.
  bool is_plain() const { return is_plain_; }
  // REQUIRES: is_plain().
  std::span<const std::byte> plain() const { return {pixels_, bytes()}; }
  // The same, made of any array.
  Blob converted() const;

 private:
  void write(std::span<std::byte> rgb) const;

  const std::byte* pixels_ = nullptr;
  Py_ssize_t height_ = 0, width_ = 0, samples_ = 1;  // samples: 1 grey, 3 RGB, 4 RGBA
  Py_ssize_t row_step_ = 0, pixel_step_ = 0, sample_step_ = 0;
  bool is_plain_ = false;
};

}  // namespace fovea::python
