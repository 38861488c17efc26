#include "pipeline/relay_entry.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>

namespace fovea {
namespace {

const RelayEntry entry{.stored_at_ms = 1e12,
                       .cost_ms = 2.5,
                       .tells_usage = true,
                       .image_keys = {KeyBuilder("test").field(1).finish(), KeyBuilder("test").field(2).finish()},
                       .object = "{}"};

TEST(RelayEntry, ComesBackFromItsBytes) {
  const auto back = RelayEntry::from_blob(entry.to_blob()).value();
  EXPECT_EQ(back.stored_at_ms, entry.stored_at_ms);
  EXPECT_EQ(back.cost_ms, entry.cost_ms);
  EXPECT_EQ(back.tells_usage, entry.tells_usage);
  EXPECT_EQ(back.image_keys, entry.image_keys);
  EXPECT_EQ(back.object, entry.object);
  EXPECT_EQ(RelayEntry::from_blob(RelayEntry{}.to_blob()).value().object, "");
}

TEST(RelayEntry, IsNotMadeOfOtherBytes) {
  const std::string bytes(entry.to_blob().text());
  for (std::size_t size = 0; size < bytes.size() - entry.object.size(); ++size)
    EXPECT_FALSE(RelayEntry::from_blob(Blob::copy_of(std::string_view(bytes).substr(0, size)))) << size;
  std::string timeless = bytes, odd = bytes, crowded = bytes;
  const double never = std::numeric_limits<double>::quiet_NaN();
  std::memcpy(timeless.data(), &never, sizeof never);
  odd[16] = 2;
  std::memset(crowded.data() + 20, 0xFF, 4);
  for (const std::string& other : {timeless, odd, crowded}) EXPECT_FALSE(RelayEntry::from_blob(Blob::copy_of(other)));
}

}  // namespace
}  // namespace fovea
