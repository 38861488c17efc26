#include "store/events/picture_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>

namespace fovea {
namespace {

const Key scope = KeyBuilder("scope").finish(), salted = KeyBuilder("scope").field("salt").finish();
const Key alice = KeyBuilder("tenant").field("alice").finish(), bob = KeyBuilder("tenant").field("bob").finish();
const Key red = KeyBuilder("image").field("red").finish(), blue = KeyBuilder("image").field("blue").finish();

Key entry(int number) { return KeyBuilder("entry").field(number).finish(); }

EntryFacts facts(std::span<const Key> images, double cost_ms, RecordKind kind = RecordKind::embedding) {
  return {.kind = kind, .scope = scope, .tenant = alice, .images = images, .cost_ms = cost_ms, .bytes = 100};
}

TEST(PictureTable, APictureNeedsAllItsTiles) {
  PictureTable table;
  const std::array images{red};
  EXPECT_EQ(table.add(entry(1), facts(images, 5)).at(0).saves_us, 5000u);
  const PictureHolding both = table.add(entry(2), facts(images, 7)).at(0);
  EXPECT_EQ(both, (PictureHolding{.picture = {RecordKind::embedding, scope, red},
                                  .tenant = alice,
                                  .entries = 2,
                                  .bytes = 200,
                                  .saves_us = 12000}));
  const PictureHolding one = table.remove(entry(1)).at(0);
  EXPECT_EQ(one.entries, 1u);
  EXPECT_EQ(one.bytes, 100u);
  EXPECT_EQ(one.saves_us, 7000u);
  const PictureHolding none = table.remove(entry(2)).at(0);
  EXPECT_EQ(none.entries, 0u);
  EXPECT_EQ(none.bytes, 0u);
  EXPECT_EQ(none.saves_us, 0u);
  EXPECT_TRUE(table.page({}, 10).empty());
  EXPECT_TRUE(table.remove(entry(2)).empty()) << "it is not known any more";
}

TEST(PictureTable, ARequestTakesOnePrefixAndOneResponse) {
  for (const RecordKind kind : {RecordKind::prefix, RecordKind::response, RecordKind::relayed_response}) {
    PictureTable table;
    const std::array images{red};
    table.add(entry(1), facts(images, 5, kind));
    table.add(entry(2), facts(images, 9, kind));
    EXPECT_EQ(table.add(entry(3), facts(images, 9, kind)).at(0).saves_us, 9000u);
    EXPECT_EQ(table.remove(entry(2)).at(0).saves_us, 9000u) << "the other one of nine";
    EXPECT_EQ(table.remove(entry(3)).at(0).saves_us, 5000u);
  }
}

TEST(PictureTable, AnEntryOfSeveralPicturesCountsForEachOnce) {
  PictureTable table;
  const std::array images{blue, red, blue};
  EXPECT_EQ(table.add(entry(1), facts(images, 5, RecordKind::prefix)).size(), 2u);
  const auto held = table.page({}, 10);
  ASSERT_EQ(held.size(), 2u);
  EXPECT_EQ(held[0].entries, 1u);
  EXPECT_EQ(held[1].entries, 1u);
  EXPECT_EQ(table.remove(entry(1)).size(), 2u);
  EXPECT_TRUE(table.page({}, 10).empty());
}

TEST(PictureTable, KeepsLevelsAndScopesApart) {
  PictureTable table;
  const std::array images{red};
  table.add(entry(1), facts(images, 5));
  EXPECT_EQ(table.add(entry(2), facts(images, 5, RecordKind::response)).at(0).entries, 1u);
  EntryFacts other = facts(images, 3);
  other.scope = salted;
  other.tenant = bob;
  const PictureHolding of_bob = table.add(entry(3), other).at(0);
  EXPECT_EQ(of_bob.entries, 1u);
  EXPECT_EQ(of_bob.tenant, bob);
  EXPECT_EQ(table.page({}, 10).size(), 3u);
}

TEST(PictureTable, PagesFollowEachOther) {
  PictureTable table;
  std::vector<Key> images;
  for (int i = 0; i < 25; ++i) images.push_back(KeyBuilder("image").field(i).finish());
  table.add(entry(1), facts(images, 5));
  std::vector<PictureKey> seen;
  std::optional<PictureKey> after;
  for (auto page = table.page(after, 10); !page.empty(); page = table.page(after, 10)) {
    EXPECT_LE(page.size(), 10u);
    for (const PictureHolding& holding : page) seen.push_back(holding.picture);
    after = seen.back();
  }
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST(PictureTable, OddCostsAreBounded) {
  PictureTable table;
  const std::array images{red};
  EXPECT_EQ(table.add(entry(1), facts(images, -5)).at(0).saves_us, 0u);
  EXPECT_EQ(table.add(entry(2), facts(images, std::numeric_limits<double>::quiet_NaN())).at(0).saves_us, 0u);
  for (int i = 3; i < 30; ++i) table.add(entry(i), facts(images, std::numeric_limits<double>::max()));
  EXPECT_EQ(table.page({}, 1).at(0).saves_us, 27 * 1'000'000'000'000'000u);
  for (int i = 3; i < 30; ++i) table.remove(entry(i));
  EXPECT_EQ(table.page({}, 1).at(0).saves_us, 0u);
}

}  // namespace
}  // namespace fovea
