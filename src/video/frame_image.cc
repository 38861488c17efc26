// libswscale converts, with its exact arithmetic. It may write past the end of a row, so it writes to a frame
// of its own; the rows are copied from there, in the order that makes them upright.
#include "video/frame_image.h"

#include <cstdlib>
#include <cstring>
#include <utility>

namespace fovea {

namespace {

constexpr int exact = SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT;

// How the stored rows and columns become those that are shown.
struct Turn {
  bool transposed = false;  // rows become columns, first
  bool mirrored = false;    // left and right are exchanged, in what is shown
  bool flipped = false;     // top and bottom likewise
  friend bool operator==(const Turn&, const Turn&) = default;
};

// A display matrix takes a stored (x, y) to a shown (a x + c y, b x + d y). Turns by other angles than whole
// right ones are not made: the nearest is.
Turn turn_of(const AVFrame& frame) {
  const AVFrameSideData* side = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  constexpr std::size_t matrix_bytes = 9 * sizeof(std::int32_t);
  if (side == nullptr || side->size < matrix_bytes) return {};
  std::int32_t matrix[9];
  std::memcpy(matrix, side->data, matrix_bytes);
  const std::int64_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (std::llabs(a) + std::llabs(d) >= std::llabs(b) + std::llabs(c)) return {false, a < 0, d < 0};
  return {true, c < 0, b < 0};
}

// An enumerator as a number: a file may say one that the enumeration does not have.
template <typename Enum>
int number_of(const Enum& enumerator) {
  static_assert(sizeof enumerator == sizeof(int));
  int number = 0;
  std::memcpy(&number, &enumerator, sizeof number);
  return number;
}

// Packed RGB of the frame's size, or null.
FrameHandle in_rgb(const AVFrame& frame) {
  FrameHandle rgb(av_frame_alloc());
  if (!rgb) return nullptr;
  rgb->format = AV_PIX_FMT_RGB24;
  rgb->width = frame.width;
  rgb->height = frame.height;
  const auto format = static_cast<AVPixelFormat>(frame.format);
  const ScalerHandle scaler(sws_getContext(frame.width, frame.height, format, frame.width, frame.height,
                                           AV_PIX_FMT_RGB24, exact, nullptr, nullptr, nullptr));
  if (!scaler || av_frame_get_buffer(rgb.get(), 0) < 0) return nullptr;
  const int space = number_of(frame.colorspace);
  const int* matrix = sws_getCoefficients(space == AVCOL_SPC_UNSPECIFIED ? SWS_CS_DEFAULT : space);
  const int full = number_of(frame.color_range) == AVCOL_RANGE_JPEG ? 1 : 0;
  // Where the layout has no such details (it is RGB already), nothing is set. Contrast and saturation stay.
  sws_setColorspaceDetails(scaler.get(), matrix, full, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
  const int rows = sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, rgb->data, rgb->linesize);
  return rows == frame.height ? std::move(rgb) : nullptr;
}

const std::uint8_t* row_of(const AVFrame& rgb, std::uint32_t row) {
  return rgb.data[0] + std::ptrdiff_t{row} * rgb.linesize[0];
}

void copy_rows(const AVFrame& rgb, std::uint32_t width, std::uint32_t height, std::byte* out) {
  const std::size_t row_bytes = std::size_t{width} * image_channels;
  for (std::uint32_t y = 0; y < height; ++y) std::memcpy(out + y * row_bytes, row_of(rgb, y), row_bytes);
}

void copy_turned(const AVFrame& rgb, Turn turn, std::uint32_t width, std::uint32_t height, std::byte* out) {
  for (std::uint32_t y = 0; y < height; ++y) {
    const std::uint32_t shown_y = turn.flipped ? height - 1 - y : y;
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::uint32_t shown_x = turn.mirrored ? width - 1 - x : x;
      const std::uint32_t row = turn.transposed ? shown_x : shown_y, column = turn.transposed ? shown_y : shown_x;
      std::memcpy(out, row_of(rgb, row) + std::size_t{column} * image_channels, image_channels);
      out += image_channels;
    }
  }
}

}  // namespace

Result<DecodedImage> frame_image(const AVFrame& frame) {
  if (sws_isSupportedInput(static_cast<AVPixelFormat>(frame.format)) == 0) {
    return fail(Fault::unsupported,
                "The video's colours are stored in a way Fovea does not read: save it as 8-bit or 10-bit YUV.");
  }
  const FrameHandle rgb = in_rgb(frame);
  if (!rgb) return fail(Fault::internal, "A frame of the video could not be converted to RGB.");
  const Turn turn = turn_of(frame);
  auto width = static_cast<std::uint32_t>(frame.width), height = static_cast<std::uint32_t>(frame.height);
  if (turn.transposed) std::swap(width, height);
  Blob pixels = Blob::filled(std::size_t{width} * height * image_channels, [&](std::span<std::byte> out) {
    if (turn == Turn{})
      copy_rows(*rgb, width, height, out.data());
    else
      copy_turned(*rgb, turn, width, height, out.data());
  });
  return DecodedImage{width, height, std::move(pixels)};
}

}  // namespace fovea
