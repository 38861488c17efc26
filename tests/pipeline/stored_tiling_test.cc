#include "pipeline/stored_tiling.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

TEST(StoredTiling, ComesBackAsItWas) {
  StoredTiling tiling;
  for (std::int64_t i = 0; i < 17; ++i) tiling.embedding_keys.push_back(KeyBuilder("tile").field(i).finish());
  const auto back = StoredTiling::from_blob(tiling.to_blob());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->embedding_keys, tiling.embedding_keys);
}

TEST(StoredTiling, Incident17OtherBytesAreNoTiling) {
  for (const std::size_t size : {0, 1, 31, 33, 63}) {
    EXPECT_FALSE(StoredTiling::from_blob(Blob::copy_of(std::string(size, 'x')))) << size;
  }
}

}  // namespace
}  // namespace fovea
