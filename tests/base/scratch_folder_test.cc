#include "base/scratch_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace fovea {
namespace {

TEST(ScratchFolderTest, IsEmptyAndItsUsersAloneAndGoesWithItsContent) {
  std::filesystem::path path;
  {
    auto folder = ScratchFolder::make("fovea-test");
    ASSERT_TRUE(folder);
    path = folder->path();
    EXPECT_TRUE(std::filesystem::is_empty(path));
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
    std::filesystem::create_directories(path / "a" / "b");
    std::ofstream(path / "a" / "file") << "text";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ScratchFolderTest, TwoAreTwo) {
  const auto one = ScratchFolder::make("fovea-test"), other = ScratchFolder::make("fovea-test");
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->path(), other->path());
}

TEST(ScratchFolderTest, MovingLeavesOneOwner) {
  auto first = ScratchFolder::make("fovea-test");
  ASSERT_TRUE(first);
  const auto path = first->path();
  {
    const ScratchFolder second = std::move(*first);
    EXPECT_EQ(second.path(), path);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace fovea
