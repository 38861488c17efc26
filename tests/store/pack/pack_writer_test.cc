#include "store/pack/pack_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "base/scratch_folder.h"
#include "store/byte_io.h"
#include "store/entries.h"
#include "store/pack/pack_format.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class PackWriterTest : public testing::Test {
 protected:
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder->path()), fs::directory_iterator()));
  }

  Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
  const fs::path file = folder->path() / "cache.pack";
};

TEST_F(PackWriterTest, WritesWhatTheFormatSays) {
  const TierEntry entry = test::entry(1, "one", test::alice, {test::red});
  {
    const auto writer = PackWriter::create(file, std::nullopt);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE((*writer)->add(RecordKind::prefix, entry));
    EXPECT_EQ((*writer)->entries(), 1u);
    ASSERT_TRUE((*writer)->finish());
  }
  const std::string text = text_of(file);
  ByteReader reader(std::as_bytes(std::span(text)));
  EXPECT_TRUE(std::ranges::equal(reader.bytes(8), std::as_bytes(std::span("FOVEAPAK", 8))));
  EXPECT_EQ(reader.u8(), 1);
  for (const std::byte reserved : reader.bytes(7)) EXPECT_EQ(reserved, std::byte{});
  const auto head = seal_entry(RecordKind::prefix, entry, {.images = {0}});
  ASSERT_EQ(reader.u64(), head.size() + entry.record.size());
  EXPECT_TRUE(std::ranges::equal(reader.bytes(head.size()), head));
  EXPECT_TRUE(std::ranges::equal(reader.bytes(entry.record.size()), entry.record.bytes()));
  EXPECT_EQ(reader.u64(), 0u);
  EXPECT_EQ(reader.u64(), 1u);
  EXPECT_TRUE(reader.finished());
}

TEST_F(PackWriterTest, AppearsWhenItIsWholeAndIsItsUsersAlone) {
  std::ofstream(file) << "the one before";
  {
    const auto writer = PackWriter::create(file, std::nullopt);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->add(RecordKind::prefix, test::entry(1, "one")));
    EXPECT_EQ(text_of(file), "the one before");
  }
  EXPECT_EQ(text_of(file), "the one before");
  EXPECT_EQ(files(), 1u) << "what was not finished leaves nothing";
  const auto writer = PackWriter::create(file, std::nullopt);
  ASSERT_TRUE((*writer)->finish());
  EXPECT_TRUE(text_of(file).starts_with("FOVEAPAK"));
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(PackWriterTest, AFolderThatIsNotThereIsAFault) {
  const auto writer = PackWriter::create(folder->path() / "no" / "pack", std::nullopt);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().fault, Fault::unavailable);
}

TEST_F(PackWriterTest, AFullDiskIsAFault) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  fs::create_symlink("/dev/full", folder->path() / ("full." + std::to_string(::getpid()) + ".part"));
  const auto writer = PackWriter::create(folder->path() / "full", std::nullopt);
  ASSERT_TRUE(writer);
  Result<void> done = (*writer)->add(RecordKind::prefix, test::entry(1, std::string(100'000, 'x')));
  if (done) done = (*writer)->finish();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, testing::HasSubstr("No space left"));
}

}  // namespace
}  // namespace fovea
