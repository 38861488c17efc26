#include "serve/http/spool_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace fovea::serve {
namespace {

namespace fs = std::filesystem;

// Each test has a folder for temporary files of its own.
class SpoolFolderTest : public testing::Test {
 protected:
  SpoolFolderTest() {
    fs::create_directories(folder_);
    setenv("TMPDIR", folder_.c_str(), 1);
  }
  ~SpoolFolderTest() override {
    unsetenv("TMPDIR");
    fs::remove_all(folder_);
  }

  const fs::path folder_ = fs::temp_directory_path() / ("fovea-spool-test-" + std::to_string(getpid()));
};

TEST_F(SpoolFolderTest, IsRemovedWithItsContent) {
  fs::path path;
  {
    const SpoolFolder spool;
    ASSERT_TRUE(spool.made());
    path = spool.path();
    EXPECT_EQ(path.parent_path(), folder_);
    std::ofstream(path / "body") << "bytes";
    EXPECT_TRUE(fs::exists(path / "body"));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(SpoolFolderTest, RemovesThoseOfServersThatAreGone) {
  const fs::path gone = folder_ / "fovea-serve-4194305";  // above the largest process id that Linux gives
  const fs::path alive = folder_ / ("fovea-serve-" + std::to_string(getppid()));
  const fs::path other = folder_ / "something-else";
  for (const fs::path& path : {gone, alive, other}) fs::create_directory(path);
  const SpoolFolder spool;
  EXPECT_FALSE(fs::exists(gone));
  EXPECT_TRUE(fs::exists(alive));
  EXPECT_TRUE(fs::exists(other));
}

TEST_F(SpoolFolderTest, ReplacesOneThatAnEarlierProcessOfTheSameIdLeft) {
  const fs::path own = folder_ / ("fovea-serve-" + std::to_string(getpid()));
  fs::create_directory(own);
  std::ofstream(own / "old") << "bytes";
  const SpoolFolder spool;
  EXPECT_TRUE(spool.made());
  EXPECT_FALSE(fs::exists(own / "old"));
}

TEST_F(SpoolFolderTest, SaysWhereItCouldNotBeMade) {
  fs::remove_all(folder_);
  std::ofstream(folder_) << "a file in the folder's place";
  const SpoolFolder spool;
  EXPECT_FALSE(spool.made());
  EXPECT_EQ(spool.path().parent_path(), folder_);
}

}  // namespace
}  // namespace fovea::serve
