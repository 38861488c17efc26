#include "tier/open/tier_settings.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/scratch_folder.h"

namespace fovea {
namespace {

TEST(TierSettings, AFleetHasOneKeyOrTwo) {
  const auto folder = ScratchFolder::make("fovea-test");
  ASSERT_TRUE(folder);
  const auto file = folder->path() / "fleet.key";
  const std::string one(64, 'a'), other(64, 'b');
  const auto keys_in = [&](const std::string& text) {
    std::ofstream(file, std::ios::trunc) << text;
    return read_fleet_keys(file);
  };
  ASSERT_TRUE(keys_in(one + "\n"));
  EXPECT_EQ(keys_in(one + "\n")->size(), 1u);
  ASSERT_TRUE(keys_in(one + "\n" + other));
  EXPECT_EQ(keys_in(one + "\n" + other)->at(0).front(), std::byte{0xaa});
  for (const std::string& wrong : {std::string(), std::string("secret"), one + one, one + "\n" + one + "\n" + one}) {
    const auto keys = keys_in(wrong);
    ASSERT_FALSE(keys) << wrong;
    EXPECT_EQ(keys.error().fault, Fault::invalid);
    EXPECT_TRUE(keys.error().message.contains("openssl rand -hex 32")) << keys.error().message;
    EXPECT_FALSE(keys.error().message.contains("aaaa")) << "a secret is not repeated";
  }
  EXPECT_EQ(read_fleet_keys("/nowhere").error().fault, Fault::not_found);
}

TEST(TierSettings, SentencesNameWhatThePersonWrote) {
  const TierNames names{.disk_size = "disk_size", .fleet_key_file = "fleet_key_file"};
  const auto size = disk_settings({.disk_cache = "/tmp", .disk_size = "much", .names = names});
  ASSERT_FALSE(size);
  EXPECT_TRUE(size.error().message.starts_with("disk_size: ")) << size.error().message;
  const auto key = read_fleet_keys("/nowhere", names);
  ASSERT_FALSE(key);
  EXPECT_TRUE(key.error().message.starts_with("fleet_key_file: ")) << key.error().message;
}

}  // namespace
}  // namespace fovea
