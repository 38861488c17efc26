#include "tier/rocksdb/purge_marks.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/scratch_folder.h"
#include "tier/entries.h"

namespace fovea {
namespace {

using test::entry_of;
using test::key_of;

class PurgeMarksTest : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    marks.reset();
    database.reset();
    auto opened = Database::open(folder->path(), DiskShares::of(DiskShares::bytes_min));
    ASSERT_TRUE(opened) << opened.error().message;
    database = std::move(*opened);
    auto loaded = PurgeMarks::load(*database);
    ASSERT_TRUE(loaded) << loaded.error().message;
    marks = std::move(*loaded);
  }

  Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
  std::unique_ptr<Database> database;
  std::unique_ptr<PurgeMarks> marks;
};

TEST_F(PurgeMarksTest, AnEntryIsCurrentUntilItsTenantOrAnImageIsPurged) {
  const TierEntry entry = entry_of("a");
  const Generations stored = marks->of(entry);
  EXPECT_TRUE(marks->is_current(entry, stored));
  ASSERT_TRUE(marks->purge({.tenant = key_of("another"), .image = {}}));
  ASSERT_TRUE(marks->purge({.tenant = entry.tenant, .image = key_of("another image")}));
  EXPECT_TRUE(marks->is_current(entry, stored));
  ASSERT_TRUE(marks->purge({.tenant = entry.tenant, .image = entry.images[0]}));
  EXPECT_FALSE(marks->is_current(entry, stored));
  const Generations again = marks->of(entry);
  EXPECT_TRUE(marks->is_current(entry, again));
  ASSERT_TRUE(marks->purge({.tenant = entry.tenant, .image = {}}));
  EXPECT_FALSE(marks->is_current(entry, again));
}

TEST_F(PurgeMarksTest, ManyAreCountedEach) {
  const TierEntry one = entry_of("a");
  TierEntry other = entry_of("b");
  other.tenant = key_of("another");
  const Generations of_one = marks->of(one), of_other = marks->of(other);
  const PurgeLabel labels[] = {{.tenant = one.tenant, .image = one.images[0]},
                               {.tenant = one.tenant, .image = one.images[0]},
                               {.tenant = key_of("nobody"), .image = {}}};
  ASSERT_TRUE(marks->purge(labels));
  ASSERT_TRUE(marks->purge(std::span<const PurgeLabel>()));
  EXPECT_FALSE(marks->is_current(one, of_one));
  EXPECT_TRUE(marks->is_current(other, of_other));
}

TEST_F(PurgeMarksTest, EverythingIsANewEra) {
  const TierEntry entry = entry_of("a");
  ASSERT_TRUE(marks->purge({.tenant = entry.tenant, .image = {}}));
  const Generations before = marks->of(entry);
  ASSERT_TRUE(marks->purge(PurgeLabel::of_everything()));
  const Generations after = marks->of(entry);
  EXPECT_FALSE(marks->is_current(entry, before));
  open();
  EXPECT_FALSE(marks->is_current(entry, before)) << "also after a restart";
  EXPECT_TRUE(marks->is_current(entry, after));
}

TEST_F(PurgeMarksTest, AreThereAfterARestart) {
  const TierEntry entry = entry_of("a");
  const Generations before = marks->of(entry);
  ASSERT_TRUE(marks->purge({.tenant = entry.tenant, .image = entry.images[0]}));
  const Generations after = marks->of(entry);
  open();
  EXPECT_FALSE(marks->is_current(entry, before));
  EXPECT_TRUE(marks->is_current(entry, after));
}

TEST_F(PurgeMarksTest, GenerationsOfAnotherNumberOfImagesAreNotCurrent) {
  const TierEntry entry = entry_of("a");
  EXPECT_FALSE(marks->is_current(entry, {.tenant = 0, .images = {}}));
}

// The marks stay in memory, so there is an end to them.
TEST_F(PurgeMarksTest, TooManyPurgeEverythingAndBeginAgain) {
  const TierEntry entry = entry_of("a");
  const Generations stored = marks->of(entry);
  rocksdb::WriteBatch batch;
  const std::uint32_t once = 1;
  for (std::size_t i = 0; i < PurgeMarks::marks_max; ++i) {
    const Key name = key_of(std::to_string(i));
    batch.Put(database->notes(),
              "purged/" + std::string(reinterpret_cast<const char*>(name.bytes.data()), name.bytes.size()),
              rocksdb::Slice(reinterpret_cast<const char*>(&once), sizeof once));
  }
  ASSERT_TRUE(database->db().Write({}, &batch).ok());
  open();
  EXPECT_TRUE(marks->is_current(entry, stored));
  ASSERT_TRUE(marks->purge({.tenant = key_of("another"), .image = {}}));
  EXPECT_FALSE(marks->is_current(entry, stored));
  const Generations again = marks->of(entry);
  open();
  EXPECT_FALSE(marks->is_current(entry, stored)) << "also after a restart";
  EXPECT_TRUE(marks->is_current(entry, again));
}

}  // namespace
}  // namespace fovea
