#include "audit/log/content/picture_size.h"

#include <fstream>
#include <iterator>

#include "audit/log/log_reading.h"
#include "image/decode.h"

namespace fovea {
namespace {

std::string sample(const std::string& name) {
  std::ifstream file(FOVEA_SOURCE_DIR "/samples/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::optional<PictureSize> size_of(std::string_view bytes) { return picture_size(std::as_bytes(std::span(bytes))); }

TEST(PictureSize, IsInTheHeader) {
  EXPECT_EQ(size_of(encode_png(test::ramp(70, 30))->text()), (PictureSize{70, 30}));
  EXPECT_EQ(size_of(encode_jpeg(test::ramp(70, 30), 80)->text()), (PictureSize{70, 30}));
  for (const char* name : {"one.png", "photo.jpg", "web.webp"}) {
    const std::string bytes = sample(name);
    const auto image = decode(std::as_bytes(std::span(bytes)));
    ASSERT_TRUE(image) << name;
    EXPECT_EQ(size_of(bytes), (PictureSize{image->width, image->height})) << name;
  }
}

TEST(PictureSize, OfGifAndTheFormsOfWebp) {
  EXPECT_EQ(size_of(std::string("GIF89a\x10\x01\x20\x00", 10) + std::string(20, '\0')), (PictureSize{272, 32}));
  const auto webp = [](std::string_view chunk, std::string_view rest) {
    return "RIFF" + std::string(4, '\0') + "WEBP" + std::string(chunk) + std::string(4, '\0') + std::string(rest);
  };
  EXPECT_EQ(size_of(webp("VP8X", std::string("\0\0\0\0\x0f\x01\0\x1f\0\0", 10))), (PictureSize{272, 32}));
  EXPECT_EQ(size_of(webp("VP8 ", std::string("\0\0\0\x9d\x01\x2a\x10\x01\x20\0", 10))), (PictureSize{272, 32}));
  EXPECT_EQ(size_of(webp("VP8L", std::string("\x2f\x0f\xc1\x07\0\0\0\0\0\0", 10))), (PictureSize{272, 32}));
}

TEST(PictureSize, IsUnknownOfWhatIsNone) {
  EXPECT_FALSE(size_of(""));
  EXPECT_FALSE(size_of("text"));
  const std::string png(encode_png(test::ramp(70, 30))->text()), jpeg(encode_jpeg(test::ramp(70, 30), 80)->text());
  for (const std::string& whole : {png, jpeg, sample("web.webp")}) {
    for (std::size_t length = 0; length < 40; ++length) size_of(whole.substr(0, length));  // nothing is read behind it
  }
}

}  // namespace
}  // namespace fovea
