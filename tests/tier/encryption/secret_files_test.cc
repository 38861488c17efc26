#include "tier/encryption/secret_files.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "base/scratch_folder.h"
#include "tier/entries.h"

namespace fovea {
namespace {

using test::key_of;

class SecretFilesTest : public testing::Test {
 protected:
  std::unique_ptr<SecretFiles> open() {
    auto files = SecretFiles::open(folder);
    EXPECT_TRUE(files) << files.error().message;
    return std::move(*files);
  }
  std::size_t files_there() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
  }

  const ScratchFolder scratch = ScratchFolder::make("fovea-test").value();
  const std::filesystem::path folder = scratch.path() / "disk" / "secrets";
  const Key tenant = key_of("tenant");
  const std::filesystem::path file = folder / tenant.hex();
};

TEST_F(SecretFilesTest, AreDrawnOnceAndOutliveTheProcess) {
  const Secret drawn = open()->read_or_draw(tenant, {}).value();
  EXPECT_TRUE(open()->read_or_draw(tenant, {}).value() == drawn);
  EXPECT_FALSE(open()->read_or_draw(key_of("another"), {}).value() == drawn);
  EXPECT_EQ(files_there(), 2u) << "nothing else is left there";
}

TEST_F(SecretFilesTest, OnlyTheirUserCanReadThem) {
  EXPECT_TRUE(open()->read_or_draw(tenant, {}));
  struct stat facts{};
  ASSERT_EQ(stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  ASSERT_EQ(stat(folder.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
}

TEST_F(SecretFilesTest, ADestroyedOneIsOverwrittenAndGone) {
  const auto files = open();
  const Secret drawn = files->read_or_draw(tenant, {}).value();
  std::ifstream same_file(file, std::ios::binary);  // stays what it was when its name is gone
  ASSERT_TRUE(files->destroy(tenant));
  EXPECT_EQ(files_there(), 0u);
  const std::vector<char> left{std::istreambuf_iterator<char>(same_file), {}};
  EXPECT_FALSE(std::ranges::equal(std::as_bytes(std::span(left)), drawn.bytes()));
  EXPECT_FALSE(files->read_or_draw(tenant, {}).value() == drawn);
  EXPECT_TRUE(files->destroy(key_of("nobody")));
}

TEST_F(SecretFilesTest, ADamagedOneIsDrawnAnew) {
  const auto files = open();
  EXPECT_TRUE(files->read_or_draw(tenant, {}));
  std::filesystem::resize_file(file, 31);
  const auto anew = files->read_or_draw(tenant, {});
  ASSERT_TRUE(anew);
  EXPECT_TRUE(files->read_or_draw(tenant, {}).value() == *anew);
  EXPECT_EQ(files_there(), 1u);
}

TEST_F(SecretFilesTest, AFolderThatCannotBeMadeIsAFault) {
  const auto nowhere = SecretFiles::open("/proc/fovea");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().fault, Fault::unavailable);
  const auto files = open();
  std::filesystem::remove_all(folder);
  EXPECT_EQ(files->read_or_draw(tenant, {}).error().fault, Fault::unavailable);
}

TEST_F(SecretFilesTest, AllWhoDrawAtOnceGetTheSame) {
  const auto one = open(), other = open();
  for (int i = 0; i < 20; ++i) {
    const Key drawn_for = key_of(std::to_string(i));
    std::optional<Secret> first, second;
    {
      const std::jthread a([&] { first = one->read_or_draw(drawn_for, {}).value(); });
      const std::jthread b([&] { second = other->read_or_draw(drawn_for, {}).value(); });
    }
    EXPECT_TRUE(*first == *second);
  }
}

}  // namespace
}  // namespace fovea
