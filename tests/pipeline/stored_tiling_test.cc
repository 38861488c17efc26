#include "pipeline/stored_tiling.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

TEST(StoredTiling, ComesBackAsItWas) {
  StoredTiling tiling{.image_key = KeyBuilder("image").finish()};
  for (std::int64_t i = 0; i < 17; ++i) {
    tiling.embedding_keys.push_back(KeyBuilder("tile").field(i).finish());
    tiling.encode_ms.push_back(static_cast<double>(i) / 3);
  }
  const auto back = StoredTiling::from_blob(tiling.to_blob());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->image_key, tiling.image_key);
  EXPECT_EQ(back->embedding_keys, tiling.embedding_keys);
  EXPECT_EQ(back->encode_ms, tiling.encode_ms);
}

TEST(StoredTiling, Incident17OtherBytesAreNoTiling) {
  for (const std::size_t size : {0, 1, 32, 39, 41, 79}) {
    EXPECT_FALSE(StoredTiling::from_blob(Blob::copy_of(std::string(size, 'x')))) << size;
  }
}

}  // namespace
}  // namespace fovea
