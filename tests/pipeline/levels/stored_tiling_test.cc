#include "pipeline/levels/stored_tiling.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace fovea {
namespace {

Blob payload_of(const StoredTiling& tiling) { return Blob::copy_of(tiling.payload().written()); }

StoredTiling some_tiles() {
  StoredTiling tiling{.image_key = KeyBuilder("image").finish()};
  for (std::int64_t i = 0; i < 17; ++i) {
    tiling.embedding_keys.push_back(KeyBuilder("tile").field(i).finish());
    tiling.encode_ms.push_back(static_cast<double>(i) / 3);
  }
  return tiling;
}

TEST(StoredTiling, ComesBackAsItWas) {
  const StoredTiling tiling = some_tiles();
  const auto back = StoredTiling::from_payload(payload_of(tiling));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->image_key, tiling.image_key);
  EXPECT_EQ(back->embedding_keys, tiling.embedding_keys);
  EXPECT_EQ(back->encode_ms, tiling.encode_ms);
}

TEST(StoredTiling, Incident17OtherBytesAreNoTiling) {
  const std::string whole(payload_of(some_tiles()).text());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(StoredTiling::from_payload(Blob::copy_of(whole.substr(0, size)))) << size;
  EXPECT_FALSE(StoredTiling::from_payload(Blob::copy_of(whole + "x")));
  StoredTiling timeless = some_tiles();
  timeless.encode_ms[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(StoredTiling::from_payload(payload_of(timeless)));
  EXPECT_FALSE(StoredTiling::from_payload(payload_of({}))) << "an image has tiles";
}

}  // namespace
}  // namespace fovea
