// libvips as we start it: closed to every loader but ours, and holding nothing between two pictures.
#include "image/vips.h"

#include <gtest/gtest.h>

#include "image/decode.h"
#include "pictures.h"

namespace fovea {
namespace {

template <typename Loader>
bool loads(Loader loader, Bytes file) {
  VipsImage* image = nullptr;
  loader(file.data(), file.size(), &image, nullptr);
  return VipsHandle(image) != nullptr;
}

TEST(Vips, OtherLoadersAreBlockedWhoeverAsks) {
  ASSERT_TRUE(vips_ready());
  EXPECT_TRUE(loads(vips_pngload_buffer, encoded(sample(8, 8), ".png")));
  EXPECT_TRUE(loads(vips_tiffload_buffer, encoded(sample(8, 8), ".tif")));
  EXPECT_FALSE(loads(vips_ppmload_buffer, encoded(sample(8, 8), ".ppm")));
  EXPECT_FALSE(loads(vips_svgload_buffer, bytes_of("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")));
}

TEST(Vips, NothingIsKeptBetweenTwoPictures) {
  std::vector<Bytes> files;
  for (const char* suffix : {".jpg", ".png[interlace]", ".webp", ".gif"}) {
    files.push_back(encoded(sample(32, 32), suffix, 6));
    files.emplace_back(files.back().begin(), files.back().begin() + 60);
  }
  const auto all = [&] {
    for (const Bytes& file : files) static_cast<void>(decode(file));
  };
  all();  // what libvips allocates once
  const int allocations = vips_tracked_get_allocs();
  const std::size_t bytes = vips_tracked_get_mem();
  for (int i = 0; i < 20; ++i) all();
  // libvips lets go of a picture's last buffers a little late; one kept for each of the 160 would show.
  constexpr int late_allocations = 8;
  constexpr std::size_t late_bytes = 64 << 10;
  EXPECT_LE(vips_tracked_get_allocs(), allocations + late_allocations);
  EXPECT_LE(vips_tracked_get_mem(), bytes + late_bytes);
  EXPECT_EQ(vips_cache_get_size(), 0);
  EXPECT_STREQ(vips_error_buffer(), "");
}

// They are named by builds, which a version number does not tell apart.
TEST(Vips, DecodersHaveAName) {
  EXPECT_NE(decoders(), Key{});
  EXPECT_EQ(decoders(), decoders());
  EXPECT_NE(decoders(), KeyBuilder("fovea/decoders/1").field(vips_version_string()).finish())
      << "the libraries are in it, and not only a version";
}

}  // namespace
}  // namespace fovea
