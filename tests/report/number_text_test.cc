#include "report/number_text.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(NumberText, ThreeDigitsThatMeanSomething) {
  EXPECT_EQ(number_text(2733.4), "2733");
  EXPECT_EQ(number_text(12.34), "12.3");
  EXPECT_EQ(number_text(0.8549), "0.855");
  EXPECT_EQ(number_text(0.00012), "0.000120");
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(-5.678), "-5.68");
}

TEST(NumberText, CountsHaveCommas) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1,000");
  EXPECT_EQ(count_text(12345678), "12,345,678");
}

TEST(NumberText, MeansRatiosSharesAndOdds) {
  EXPECT_EQ(mean_text({2733, 2722, 2744}), "2733 ± 11");
  EXPECT_EQ(mean_text({5, 5, 5}), "5.00");
  EXPECT_EQ(mean_text({12.34, 11.34, 13.34}), "12.3 ± 1.0");
  EXPECT_EQ(ratio_text(Estimate{5.2, 5.0, 5.4}), "5.20x [5.00, 5.40]");
  EXPECT_EQ(ratio_text(std::nullopt), "-");
  EXPECT_EQ(share_text(0.8666), "86.7 %");
  EXPECT_EQ(p_text(0.0001), "< 0.001");
  EXPECT_EQ(p_text(0.0312), "0.031");
}

}  // namespace
}  // namespace fovea
