// Statistics of samples: intervals, paired tests, bootstrap. Pure functions; thread-safe. Resampling is
// seeded and does not use the standard library's distributions, so a report that is made twice is the same.
//
// Samples are numbers in any order, of magnitudes up to 1e100. NaN and infinities are not allowed. A result
// that needs more samples than there are is absent, and never a number that looks like one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace fovea {

// A value and the 95 % confidence interval around it.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

// The mean with Student's t interval. With one sample, the interval is the sample itself. REQUIRES: a sample.
Estimate mean_of(std::span<const double> samples);

// The smallest sample that at least `share` (0 to 1) of them do not exceed (nearest rank). REQUIRES: a
// sample.
double percentile(std::span<const double> samples, double share);

// The mean of `above` divided by the mean of `below`, with the 2.5th and 97.5th percentiles of 2,000
// resamplings of each (of both together where `paired`, which needs equal sizes: the same requests).
// Resamplings in which the mean of `below` is 0 have no ratio and are left out. It is for quantities that are
// never negative, such as times and bytes: if the mean of `below` could have either sign, the interval would
// mean nothing. REQUIRES: samples in both; a mean of `below` that is not 0.
Estimate ratio_of_means(std::span<const double> above, std::span<const double> below, bool paired,
                        std::uint64_t seed = 1);

// A test of the differences between pairs: whether their mean, or their median, is 0.
struct PairedTest {
  double statistic = 0;  // Student's t; Wilcoxon's sum of positive ranks
  double p = 1;          // two-sided
};

// Student's t of the mean difference. Absent for fewer than two pairs, and where all differences are equal,
// since then there is no spread to compare the mean with.
std::optional<PairedTest> paired_t_test(std::span<const double> differences);

// Wilcoxon's signed ranks: zero differences are left out, ties share their mean rank. The p of up to 25
// differences without ties is exact, of others from the normal distribution, with corrections for ties and
// continuity. Absent where no difference is left.
std::optional<PairedTest> wilcoxon_test(std::span<const double> differences);

// `p` of one of `comparisons` tests made together (Bonferroni): never above 1. REQUIRES: a p of 0 to 1; a
// comparison.
double bonferroni(double p, std::size_t comparisons);

// Cohen's d for pairs (d_z): the mean difference in standard deviations of the differences. Absent where
// paired_t_test is. It says how steady a difference is, and not how large: a small difference that hardly
// varies has a large d.
std::optional<double> cohens_d(std::span<const double> differences);

}  // namespace fovea
