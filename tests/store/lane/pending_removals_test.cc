#include "store/lane/pending_removals.h"

#include <gtest/gtest.h>

#include "store/entries.h"

namespace fovea {
namespace {

using namespace test;  // the entries

PurgeLabel all_of(const Key& tenant) { return {.tenant = tenant, .image = {}}; }
Key numbered(const char* what, std::size_t number) { return KeyBuilder(what).field(number).finish(); }

class PendingRemovalsTest : public testing::Test {
 protected:
  bool cover(const TierEntry& entry, RecordKind kind = RecordKind::prefix) const {
    return pending.now()->cover(kind, entry);
  }

  PendingRemovals pending;
};

TEST_F(PendingRemovalsTest, CoverWhatLabelsAndKeysName) {
  EXPECT_FALSE(cover(entry(1, "x", alice, {red})));
  pending.add(PurgeLabel{.tenant = alice, .image = red});
  pending.add(all_of(bob));
  pending.add(Erasure{RecordKind::prefix, {key(7), key(8)}});
  EXPECT_TRUE(cover(entry(1, "x", alice, {blue, red})));
  EXPECT_FALSE(cover(entry(1, "x", alice, {blue})));
  EXPECT_TRUE(cover(entry(1, "x", bob)));
  EXPECT_TRUE(cover(entry(8, "x", alice)));
  EXPECT_FALSE(cover(entry(8, "x", alice), RecordKind::response)) << "another kind";
}

TEST_F(PendingRemovalsTest, ThoseThatWereDoneAreGoneAndLaterOnesAreNot) {
  pending.add(all_of(alice));
  pending.add(all_of(bob));
  const auto moment = pending.now();
  ASSERT_EQ(moment->removals.size(), 2u);
  pending.add(Erasure{RecordKind::prefix, {key(1)}});
  pending.done_through(moment->removals[0].number);
  EXPECT_FALSE(cover(entry(2, "x", alice)));
  EXPECT_TRUE(cover(entry(2, "x", bob)));
  pending.done_through(moment->removals[1].number);
  EXPECT_FALSE(cover(entry(2, "x", bob)));
  EXPECT_TRUE(cover(entry(1, "x", bob)));
  EXPECT_EQ(moment->removals.size(), 2u) << "a moment never changes";
}

// What was stored between the two is not removed by what was done for the first.
TEST_F(PendingRemovalsTest, OneThatComesAgainIsNotDoneByWhatWasDoneBefore) {
  pending.add(all_of(alice));
  const auto before = pending.now();
  pending.add(all_of(alice));
  EXPECT_EQ(pending.now()->removals.size(), 1u) << "it is there once";
  pending.done_through(before->removals[0].number);
  EXPECT_TRUE(cover(entry(1, "x", alice)));
}

TEST_F(PendingRemovalsTest, OfTooManyLabelsOfOneTenantItsAllIsLeft) {
  for (std::size_t i = 0; i < PendingRemovals::removals_max; ++i)
    pending.add(PurgeLabel{.tenant = alice, .image = numbered("image", i)});
  EXPECT_FALSE(cover(entry(1, "x", alice, {red})));
  pending.add(PurgeLabel{.tenant = alice, .image = blue});
  EXPECT_EQ(pending.now()->removals.size(), 1u);
  EXPECT_TRUE(cover(entry(1, "x", alice, {red})));
  EXPECT_FALSE(cover(entry(1, "x", bob, {red})));
}

TEST_F(PendingRemovalsTest, EverythingTakesThePlaceOfAllOthersAndIsNeverLess) {
  for (std::size_t i = 0; i < PendingRemovals::removals_max; ++i)
    pending.add(PurgeLabel{.tenant = Key{}, .image = numbered("image", i)});  // as everything's label has it
  pending.add(PurgeLabel::of_everything());
  const auto moment = pending.now();
  ASSERT_EQ(moment->removals.size(), 1u);
  EXPECT_EQ(std::get<PurgeLabel>(moment->removals[0].removal), PurgeLabel::of_everything());
  EXPECT_TRUE(cover(entry(1, "x", alice, {red})));
}

TEST_F(PendingRemovalsTest, OfTooManyTenantsOrKeysEverythingIsLeftToRemove) {
  for (std::size_t i = 0; i < PendingRemovals::removals_max; ++i) pending.add(all_of(numbered("tenant", i)));
  EXPECT_FALSE(cover(entry(1, "x", alice)));
  pending.add(Erasure{RecordKind::prefix, {key(7)}});
  EXPECT_TRUE(cover(entry(1, "x", alice)));
  const auto moment = pending.now();
  ASSERT_EQ(moment->removals.size(), 1u);
  EXPECT_EQ(std::get<PurgeLabel>(moment->removals[0].removal), PurgeLabel::of_everything());
  pending.add(all_of(bob));
  pending.done_through(moment->removals[0].number);
  EXPECT_FALSE(cover(entry(1, "x", alice))) << "with everything, what was forgotten is removed";
  EXPECT_TRUE(cover(entry(1, "x", bob))) << "what came later is not";
}

}  // namespace
}  // namespace fovea
