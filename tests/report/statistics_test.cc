// Statistics against printed tables, published data, closed forms, and counting every case.
#include "report/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

namespace fovea {
namespace {

using Samples = std::vector<double>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// Hours of sleep that the second of two drugs gave ten people more than the first ("Student", 1908).
const Samples sleep_gain{1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4};

// Depression before and after a tranquilizer (Hollander and Wolfe, Nonparametric Statistical Methods, 1973).
const Samples depression_change{0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01};

Samples times(Samples samples, double factor) {
  for (double& sample : samples) sample *= factor;
  return samples;
}

// `n` (even) differences whose Student's t is `t`: half of them lie 1 above their mean, half 1 below.
Samples with_t(int n, double t) {
  Samples differences;
  for (int i = 0; i < n; ++i) differences.push_back(t / std::sqrt(n - 1) + (i % 2 == 0 ? 1 : -1));
  return differences;
}

Samples one_to(int n, int negative_up_to = 0) {
  Samples ranks;
  for (int i = 1; i <= n; ++i) ranks.push_back(i <= negative_up_to ? -i : i);
  return ranks;
}

double unit(std::mt19937_64& bits) { return static_cast<double>(bits() >> 11) * 0x1p-53; }

TEST(Mean, HasStudentsInterval) {
  const Estimate of_five = mean_of(Samples{5, 1, 4, 2, 3});
  EXPECT_DOUBLE_EQ(of_five.value, 3);
  EXPECT_NEAR(of_five.high - 3, 2.776445 * std::sqrt(2.5 / 5), 1e-6);
  EXPECT_NEAR(3 - of_five.low, 2.776445 * std::sqrt(2.5 / 5), 1e-6);
  const Estimate of_two = mean_of(Samples{1, 3});
  EXPECT_NEAR(of_two.low, 2 - 12.706205, 1e-6);
  EXPECT_NEAR(of_two.high, 2 + 12.706205, 1e-6);
}

TEST(Mean, OfPublishedData) {
  const Estimate gain = mean_of(sleep_gain);
  EXPECT_NEAR(gain.value, 1.58, 1e-12);
  EXPECT_NEAR(gain.low, 0.7001142, 1e-7);
  EXPECT_NEAR(gain.high, 2.4598858, 1e-7);
}

// The interval ends where the test stops to tell the mean from 0, since both come from one distribution.
TEST(Mean, IntervalAgreesWithTheTest) {
  const double low = mean_of(sleep_gain).low;
  Samples moved = sleep_gain;
  for (double& sample : moved) sample -= low;
  EXPECT_NEAR(paired_t_test(moved)->p, 0.05, 1e-9);
}

TEST(Mean, OfOneSampleOrEqualOnesIsThatSample) {
  for (const Samples& samples : {Samples{0.1}, Samples(3, 0.1), Samples(1000, 0.1)}) {
    const Estimate estimate = mean_of(samples);
    EXPECT_EQ(estimate.value, 0.1);
    EXPECT_EQ(estimate.low, 0.1);
    EXPECT_EQ(estimate.high, 0.1);
  }
}

TEST(Mean, OfVeryLargeAndVerySmallSamples) {
  for (const double scale : {1e100, 1e-200, 1e-300}) {
    const Estimate estimate = mean_of(Samples{scale / 2, scale});
    EXPECT_NEAR(estimate.value / scale, 0.75, 1e-12);
    EXPECT_NEAR((estimate.high - estimate.value) / scale, 12.706205 / 4, 1e-6);
  }
}

TEST(Percentile, IsTheNearestRank) {
  const Samples five{50, 15, 40, 20, 35};
  EXPECT_EQ(percentile(five, 0.05), 15);
  EXPECT_EQ(percentile(five, 0.30), 20);
  EXPECT_EQ(percentile(five, 0.40), 20);
  EXPECT_EQ(percentile(five, 0.41), 35);
  EXPECT_EQ(percentile(five, 0.50), 35);
}

TEST(Percentile, AtTheEdges) {
  const Samples five{50, 15, 40, 20, 35};
  EXPECT_EQ(percentile(five, 0), 15);
  EXPECT_EQ(percentile(five, std::numeric_limits<double>::min()), 15);
  EXPECT_EQ(percentile(five, 1), 50);
  EXPECT_EQ(percentile(five, std::nextafter(1, 0)), 50);
  EXPECT_EQ(percentile(Samples{7}, 0), 7);
  EXPECT_EQ(percentile(Samples{7}, 1), 7);
}

// 0.07 * 100 is above 7 in doubles, and would be rounded up to rank 8.
TEST(Percentile, OfHundredIsThatRank) {
  for (int rank = 1; rank <= 100; ++rank) EXPECT_EQ(percentile(one_to(100), rank / 100.0), rank);
}

TEST(Ratio, OfPairsThatAreMultiplesIsExact) {
  const Samples below{1.5, 0.1, 12, 7.25, 3};
  for (const double factor : {4.0, 0.5, 1.0}) {
    const Estimate ratio = ratio_of_means(times(below, factor), below, true);
    EXPECT_EQ(ratio.value, factor);
    EXPECT_EQ(ratio.low, factor);
    EXPECT_EQ(ratio.high, factor);
  }
  const Estimate thrice = ratio_of_means(times(below, 3), below, true);
  EXPECT_NEAR(thrice.low, 3, 1e-14);
  EXPECT_NEAR(thrice.high, 3, 1e-14);
}

TEST(Ratio, WithoutPairsVaries) {
  const Samples below{1.5, 0.1, 12, 7.25, 3};
  const Estimate ratio = ratio_of_means(times(below, 4), below, false);
  EXPECT_EQ(ratio.value, 4);
  EXPECT_LT(ratio.low, 2.5);
  EXPECT_GT(ratio.high, 6.5);
}

// Two samples have four equally likely resamplings each; the extremes come up far more often than one time in
// forty.
TEST(Ratio, OfTwoSamplesReachesItsExtremes) {
  const Estimate paired = ratio_of_means(Samples{1, 6}, Samples{1, 2}, true);
  EXPECT_DOUBLE_EQ(paired.value, 7.0 / 3);
  EXPECT_EQ(paired.low, 1);
  EXPECT_EQ(paired.high, 3);
  const Estimate apart = ratio_of_means(Samples{1, 6}, Samples{1, 2}, false);
  EXPECT_EQ(apart.low, 0.5);
  EXPECT_EQ(apart.high, 6);
}

TEST(Ratio, OfUnequalSizesWithoutPairs) {
  const Estimate ratio = ratio_of_means(Samples{3}, Samples(7, 0.1), false);
  EXPECT_EQ(ratio.value, 3 / 0.1);
  EXPECT_EQ(ratio.low, ratio.value);
  EXPECT_EQ(ratio.high, ratio.value);
}

TEST(Ratio, LeavesOutResamplingsWithoutARatio) {
  const Estimate ratio = ratio_of_means(Samples{1, 1, 1}, Samples{0, 0, 3}, false);
  EXPECT_EQ(ratio.value, 1);
  EXPECT_DOUBLE_EQ(ratio.low, 1.0 / 3);
  EXPECT_EQ(ratio.high, 1);
}

TEST(Ratio, OfVeryLargeToVerySmallSamples) {
  const Estimate ratio = ratio_of_means(Samples{1e100}, Samples{1e-100, 1e-150}, false);
  EXPECT_DOUBLE_EQ(ratio.value, 2e200);
  EXPECT_DOUBLE_EQ(ratio.low, 1e200);
  EXPECT_DOUBLE_EQ(ratio.high, 1e250);
}

TEST(Ratio, IsTheSameForTheSameSeed) {
  std::mt19937_64 bits(7);
  Samples above, below;
  for (int i = 0; i < 20; ++i) above.push_back(1 + unit(bits)), below.push_back(1 + unit(bits));
  const Estimate once = ratio_of_means(above, below, true, 1), again = ratio_of_means(above, below, true, 1);
  EXPECT_EQ(once.low, again.low);
  EXPECT_EQ(once.high, again.high);
  const Estimate other = ratio_of_means(above, below, true, 2);
  EXPECT_NE(once.low, other.low);
  EXPECT_EQ(once.value, other.value);
  EXPECT_NEAR(once.low, other.low, 0.1 * (once.high - once.low));
}

// Of 200 data sets whose ratio is known to be 2.5, how many intervals contain it, and how many a wrong one.
struct Coverage {
  int right = 0, wrong = 0;
  double width = 0;  // mean
};

template <typename Draw>
Coverage coverage(bool paired, Draw draw) {
  constexpr int data_sets = 200, requests = 40;
  Coverage coverage;
  std::mt19937_64 bits(42);
  for (int i = 0; i < data_sets; ++i) {
    Samples above, below;
    for (int request = 0; request < requests; ++request) {
      const double time = draw(bits), same_time = paired ? time : draw(bits);
      below.push_back(time);
      above.push_back(2.5 * same_time * (0.8 + 0.4 * unit(bits)));
    }
    const Estimate ratio = ratio_of_means(above, below, paired);
    coverage.right += ratio.low <= 2.5 && 2.5 <= ratio.high;
    coverage.wrong += ratio.low <= 10 && 10 <= ratio.high;
    coverage.width += (ratio.high - ratio.low) / data_sets;
  }
  return coverage;
}

void expect_useful(const Coverage& coverage) {
  EXPECT_GE(coverage.right, 170);  // 85 %; 190 if there were many more than 40 samples
  EXPECT_LT(coverage.right, 200);  // an interval that is never wrong is too wide
  EXPECT_LE(coverage.wrong, 4);
}

TEST(Ratio, IntervalsOfEvenTimesContainTheTruth) {
  const auto even = [](std::mt19937_64& bits) { return 1 + 9 * unit(bits); };
  const Coverage paired = coverage(true, even), apart = coverage(false, even);
  expect_useful(paired);
  expect_useful(apart);
  EXPECT_LT(paired.width, apart.width / 2);  // what pairs are for
}

TEST(Ratio, IntervalsOfLongTailedTimesContainTheTruth) {
  const auto long_tailed = [](std::mt19937_64& bits) { return -std::log(1 - unit(bits)); };
  const Coverage paired = coverage(true, long_tailed), apart = coverage(false, long_tailed);
  expect_useful(paired);
  expect_useful(apart);
}

TEST(StudentsT, AgreesWithPrintedTables) {
  struct Row {
    int n;
    double t, p;
  };
  for (const Row& row : {Row{2, 12.706, 0.05},
                         {4, 3.182, 0.05},
                         {6, 2.571, 0.05},
                         {10, 2.262, 0.05},
                         {10, 1.833, 0.10},
                         {10, 3.250, 0.01},
                         {20, 2.093, 0.05},
                         {30, 2.045, 0.05},
                         {30, 2.756, 0.01},
                         {10'000, 1.960, 0.05}}) {
    for (const double sign : {1, -1}) {
      const auto test = paired_t_test(with_t(row.n, sign * row.t));
      ASSERT_TRUE(test);
      EXPECT_NEAR(test->statistic, sign * row.t, 1e-9);
      EXPECT_NEAR(test->p, row.p, 0.001 * row.p) << row.n << " samples, t " << row.t;
    }
  }
}

// With one degree of freedom Student's distribution is Cauchy's; with three there is a closed form too.
TEST(StudentsT, AgreesWithClosedForms) {
  for (const double t : {0.001, 0.5, 1.0, 3.0, 100.0}) {
    EXPECT_NEAR(paired_t_test(with_t(2, t))->p, 1 - 2 / std::numbers::pi * std::atan(t), 1e-12) << t;
    const double x = t / std::sqrt(3);
    const double three = 1 - 2 / std::numbers::pi * (std::atan(x) + x / (1 + x * x));
    EXPECT_NEAR(paired_t_test(with_t(4, t))->p, three, 1e-12) << t;
  }
}

TEST(StudentsT, OfPublishedData) {
  const auto test = paired_t_test(sleep_gain);
  ASSERT_TRUE(test);
  EXPECT_NEAR(test->statistic, 4.0621, 5e-5);
  EXPECT_NEAR(test->p, 0.002833, 5e-7);
}

TEST(StudentsT, OfNoDifferenceOnAverage) {
  const auto test = paired_t_test(Samples{-1, 1});
  ASSERT_TRUE(test);
  EXPECT_EQ(test->statistic, 0);
  EXPECT_EQ(test->p, 1);
}

TEST(StudentsT, IsAbsentWithoutSpread) {
  for (const Samples& samples : {Samples{}, Samples{3}, Samples(3, 0.1), Samples(10, 0)}) {
    EXPECT_FALSE(paired_t_test(samples));
    EXPECT_FALSE(cohens_d(samples));
  }
}

TEST(StudentsT, OfHardlyAnySpreadIsANumber) {
  for (const double scale : {1e100, 1.0, 1e-300}) {
    const auto test = paired_t_test(Samples{scale, std::nextafter(scale, 0), scale});
    ASSERT_TRUE(test);
    EXPECT_TRUE(std::isfinite(test->statistic));
    EXPECT_GE(test->p, 0);
    EXPECT_LT(test->p, 1e-20);
  }
}

TEST(CohensD, IsTheMeanInStandardDeviations) {
  EXPECT_DOUBLE_EQ(*cohens_d(Samples{1, 3}), 2 / std::sqrt(2));
  EXPECT_DOUBLE_EQ(*cohens_d(Samples{-1, -3}), -2 / std::sqrt(2));
  EXPECT_DOUBLE_EQ(*cohens_d(Samples{2, 4, 4, 4, 5, 5, 7, 9}), 5 / std::sqrt(32.0 / 7));
  EXPECT_NEAR(*cohens_d(sleep_gain), 4.0621 / std::sqrt(10), 5e-5);
}

// Twice the share of all choices of signs whose sum is at or beyond the one found, on its own side of the
// middle.
double wilcoxon_p_by_counting(const Samples& magnitudes, unsigned signs) {
  const std::size_t n = magnitudes.size();
  const auto positive_ranks = [&](unsigned chosen) {
    int sum = 0;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t other = 0; other < n; ++other)
        if ((chosen >> i & 1) != 0 && magnitudes[other] <= magnitudes[i]) ++sum;
    return sum;
  };
  const int found = positive_ranks(signs);
  int lower = 0, higher = 0;
  for (unsigned chosen = 0; chosen < 1U << n; ++chosen) {
    lower += positive_ranks(chosen) <= found;
    higher += positive_ranks(chosen) >= found;
  }
  return std::min(1.0, 2.0 * std::min(lower, higher) / (1U << n));
}

TEST(Wilcoxon, AgreesWithCountingAllSigns) {
  std::mt19937_64 bits(3);
  for (std::size_t n = 1; n <= 10; ++n) {
    for (int repeat = 0; repeat < 4; ++repeat) {
      Samples magnitudes(n);
      for (double& magnitude : magnitudes) magnitude = 0.01 + unit(bits);
      const auto signs = static_cast<unsigned>(bits() % (1U << n));
      Samples differences = magnitudes;
      for (std::size_t i = 0; i < n; ++i) differences[i] *= (signs >> i & 1) != 0 ? 1 : -1;
      EXPECT_DOUBLE_EQ(wilcoxon_test(differences)->p, wilcoxon_p_by_counting(magnitudes, signs)) << n;
    }
  }
}

// The largest sums of the lesser ranks that are significant, as printed in tables.
TEST(Wilcoxon, AgreesWithPrintedTables) {
  struct Row {
    int n, sum;
    double p;
  };
  for (const Row& row : {Row{6, 0, 0.05},
                         {7, 2, 0.05},
                         {8, 3, 0.05},
                         {10, 8, 0.05},
                         {15, 25, 0.05},
                         {20, 52, 0.05},
                         {25, 89, 0.05},
                         {10, 3, 0.01},
                         {20, 37, 0.01},
                         {25, 68, 0.01}}) {
    const auto p_of = [&](int sum) {  // ranks from the largest down, as long as they fit, make up any sum
      Samples differences = one_to(row.n);
      for (int rank = row.n, left = sum; rank > 0; --rank)
        if (rank <= left) differences[static_cast<std::size_t>(rank - 1)] = -rank, left -= rank;
      const auto test = wilcoxon_test(differences);
      EXPECT_EQ(test->statistic, row.n * (row.n + 1) / 2 - sum);
      return test->p;
    };
    EXPECT_LE(p_of(row.sum), row.p) << row.n;
    EXPECT_GT(p_of(row.sum + 1), row.p) << row.n;
  }
}

TEST(Wilcoxon, OfPublishedData) {
  const auto exact = wilcoxon_test(depression_change);
  EXPECT_EQ(exact->statistic, 40);
  EXPECT_DOUBLE_EQ(exact->p, 20.0 / 512);
  const auto with_ties = wilcoxon_test(sleep_gain);  // one difference is 0, two are equal
  EXPECT_EQ(with_ties->statistic, 45);
  EXPECT_NEAR(with_ties->p, 0.009091, 5e-7);
}

TEST(Wilcoxon, IsExactUpTo25) {
  EXPECT_DOUBLE_EQ(wilcoxon_test(one_to(25))->p, std::exp2(-24));
  const double z = (26 * 27 / 4.0 - 0.5) / std::sqrt(26 * 27 * 53 / 24.0);
  EXPECT_NEAR(wilcoxon_test(one_to(26))->p, std::erfc(z / std::numbers::sqrt2), 1e-15);
}

TEST(Wilcoxon, TiesShareTheirMeanRank) {
  const auto test = wilcoxon_test(Samples{1, -1, 2, 3, -3, 3});  // ranks 1.5 1.5 3 5 5 5
  EXPECT_EQ(test->statistic, 1.5 + 3 + 5 + 5);
  const double variance = 6 * 7 * 13 / 24.0 - (6 + 24) / 48.0;
  EXPECT_NEAR(test->p, std::erfc((14.5 - 10.5 - 0.5) / std::sqrt(variance) / std::numbers::sqrt2), 1e-12);
}

TEST(Wilcoxon, OfTiesOnly) {
  const auto even = wilcoxon_test(Samples{2, -2});
  EXPECT_EQ(even->statistic, 1.5);
  EXPECT_EQ(even->p, 1);
  const double z = (100 * 101 / 4.0 - 0.5) / std::sqrt(100 * 101 * 101 / 16.0);
  EXPECT_NEAR(wilcoxon_test(Samples(100, 2))->p, std::erfc(z / std::numbers::sqrt2), 1e-15);
}

TEST(Wilcoxon, LeavesOutZeros) {
  const auto test = wilcoxon_test(Samples{0, 1, 0, -2, 3, 0, -0.0});
  EXPECT_EQ(test->statistic, 4);
  EXPECT_EQ(test->p, wilcoxon_test(Samples{1, -2, 3})->p);
  EXPECT_FALSE(wilcoxon_test(Samples{}));
  EXPECT_FALSE(wilcoxon_test(Samples{0, 0}));
}

TEST(Wilcoxon, HasTwoSides) {
  for (const int n : {5, 12, 40}) {
    const Samples differences = one_to(n, 3);
    const auto up = wilcoxon_test(differences), down = wilcoxon_test(times(differences, -1));
    EXPECT_EQ(up->statistic + down->statistic, n * (n + 1) / 2);
    EXPECT_DOUBLE_EQ(up->p, down->p);
  }
  EXPECT_EQ(wilcoxon_test(Samples{1})->p, 1);
}

TEST(Bonferroni, MultipliesUpToOne) {
  EXPECT_DOUBLE_EQ(bonferroni(0.01, 3), 0.03);
  EXPECT_EQ(bonferroni(0.01, 1), 0.01);
  EXPECT_EQ(bonferroni(0.5, 3), 1);
  EXPECT_EQ(bonferroni(1, 1), 1);
  EXPECT_EQ(bonferroni(0, 1'000'000), 0);
}

TEST(StatisticsDeathTest, OfNothing) {
  const Samples none, one{1};
  EXPECT_DEATH(mean_of(none), "a mean needs a sample");
  EXPECT_DEATH(percentile(none, 0.5), "a percentile needs a sample");
  EXPECT_DEATH(ratio_of_means(none, one, false), "samples of both");
  EXPECT_DEATH(ratio_of_means(one, none, false), "samples of both");
  EXPECT_DEATH(bonferroni(0.5, 0), "a comparison");
}

TEST(StatisticsDeathTest, OfWhatIsNoNumber) {
  for (const double sample : {nan, infinity, -infinity, 1e101}) {
    const Samples samples{1, sample}, good{1, 2};
    EXPECT_DEATH(mean_of(samples), "samples are numbers");
    EXPECT_DEATH(percentile(samples, 0.5), "samples are numbers");
    EXPECT_DEATH(ratio_of_means(samples, good, false), "samples are numbers");
    EXPECT_DEATH(ratio_of_means(good, samples, false), "samples are numbers");
    EXPECT_DEATH(paired_t_test(samples), "samples are numbers");
    EXPECT_DEATH(wilcoxon_test(samples), "samples are numbers");
    EXPECT_DEATH(cohens_d(samples), "samples are numbers");
  }
}

TEST(StatisticsDeathTest, OfWhatIsOutOfBounds) {
  const Samples one{1}, two{1, 2};
  for (const double share : {-0.1, 1.1, nan}) {
    EXPECT_DEATH(percentile(one, share), "share is 0 to 1");
    EXPECT_DEATH(bonferroni(share, 1), "a p is 0 to 1");
  }
  EXPECT_DEATH(ratio_of_means(one, two, true), "two halves");
  EXPECT_DEATH(ratio_of_means(two, Samples{1, -1}, false), "a divisor that is not 0");
}

}  // namespace
}  // namespace fovea
