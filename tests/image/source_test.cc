// The source key: the bytes that a client sent, all of them.
#include "image/source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "image/vips.h"
#include "pictures.h"

namespace fovea {
namespace {

// Other builds of the decoding libraries may make other pixels of the same bytes.
TEST(SourceKey, IsThatOfTheBytesAndOfTheDecoders) {
  const Bytes bytes = bytes_of("abc");
  EXPECT_EQ(source_key(bytes), KeyBuilder("fovea/source/2").field(decoders()).field(std::span(bytes)).finish());
}

TEST(SourceKey, SourcesThatShareTheirFirstBytesDiffer_Incident3) {
  Bytes invoice(1 << 20, std::byte{7});
  const Key first = source_key(invoice);
  invoice.back() = std::byte{8};
  EXPECT_NE(source_key(invoice), first);
}

// A path is no part of any key: the content of the file now is what counts.
TEST(SourceKey, AChangedFileUnderTheSamePathDiffers_Incident4) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "fovea_incident_4_source.png";
  const auto key_written = [&](const Raster& picture) {
    const Bytes file = encoded(picture, ".png");
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(file.data()), std::ssize(file));
    return source_key(contents(path));
  };
  const Key before = key_written(sample(8, 8));
  const Key after = key_written(sample(8, 9));
  std::filesystem::remove(path);
  EXPECT_NE(before, after);
}

}  // namespace
}  // namespace fovea
