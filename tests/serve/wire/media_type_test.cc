#include "serve/wire/media_type.h"

#include <gtest/gtest.h>

#include <string_view>

#include "fovea/blob.h"

namespace fovea::serve {
namespace {

using namespace std::string_view_literals;

std::string_view of(std::string_view bytes) { return media_type_of(Blob::copy_of(bytes).bytes()); }

TEST(MediaType, IsToldByTheContent) {
  EXPECT_EQ(of("GIF89a"), "image/gif");
  EXPECT_EQ(of("FLV\1\1"), "video/x-flv");
  EXPECT_EQ(of("\x1A\x45\xDF\xA3"), "video/webm");
  EXPECT_EQ(of("\0\0\0\x18"
               "ftypmp42\0\0\0\0mp42isom"sv),
            "video/mp4");
  EXPECT_EQ(of("no file that is known"), "application/octet-stream");
}

TEST(MediaType, APictureInAVideosContainerIsAPicture) {
  EXPECT_EQ(of("\0\0\0\x18"
               "ftypheic\0\0\0\0mif1heic"sv),
            "image/heic");
}

}  // namespace
}  // namespace fovea::serve
