#include "audit/spoilers/spoiler_table.h"

#include <gtest/gtest.h>

#include "audit/spoilers/seen_spoilers.h"

namespace fovea {
namespace {

using test::Asked;

// Each request of a client spoils as many milliseconds as its name has letters.
void by_name(const PlacedRequest& placed, SpoilerTable& table) {
  table.add(SpoilerKind::changing_url, placed, {}, {.ms = static_cast<double>(placed.request->client.size())});
}

TEST(SpoilerTable, TheCostliestComeFirst) {
  test::SeenSpoilers seen(by_name);
  for (int i = 0; i < 3; ++i) {
    seen.see(Asked("ab").user("?"));
    seen.see(Asked("abcd").user("?"));
  }
  const auto found = seen.found();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].client, "abcd");
  EXPECT_DOUBLE_EQ(found[0].ms, 12);
  EXPECT_EQ(found[1].client, "ab");
  EXPECT_EQ(found[1].first_request, 1U);
  EXPECT_EQ(found[0].route, "/v1/chat/completions");
}

TEST(SpoilerTable, ManyRowsAndRareOnesAreSummedUp) {
  test::SeenSpoilers seen(by_name);
  for (int i = 0; i < 8; ++i)
    for (int n = 0; n < 3; ++n) seen.see(Asked(std::string(static_cast<std::size_t>(i) + 1, 'x')).user("?"));
  seen.see(Asked("a costly one, but only once").user("?"));
  const auto found = seen.found();
  ASSERT_EQ(found.size(), 6U);
  EXPECT_EQ(found[0].client, "xxxxxxxx");
  EXPECT_EQ(found[5].client, Names::others);
  EXPECT_EQ(found[5].requests, 3 * 3U + 1);
}

// One row needs no sum: its client is told.
TEST(SpoilerTable, ASingleRareRowIsToldAsItIs) {
  test::SeenSpoilers seen(by_name);
  seen.see(Asked("solo").user("?"));
  const auto found = seen.found();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].client, "solo");
}

TEST(SpoilerTable, WhatIsRareAndCostsNothingIsNotTold) {
  test::SeenSpoilers seen([](const PlacedRequest& placed, SpoilerTable& table) {
    table.add(SpoilerKind::changing_detail, placed, {}, {});
  });
  seen.see(Asked("one").user("?"));
  seen.see(Asked("two").user("?"));
  EXPECT_TRUE(seen.found().empty());
  seen.see(Asked("two").user("?"));
  EXPECT_EQ(seen.found().size(), 1U) << "three requests are no accident";
}

TEST(SpoilerTable, TheKindThatCostsMostComesFirst) {
  test::SeenSpoilers seen([](const PlacedRequest& placed, SpoilerTable& table) {
    const bool rich = placed.request->client == "rich";
    table.add(rich ? SpoilerKind::changing_tools : SpoilerKind::changing_time, placed, {}, {.ms = rich ? 100.0 : 1.0});
  });
  for (int i = 0; i < 5; ++i) seen.see(Asked("poor").user("?"));
  for (int i = 0; i < 3; ++i) seen.see(Asked("rich").user("?"));
  EXPECT_EQ(seen.found().front().client, "rich");
}

}  // namespace
}  // namespace fovea
