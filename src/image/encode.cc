#include "image/encode.h"

#include "base/check.h"
#include "image/vips.h"

namespace fovea {

namespace {

// A view of the pixels. `image` must outlive it.
VipsHandle raster_of(const DecodedImage& image) {
  check(image.width > 0 && image.height > 0, "a picture file has at least one pixel");
  check(image.pixels.size() == std::uint64_t{image.width} * image.height * image_channels,
        "an image has width * height * 3 bytes of pixels");
  if (!vips_ready()) return nullptr;
  return VipsHandle(vips_image_new_from_memory(image.pixels.bytes().data(), image.pixels.size(),
                                               static_cast<int>(image.width), static_cast<int>(image.height),
                                               image_channels, VIPS_FORMAT_UCHAR));
}

// What a saver of libvips wrote, unless it failed.
struct Written {
  void* bytes = nullptr;
  std::size_t size = 0;
  bool failed = true;
};

Result<Blob> file_of(const Written& written) {
  const Owned<void, g_free> bytes(written.bytes);
  if (written.failed)
    return fail(Fault::internal, "libvips, which writes picture files, failed: try a smaller picture.");
  return Blob::copy_of(std::span(static_cast<const std::byte*>(written.bytes), written.size));
}

}  // namespace

Result<Blob> encode_png(const DecodedImage& image) {
  const VipsHandle raster = raster_of(image);
  Written out;
  out.failed = !raster || vips_pngsave_buffer(raster.get(), &out.bytes, &out.size, "strip", TRUE, nullptr) != 0;
  return file_of(out);
}

Result<Blob> encode_jpeg(const DecodedImage& image, int quality) {
  check(quality >= 1 && quality <= 100, "the quality of a JPEG file is 1 to 100");
  const VipsHandle raster = raster_of(image);
  Written out;
  out.failed =
      !raster || vips_jpegsave_buffer(raster.get(), &out.bytes, &out.size, "strip", TRUE, "Q", quality, nullptr) != 0;
  return file_of(out);
}

}  // namespace fovea
