#include "pipeline/levels/relayed_response.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace fovea {
namespace {

const RelayedResponse response{
    .tells_usage = true,
    .image_keys = {KeyBuilder("test").field(1).finish(), KeyBuilder("test").field(2).finish()},
    .object = "{}"};

Blob payload_of(const RelayedResponse& stored) { return Blob::copy_of(stored.payload().written()); }

TEST(RelayedResponse, ComesBackFromItsBytes) {
  const auto back = RelayedResponse::from_payload(payload_of(response)).value();
  EXPECT_EQ(back.tells_usage, response.tells_usage);
  EXPECT_EQ(back.image_keys, response.image_keys);
  EXPECT_EQ(back.object, response.object);
  EXPECT_EQ(RelayedResponse::from_payload(payload_of({})).value().object, "");
}

TEST(RelayedResponse, IsNotMadeOfOtherBytes) {
  const std::string bytes(payload_of(response).text());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(RelayedResponse::from_payload(Blob::copy_of(std::string_view(bytes).substr(0, size)))) << size;
  std::string odd = bytes, crowded = bytes;
  odd[0] = 2;
  std::memset(crowded.data() + 1, 0xFF, 4);
  for (const std::string& other : {odd, crowded, bytes + " "})
    EXPECT_FALSE(RelayedResponse::from_payload(Blob::copy_of(other)));
}

}  // namespace
}  // namespace fovea
