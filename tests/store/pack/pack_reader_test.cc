// A pack is believed entry by entry, and as a whole only where its end is there.
#include "store/pack/pack_reader.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "base/scratch_folder.h"
#include "store/entries.h"
#include "store/pack/pack_writer.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

const SealKey ours = {std::byte{1}}, before = {std::byte{2}}, theirs = {std::byte{3}};

class PackReaderTest : public testing::Test {
 protected:
  void SetUp() override { write(std::nullopt); }

  void write(const std::optional<SealKey>& key) {
    const auto writer = PackWriter::create(file, key);
    ASSERT_TRUE(writer);
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE((*writer)->add(
          RecordKind::prefix, test::entry(i, std::string(100, static_cast<char>('a' + i)), test::alice, {test::red})));
    }
    ASSERT_TRUE((*writer)->finish());
    std::ifstream in(file, std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(in), {});
  }

  void put(const std::string& bytes) const { std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes; }

  struct Outcome {
    int sound = 0;
    std::map<RecordFault, int> doubtful;
    std::optional<Fault> fault;  // of the pack
  };
  Outcome read(std::span<const SealKey> keys = {}) const {
    Outcome outcome;
    const auto reader = PackReader::open(file, keys);
    if (!reader) return {.fault = reader.error().fault};
    for (;;) {
      const auto next = (*reader)->next();
      if (!next) outcome.fault = next.error().fault;
      if (!next || !*next) return outcome;
      if (!**next)
        ++outcome.doubtful[(*next)->error()];
      else if ((**next)->hit.entry.tenant == test::alice && (**next)->kind == RecordKind::prefix)
        ++outcome.sound;
    }
  }

  Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
  const fs::path file = folder->path() / "cache.pack";
  std::string whole;
};

TEST_F(PackReaderTest, ReadsWhatWasWritten) {
  const auto reader = PackReader::open(file, {});
  ASSERT_TRUE(reader);
  for (int i = 0; i < 3; ++i) {
    const auto next = (*reader)->next();
    ASSERT_TRUE(next && *next && **next);
    const TierEntry& entry = (**next)->hit.entry;
    EXPECT_EQ(entry.key, test::key(i));
    EXPECT_EQ(entry.images, std::vector{test::red});
    EXPECT_EQ((**next)->hit.record.payload.text(), std::string(100, static_cast<char>('a' + i)));
  }
  const auto end = (*reader)->next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
  EXPECT_EQ((*reader)->entries(), 3u);
  EXPECT_EQ((*reader)->fraction(), 1);
}

TEST_F(PackReaderTest, SealsAreComparedAsInATier) {
  EXPECT_EQ(read(std::span(&ours, 1)).doubtful[RecordFault::wrong_checksum], 3) << "anybody could have written it";
  write(before);
  EXPECT_EQ(read(std::array{ours, before}).sound, 3);
  EXPECT_EQ(read(std::span(&theirs, 1)).doubtful[RecordFault::wrong_checksum], 3);
  EXPECT_EQ(read().doubtful[RecordFault::wrong_checksum], 3);
}

TEST_F(PackReaderTest, ACutFileIsNoticedWhereverItIsCut) {
  for (std::size_t size = 0; size < whole.size(); size += size % 2 == 0 ? 1 : 10) {
    put(whole.substr(0, size));
    const Outcome outcome = read();
    ASSERT_TRUE(outcome.fault) << size;
    EXPECT_EQ(*outcome.fault, size < 16 ? Fault::invalid : Fault::corrupt) << size;
  }
  put(whole + "x");
  EXPECT_EQ(read().fault, Fault::corrupt);
}

TEST_F(PackReaderTest, AFlippedBitCostsAnEntryOrThePack) {
  for (std::size_t at = 0; at < whole.size(); at += at % 2 == 0 ? 1 : 10) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    put(flipped);
    const Outcome outcome = read();
    EXPECT_TRUE(outcome.fault || outcome.sound == 2) << at;
  }
}

TEST_F(PackReaderTest, ALengthIsComparedWithTheFile) {
  std::string huge = whole;
  huge.replace(16, 8, std::string("\xff\xff\xff\x3f\0\0\0\0", 8));  // just below the bound
  put(huge);
  EXPECT_EQ(read().fault, Fault::corrupt);
}

TEST_F(PackReaderTest, WhatIsNoPackIsSaid) {
  put("a text");
  EXPECT_EQ(read().fault, Fault::invalid);
  put("FOVEAPAK\x02" + whole.substr(9));
  const auto later = PackReader::open(file, {});
  ASSERT_FALSE(later);
  EXPECT_TRUE(later.error().message.contains("version 2")) << later.error().message;
  EXPECT_EQ(PackReader::open("/nowhere", {}).error().fault, Fault::not_found);
  EXPECT_FALSE(PackReader::open(folder->path(), {}));
}

}  // namespace
}  // namespace fovea
