// Requests are sums of parts that are round numbers in the example.
#include "profile/request_cost.h"

#include <gtest/gtest.h>

#include "profile/example_profile.h"

namespace fovea {
namespace {

const ModelTimes model = test::example_model();

TEST(RequestCost, IsTheSumOfItsParts) {
  EXPECT_DOUBLE_EQ(request_ms(model, Found::uncached), 1 + 5 + 20 + 8000 + 300 + 100);
  EXPECT_DOUBLE_EQ(request_ms(model, Found::nothing), 1 + 5 + 20 + 4 + 4000 + 300 + 100 + 1) << "equal tiles once";
  EXPECT_DOUBLE_EQ(request_ms(model, Found::embedding), 1 + 300 + 100);
  EXPECT_DOUBLE_EQ(request_ms(model, Found::prefix), 1 + 9 + 40 + 100);
  EXPECT_DOUBLE_EQ(request_ms(model, Found::response), 0.5);
}

TEST(RequestCost, WithoutStatesAPrefixHitIsAnEmbeddingHit) {
  ModelTimes other = model;
  other.state.reset();
  EXPECT_EQ(request_ms(other, Found::prefix), request_ms(other, Found::embedding));
}

TEST(RequestCost, SharesLeaveControlsOut) {
  Script script;
  for (const RequestKind kind :
       {RequestKind::fresh, RequestKind::repeat, RequestKind::known, RequestKind::control, RequestKind::repeat})
    script.requests.push_back({.kind = kind, .parts = {}});
  const LoadShares shares = shares_of(script);
  EXPECT_EQ(shares.repeat, 0.5);
  EXPECT_EQ(shares.known, 0.25);
  EXPECT_EQ(shares.fresh, 0.25);
}

TEST(RequestCost, AMeanIsWeightedByTheLoad) {
  const LoadShares shares{.repeat = 0.5, .known = 0.25, .fresh = 0.25};
  EXPECT_DOUBLE_EQ(mean_request_ms(model, {}, shares), 8426);
  const double both = 0.5 * 0.5 + 0.25 * 401 + 0.25 * (8426 + 4 - 4000);
  EXPECT_DOUBLE_EQ(mean_request_ms(model, {.embedding = true, .response = true}, shares), both);
  const double response = 0.5 * 0.5 + 0.25 * (8426 - 5) + 0.25 * 8426;
  EXPECT_DOUBLE_EQ(mean_request_ms(model, {.response = true}, shares), response) << "a known source is not decoded";
}

TEST(RequestCost, MoreLevelsAreNeverSlowerHere) {
  const auto all = predictions(model, {.repeat = 0.4, .known = 0.4, .fresh = 0.2});
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].levels, "none");
  EXPECT_DOUBLE_EQ(all[0].factor, 1);
  EXPECT_EQ(all[4].levels, "all");
  EXPECT_GT(all[4].factor, all[3].factor);
  EXPECT_GT(all[3].factor, all[2].factor);
  EXPECT_DOUBLE_EQ(all[4].factor, all[0].mean_ms / all[4].mean_ms);
}

}  // namespace
}  // namespace fovea
