// The signature tells the format, and only that format's decoder reads the bytes: libvips, or for small old
// formats our own. Of libvips' images, the header is checked
// against the limits. Then the pixels are read through libvips strip by strip, in the calling thread,
// straight into the Blob of the DecodedImage. No thread pool takes part, so the pixels cannot depend on one,
// and memory is what the limits allow.
//
// Turning upright comes last: a file's rows come in storage order, so a turned image is read once as stored,
// and then turned in memory. Rejected: JPEG's shrink-on-load (not the exact pixels), and libvips' own random
// access (spills to disk).
#include "image/decode.h"

#include <algorithm>
#include <cstring>
#include <format>
#include <optional>

#include "image/decode_fault.h"
#include "image/format.h"
#include "image/jpeg_scan.h"
#include "image/other_file.h"
#include "image/plain/bmp.h"
#include "image/plain/pnm.h"
#include "image/plain/psd.h"
#include "image/plain/tga.h"
#include "image/vips.h"

namespace fovea {

namespace {

// What a JPEG decoder makes at a time; a strip of a photograph stays in cache.
constexpr int strip_rows = 16;
constexpr double flatten_on[] = {255.0};  // white, as documents and web pages show an image with alpha

decltype(&vips_jpegload_buffer) loader_of(Format format) {
  switch (format) {
    case Format::jpeg:
      return vips_jpegload_buffer;
    case Format::png:
      return vips_pngload_buffer;
    case Format::webp:
      return vips_webpload_buffer;
    case Format::gif:
      return vips_gifload_buffer;
    case Format::heif:
      return vips_heifload_buffer;
    case Format::tiff:
      return vips_tiffload_buffer;
    case Format::none:
    case Format::bmp:
    case Format::tga:
    case Format::pnm:
    case Format::psd:
      break;  // decoded here
  }
  return nullptr;
}

// The image's header; its pixels are read when they are asked for. `source` must outlive the handle.
VipsHandle open(std::span<const std::byte> source, Format format) {
  VipsImage* opened = nullptr;
  void* bytes = const_cast<std::byte*>(source.data());  // libvips takes void* for what it only reads
  loader_of(format)(bytes, source.size(), &opened, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
                    nullptr);
  return VipsHandle(opened);
}

using Operation = int (*)(VipsImage* in, VipsImage** out);

// `image` with `operation` behind it, which is computed when pixels are asked for; null stays null.
VipsHandle then(VipsHandle image, Operation operation) {
  VipsImage* out = nullptr;
  if (image) operation(image.get(), &out);
  return VipsHandle(out);
}

int to_srgb(VipsImage* in, VipsImage** out) { return vips_colourspace(in, out, VIPS_INTERPRETATION_sRGB, nullptr); }

int on_white(VipsImage* in, VipsImage** out) {
  VipsArrayDouble* white = vips_array_double_new(flatten_on, 1);
  const int failed = vips_flatten(in, out, "background", white, nullptr);
  vips_area_unref(VIPS_AREA(white));
  return failed;
}

int turned_upright(VipsImage* in, VipsImage** out) { return vips_autorot(in, out, nullptr); }

VipsHandle to_rgb(VipsHandle image) {
  if (vips_image_get_interpretation(image.get()) != VIPS_INTERPRETATION_sRGB) image = then(std::move(image), to_srgb);
  if (image && vips_image_hasalpha(image.get())) image = then(std::move(image), on_white);
  return image;
}

bool is_rgb(VipsImage* image) {
  return vips_image_get_bands(image) == image_channels && vips_image_get_format(image) == VIPS_FORMAT_UCHAR;
}

// Writes all rows of an RGB `image` to `out`; false when the source is damaged.
bool read_rows(VipsImage* image, std::span<std::byte> out) {
  const Owned<VipsRegion, g_object_unref> region(vips_region_new(image));
  const int width = vips_image_get_width(image);
  const int height = vips_image_get_height(image);
  const std::size_t row_bytes = static_cast<std::size_t>(width) * image_channels;
  for (int top = 0; top < height; top += strip_rows) {
    const VipsRect strip{.left = 0, .top = top, .width = width, .height = std::min(strip_rows, height - top)};
    if (!region || vips_region_prepare(region.get(), &strip) != 0) return false;
    for (int y = top; y < top + strip.height; ++y) {
      std::memcpy(&out[static_cast<std::size_t>(y) * row_bytes], VIPS_REGION_ADDR(region.get(), 0, y), row_bytes);
    }
  }
  return true;
}

std::optional<DecodedImage> read(VipsImage* image) {
  const auto width = static_cast<std::uint32_t>(vips_image_get_width(image));
  const auto height = static_cast<std::uint32_t>(vips_image_get_height(image));
  bool whole = false;
  const auto fill = [&](std::span<std::byte> out) { whole = read_rows(image, out); };
  Blob pixels = Blob::filled(std::size_t{width} * height * image_channels, fill);
  if (!whole) return std::nullopt;
  return DecodedImage{width, height, std::move(pixels)};
}

// `stored` turned upright, given its EXIF orientation (1 = upright, 2 to 8 turned or mirrored).
std::optional<DecodedImage> upright(DecodedImage stored, int orientation) {
  if (orientation == 1) return stored;
  VipsHandle image(vips_image_new_from_memory(stored.pixels.bytes().data(), stored.pixels.size(),
                                              static_cast<int>(stored.width), static_cast<int>(stored.height),
                                              image_channels, VIPS_FORMAT_UCHAR));
  if (!image) return std::nullopt;
  vips_image_set_int(image.get(), VIPS_META_ORIENTATION, orientation);
  image = then(std::move(image), turned_upright);
  return image ? read(image.get()) : std::nullopt;
}

// The format of `source`, if it may be opened at all.
Result<Format> accepted(std::span<const std::byte> source, const DecodeLimits& limits) {
  if (source.empty()) return fail(Fault::invalid, "The picture is empty: it has no bytes.");
  if (source.size() > limits.source_bytes_max) {
    return fail(Fault::too_large, std::format("The picture's file has {} bytes; at most {} are read: scale it down.",
                                              source.size(), limits.source_bytes_max));
  }
  const Format format = format_of(source);
  if (format == Format::none) return std::unexpected(not_read(source));
  if (!vips_ready()) return fail(Fault::internal, "libvips, which decodes pictures, did not start.");
  return format;
}

// The header of an image within the limits.
Result<VipsHandle> opened(std::span<const std::byte> source, Format format, const DecodeLimits& limits) {
  VipsHandle image = open(source, format);
  if (!image) return damaged(format);
  const auto width = static_cast<std::uint64_t>(vips_image_get_width(image.get()));
  const auto height = static_cast<std::uint64_t>(vips_image_get_height(image.get()));
  if (Result<void> fits = within(limits, width, height); !fits) return std::unexpected(fits.error());
  return image;
}

Result<DecodedImage> decode_with_vips(std::span<const std::byte> source, Format format, const DecodeLimits& limits) {
  Result<VipsHandle> header = opened(source, format, limits);
  if (!header) return std::unexpected(header.error());
  VipsHandle image = *std::move(header);

  const int orientation = vips_image_get_orientation(image.get());
  image = to_rgb(std::move(image));
  if (!image || !is_rgb(image.get())) return rare_colours(format);
  std::optional<DecodedImage> picture = read(image.get());
  image.reset();  // frees the decoder's memory before a turned copy is made
  if (picture) picture = upright(*std::move(picture), orientation);
  if (!picture) return damaged(format);
  return *std::move(picture);
}

// libvips reads on over noise, so that is looked for first.
Result<DecodedImage> decode_jpeg(std::span<const std::byte> source, const DecodeLimits& limits) {
  if (const auto header = opened(source, Format::jpeg, limits); !header) return std::unexpected(header.error());
  if (!jpeg_scan_is_whole(source)) return damaged(Format::jpeg);
  return decode_with_vips(source, Format::jpeg, limits);
}

}  // namespace

Result<DecodedImage> decode(std::span<const std::byte> source, const DecodeLimits& limits) {
  const Result<Format> format = accepted(source, limits);
  if (!format) return std::unexpected(format.error());
  switch (*format) {
    case Format::jpeg:
      return decode_jpeg(source, limits);
    case Format::bmp:
      return decode_bmp(source, limits);
    case Format::tga:
      return decode_tga(source, limits);
    case Format::pnm:
      return decode_pnm(source, limits);
    case Format::psd:
      return decode_psd(source, limits);
    default:
      return decode_with_vips(source, *format, limits);
  }
}

}  // namespace fovea
