// File stores over a tier in memory: one after the other as before and after a restart, or side by side as
// two nodes that share it.
#include "serve/files/file_tiers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "pipeline/levels/scope.h"
#include "serve/files/file_store.h"
#include "store/faulty_tier.h"
#include "store/purge_log.h"

namespace fovea::serve {
namespace {

using fovea::test::FaultyTier;

class NoNews final : public PurgeLog {
 public:
  Result<News> after(std::string_view, const WaitLimits&) override { return News{}; }
};

// The labels that are told of, each once.
class Told final : public PurgeListener {
 public:
  void purged_elsewhere(std::span<const PurgeLabel> labels) override {
    for (const PurgeLabel& label : labels) {
      if (!std::ranges::contains(labels_, label)) labels_.push_back(label);
    }
  }
  const std::vector<PurgeLabel>& labels() const { return labels_; }

 private:
  std::vector<PurgeLabel> labels_;
};

class FileTiersTest : public testing::Test {
 protected:
  FileTiersTest() : tier_(*new FaultyTier(TierKind::shared)) {
    tiers_.push_back(std::make_unique<TierLane>(std::unique_ptr<Tier>(&tier_), TierLaneOptions{}));
  }

  static std::string add(FileStore& files, const char* tenant = "alice", const char* bytes = "picture") {
    return files.add(tenant, "cat.png", Blob::copy_of(bytes)).value().id;
  }
  bool tier_holds(const std::string& id) const {
    return tier_.holds(RecordKind::file, StoredFile::key_of("alice", id));
  }
  // What the follower of a shared tier's log does when another process purged a label.
  void tell(const PurgeLabel& label) { tiers_.front()->listeners().tell(std::span(&label, 1)); }

  FaultyTier& tier_;
  Tiers tiers_;
};

TEST_F(FileTiersTest, AFileOutlivesTheProcess) {
  std::string id;
  {
    FileStore before({}, &tiers_);
    id = add(before);
  }
  FileStore after({}, &tiers_);
  const auto found = after.find("alice", id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bytes.text(), "picture");
  EXPECT_EQ(found->name, "cat.png");
  EXPECT_EQ(found->expires_unix_s - found->created_unix_s, 24 * 3600);
  EXPECT_TRUE(after.list("alice").empty()) << "it was not uploaded to this process";
  EXPECT_EQ(after.bytes(), 0U);
}

TEST_F(FileTiersTest, ItIsWrittenWhenTheUploadReturns) {
  FileStore here({}, &tiers_);
  const std::string id = add(here);
  EXPECT_TRUE(tier_holds(id));
  EXPECT_EQ(tiers_.front()->stats().use[static_cast<std::size_t>(RecordKind::file) - 1].written, 1U);
}

TEST_F(FileTiersTest, AnotherTenantDoesNotFindIt) {
  FileStore here({}, &tiers_), there({}, &tiers_);
  const std::string id = add(here);
  EXPECT_TRUE(there.find("alice", id));
  EXPECT_FALSE(there.find("bob", id));
  EXPECT_FALSE(there.remove("bob", id));
  EXPECT_TRUE(there.find("alice", id));
}

// Removals that wait become a purge of everything when they are too many.
TEST_F(FileTiersTest, WhatIsExpiredLeavesNoRemovalThatWaits) {
  FileStore here({.ttl_s = -1}, &tiers_), there({}, &tiers_);
  const std::string id = add(here);
  tier_.fail(FaultyTier::Call::erase, Fault::unavailable);
  EXPECT_FALSE(here.find("alice", id));
  EXPECT_FALSE(there.find("alice", id));
  add(here);
  EXPECT_TRUE(here.list("alice").empty());
  EXPECT_EQ(here.bytes(), 0U);
  EXPECT_EQ(tiers_.front()->stats().removals_pending, 0U);
}

TEST_F(FileTiersTest, NoRequestPaysForFilesOfOthersThatAreExpired) {
  FileStore here({.ttl_s = -1}, &tiers_);
  for (int i = 0; i < 3; ++i) add(here);
  EXPECT_FALSE(here.find("bob", "file-unknown"));
  EXPECT_EQ(tier_.calls(FaultyTier::Call::erase), 0);
}

TEST_F(FileTiersTest, WhatIsExpiredIsRemovedByWhoAsksForIt) {
  FileStore here({.ttl_s = -1}, &tiers_), there({}, &tiers_);
  const std::string id = add(here);
  ASSERT_TRUE(tier_holds(id));
  EXPECT_FALSE(there.find("alice", id));
  EXPECT_FALSE(tier_holds(id));
}

TEST_F(FileTiersTest, WhatIsDeletedHereIsFoundNowhere) {
  FileStore here({}, &tiers_), there({}, &tiers_);
  const std::string id = add(here);
  EXPECT_TRUE(here.remove("alice", id));
  EXPECT_FALSE(here.find("alice", id));
  EXPECT_FALSE(there.find("alice", id));
  EXPECT_FALSE(there.remove("alice", id)) << "it is gone already";
}

// Where nobody follows what is purged, a label would only have to be remembered.
TEST_F(FileTiersTest, OthersLearnOfADeletionByItsLabel) {
  FileStore here({}, &tiers_);
  EXPECT_TRUE(here.remove("alice", add(here)));
  EXPECT_EQ(tier_.calls(FaultyTier::Call::purge), 0);
  NoNews log;
  tier_.log = &log;
  const std::string id = add(here);
  EXPECT_TRUE(here.remove("alice", id));
  EXPECT_EQ(tier_.calls(FaultyTier::Call::purge), 1);
  EXPECT_FALSE(tier_holds(id)) << "its bytes make room";
  tier_.log = nullptr;
}

TEST_F(FileTiersTest, ItsLabelSaysThatItIsAFile) {
  Told told;
  tiers_.front()->listeners().add(told);
  FileStore here({}, &tiers_);
  const std::string id = add(here);
  EXPECT_TRUE(here.remove("alice", id));
  tiers_.front()->listeners().remove(told);
  const PurgeLabel label{
      .tenant = file_tenant_label("alice"), .image = StoredFile::key_of("alice", id), .is_file = true};
  EXPECT_EQ(told.labels(), std::vector{label});
}

TEST_F(FileTiersTest, ADeletionThatASharedTierDoesNotTakeIsOneRemovalThatWaits) {
  NoNews log;
  tier_.log = &log;
  FileStore here({}, &tiers_);
  const std::string id = add(here);
  tier_.fail(FaultyTier::Call::erase, Fault::unavailable);
  tier_.fail(FaultyTier::Call::purge, Fault::unavailable);
  EXPECT_TRUE(here.remove("alice", id));
  EXPECT_EQ(tiers_.front()->stats().removals_pending, 1U);
  EXPECT_FALSE(here.find("alice", id));
  tier_.work();
  tier_.log = nullptr;
}

TEST_F(FileTiersTest, WhatIsDeletedElsewhereGoesFromMemory) {
  FileStore here({}, &tiers_), there({}, &tiers_);
  const std::string id = add(here), kept = add(here);
  EXPECT_TRUE(there.remove("alice", id));
  tell({.tenant = file_tenant_label("alice"), .image = StoredFile::key_of("alice", id)});
  EXPECT_FALSE(here.find("alice", id));
  EXPECT_TRUE(here.find("alice", kept));
  EXPECT_EQ(here.bytes(), 7U);
}

TEST_F(FileTiersTest, OtherPurgesLeaveFilesWhereTheyAre) {
  FileStore here({}, &tiers_);
  const std::string id = add(here);
  tell({.tenant = tenant_label("alice"), .image = {}});
  tell(PurgeLabel::of_everything());
  EXPECT_TRUE(here.find("alice", id));
  EXPECT_EQ(here.list("alice").size(), 1U);
  tell({.tenant = file_tenant_label("alice"), .image = {}});
  EXPECT_TRUE(here.list("alice").empty());
}

TEST_F(FileTiersTest, WhatHasNoRoomInMemoryIsFoundInTheTier) {
  FileStore here({.files_max = 1}, &tiers_);
  const std::string oldest = add(here, "alice", "first");
  add(here, "alice", "second");
  EXPECT_EQ(here.list("alice").size(), 1U);
  const auto found = here.find("alice", oldest);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bytes.text(), "first");
}

TEST_F(FileTiersTest, WithoutATierThatWorksFilesAreInMemory) {
  tier_.fail(FaultyTier::Call::insert, Fault::unavailable);
  tier_.fail(FaultyTier::Call::find, Fault::unavailable);
  FileStore here({}, &tiers_), there({}, &tiers_);
  const std::string id = add(here);
  EXPECT_TRUE(here.find("alice", id));
  EXPECT_FALSE(there.find("alice", id));
}

TEST_F(FileTiersTest, ADeletionIsNotUndoneByATierThatFailsMeanwhile) {
  FileStore here({}, &tiers_), there({}, &tiers_);
  const std::string id = add(here);
  tier_.fail(FaultyTier::Call::erase, Fault::unavailable);
  tier_.fail(FaultyTier::Call::purge, Fault::unavailable);
  EXPECT_TRUE(here.remove("alice", id));
  EXPECT_FALSE(here.find("alice", id)) << "the tier has it still, and is not believed";
  tier_.work();
}

TEST_F(FileTiersTest, DamageIsAMiss) {
  FileStore here({}, &tiers_), there({}, &tiers_);
  const std::string id = add(here);
  ASSERT_TRUE(tier_.flip(RecordKind::file, StoredFile::key_of("alice", id), 3000));
  EXPECT_FALSE(there.find("alice", id));
}

}  // namespace
}  // namespace fovea::serve
