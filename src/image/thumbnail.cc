#include "image/thumbnail.h"

#include "image/vips.h"

namespace fovea {

namespace {

constexpr int quality = 80;  // of 100: shapes and letters keep clean edges, in a few kilobytes

VipsHandle made_small(const DecodedImage& image) {
  const VipsHandle raster(vips_image_new_from_memory(image.pixels.bytes().data(), image.pixels.size(),
                                                     static_cast<int>(image.width), static_cast<int>(image.height),
                                                     image_channels, VIPS_FORMAT_UCHAR));
  VipsImage* small = nullptr;
  const int side = static_cast<int>(thumbnail_side_max);
  if (raster) vips_thumbnail_image(raster.get(), &small, side, "height", side, "size", VIPS_SIZE_DOWN, nullptr);
  return VipsHandle(small);
}

}  // namespace

Result<Blob> thumbnail(const DecodedImage& image) {
  if (!vips_ready()) return fail(Fault::internal, "libvips, which makes thumbnails, did not start.");
  const VipsHandle small = made_small(image);
  void* bytes = nullptr;
  std::size_t size = 0;
  if (!small || vips_webpsave_buffer(small.get(), &bytes, &size, "Q", quality, nullptr) != 0)
    return fail(Fault::internal, "libvips could not make a thumbnail.");
  const Owned<void, g_free> file(bytes);
  return Blob::copy_of(std::span(static_cast<const std::byte*>(bytes), size));
}

}  // namespace fovea
