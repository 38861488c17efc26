#include "attention/entry_importance.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "attention/request.h"

namespace fovea {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(VisualShare, IsTheMassOnVisualTokensOverAll) {
  const std::vector<TokenRun> runs{{.first = 0, .count = 1},
                                   {.first = 1, .count = 2, .visual = true, .columns = 2, .rows = 1},
                                   {.first = 3, .count = 1}};
  EXPECT_DOUBLE_EQ(visual_share(std::vector{4.0, 1.0, 2.0, 1.0}, runs), 3.0 / 8);
  EXPECT_DOUBLE_EQ(visual_share(std::vector{4.0, 1.0, 2.0, 1.0, 100.0}, runs), 3.0 / 8);  // padding
  // The rest is missing.
  EXPECT_DOUBLE_EQ(visual_share(std::vector{4.0, 4.0}, runs), 0.5);
  EXPECT_DOUBLE_EQ(visual_share(std::vector{-1.0, 2.0, std::nan(""), infinity}, runs), 1);
  EXPECT_EQ(visual_share(std::vector<double>(4), runs), 0);
  EXPECT_EQ(visual_share({}, {}), 0);
}

TEST(ResponseImportance, IsTheGeometricMeanOfHowVisualAndHowSure) {
  EXPECT_FLOAT_EQ(response_importance(0.36, 0.25), 0.3F);
  EXPECT_EQ(response_importance(1, 1), 1);
  EXPECT_EQ(response_importance(0, 1), 0);  // sure but blind
  EXPECT_EQ(response_importance(1, 0), 0);  // visual but guessed
  EXPECT_EQ(response_importance(7, 1.5), 1);
  EXPECT_EQ(response_importance(-1, -1), 0);
  EXPECT_EQ(response_importance(std::nan(""), 1), 0);
}

RC_GTEST_PROP(ResponseImportance, IsInRangeForAnyInput, ()) {
  const float importance = response_importance(*rc::gen::arbitrary<double>(), *rc::gen::arbitrary<double>());
  RC_ASSERT(importance >= 0 && importance <= 1);
}

RC_GTEST_PROP(VisualShare, IsInRangeAndTheKindsShareAll, ()) {
  std::vector<TokenRun> runs = random_runs();
  const auto weight = rc::gen::oneOf(rc::gen::arbitrary<double>(),
                                     rc::gen::element(0.0, std::numeric_limits<double>::max(), infinity, std::nan("")));
  const auto importance = *rc::gen::container<std::vector<double>>(weight);
  const double visual = visual_share(importance, runs);
  RC_ASSERT(visual >= 0 && visual <= 1);
  for (TokenRun& run : runs) {
    run.visual = !run.visual;
    run.columns = run.count;
    run.rows = 1;
  }
  const double text = visual_share(importance, runs);
  RC_ASSERT(std::abs(visual + text - 1) <= 1e-9 || (visual == 0 && text == 0));
}

}  // namespace
}  // namespace fovea
