// Samples are summed as differences from the first of them. So equal samples have exactly that mean and a
// spread of exactly 0, and == can test for "no spread". If they were added as they are, three times 0.1 would
// give a mean and a spread that are slightly off.
//
// Boost.Math throws only for arguments outside a distribution's domain, and none are passed to it.
#include "report/statistics.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <iterator>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "base/check.h"

namespace fovea {

namespace {

// What a 95 % interval leaves out on either side.
constexpr double tail = 0.025;
// About fifty of them lie beyond each end of an interval, so its ends hardly depend on the seed.
constexpr int resamplings = 2000;
// Sums of samples stay within the range of a double.
constexpr double magnitude_max = 1e100;
// All choices of signs of so many ranks can be counted without rounding; with more, the normal distribution
// is close.
constexpr std::size_t exact_ranks_max = 25;

void check_samples(std::span<const double> samples) {
  const auto is_number = [](double sample) { return std::abs(sample) <= magnitude_max; };  // false for NaN
  check(std::ranges::all_of(samples, is_number), "samples are numbers of magnitudes up to 1e100");
}

double mean(std::span<const double> samples) {
  double sum = 0;
  for (const double sample : samples) sum += sample - samples.front();
  return samples.front() + sum / static_cast<double>(samples.size());
}

// The standard deviation; 0 exactly where all samples are equal. REQUIRES: two samples.
double spread(std::span<const double> samples) {
  const double middle = mean(samples);
  double length = 0;
  for (const double sample : samples) length = std::hypot(length, sample - middle);  // squares could underflow to 0
  return length / std::sqrt(static_cast<double>(samples.size() - 1));
}

double nearest_rank(std::vector<double> samples, double share) {
  // Ranks are compared as shares, since share * size may be rounded past a whole number: 0.07 * 100 is above
  // 7.
  const std::ptrdiff_t last = std::ssize(samples) - 1;
  const auto size = static_cast<double>(samples.size());
  std::ptrdiff_t at = 0;
  while (at < last && static_cast<double>(at + 1) / size < share) ++at;
  std::ranges::nth_element(samples, samples.begin() + at);
  return samples[static_cast<std::size_t>(at)];
}

boost::math::students_t distribution_of_t(std::size_t samples) {
  return boost::math::students_t(static_cast<double>(samples - 1));
}

// The remainder prefers small indices by less than one in 2^40 for a million samples. It is the same on every
// machine, which the standard library's distributions are not.
double resampled_mean(std::span<const double> samples, std::mt19937_64& bits) {
  std::vector<double> drawn(samples.size());
  for (double& sample : drawn) sample = samples[bits() % samples.size()];
  return mean(drawn);
}

struct SignedRanks {
  std::size_t count = 0;
  double positive = 0;  // the sum of the positive differences' ranks
  double ties = 0;      // the sum of t^3 - t over groups of t equal magnitudes
};

SignedRanks rank(std::vector<double> differences) {
  std::ranges::sort(differences, {}, [](double difference) { return std::abs(difference); });
  SignedRanks ranks{.count = differences.size()};
  for (auto group = differences.begin(); group != differences.end();) {
    const auto end = std::find_if(group, differences.end(), [&](double d) { return std::abs(d) != std::abs(*group); });
    const auto size = static_cast<double>(end - group);
    const double mean_rank = static_cast<double>(group - differences.begin()) + (size + 1) / 2;
    ranks.positive += mean_rank * static_cast<double>(std::count_if(group, end, [](double d) { return d > 0; }));
    ranks.ties += size * size * size - size;
    group = end;
  }
  return ranks;
}

// Counts the choices of signs, all equally likely, whose sum is at least as far from the middle as the one
// found.
double exact_p(const SignedRanks& ranks) {
  const std::size_t sum_max = ranks.count * (ranks.count + 1) / 2;
  std::vector<double> choices(sum_max + 1);  // by the sum of the positive ranks
  choices[0] = 1;
  for (std::size_t rank = 1; rank <= ranks.count; ++rank)
    for (std::size_t sum = sum_max; sum >= rank; --sum) choices[sum] += choices[sum - rank];
  const auto positive = static_cast<std::size_t>(ranks.positive);
  const auto sums = std::min(positive, sum_max - positive) + 1;  // of the lower side; the upper one mirrors it
  const double extreme = std::accumulate(choices.begin(), choices.begin() + static_cast<std::ptrdiff_t>(sums), 0.0);
  return std::min(1.0, 2 * std::ldexp(extreme, -static_cast<int>(ranks.count)));
}

double normal_p(const SignedRanks& ranks) {
  const auto n = static_cast<double>(ranks.count);
  const double expected = n * (n + 1) / 4;
  const double variance = n * (n + 1) * (2 * n + 1) / 24 - ranks.ties / 48;  // n (n + 1)^2 / 16 where all are tied
  const double distance = std::max(0.0, std::abs(ranks.positive - expected) - 0.5);
  return 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), distance / std::sqrt(variance)));
}

}  // namespace

Estimate mean_of(std::span<const double> samples) {
  check(!samples.empty(), "a mean needs a sample");
  check_samples(samples);
  const double value = mean(samples);
  if (samples.size() == 1) return {value, value, value};
  const double deviations = boost::math::quantile(boost::math::complement(distribution_of_t(samples.size()), tail));
  const double half = deviations * spread(samples) / std::sqrt(static_cast<double>(samples.size()));
  return {value, value - half, value + half};
}

double percentile(std::span<const double> samples, double share) {
  check(!samples.empty(), "a percentile needs a sample");
  check(share >= 0 && share <= 1, "a percentile's share is 0 to 1");
  check_samples(samples);
  return nearest_rank({samples.begin(), samples.end()}, share);
}

Estimate ratio_of_means(std::span<const double> above, std::span<const double> below, bool paired, std::uint64_t seed) {
  check(!above.empty() && !below.empty(), "a ratio of means needs samples of both");
  check(!paired || above.size() == below.size(), "pairs have two halves");
  check_samples(above);
  check_samples(below);
  const double value = mean(above) / mean(below);
  check(std::isfinite(value), "a ratio of means needs a divisor that is not 0");
  std::mt19937_64 bits(seed);
  std::vector<double> ratios;  // never empty: a mean that is not 0 stays so in some of so many resamplings
  ratios.reserve(resamplings);
  for (int i = 0; i < resamplings; ++i) {
    std::mt19937_64 same = bits;  // draws the other halves of the same pairs
    const double dividend = resampled_mean(above, bits);
    const double ratio = dividend / resampled_mean(below, paired ? same : bits);
    if (std::isfinite(ratio)) ratios.push_back(ratio);
  }
  return {value, nearest_rank(ratios, tail), nearest_rank(ratios, 1 - tail)};
}

std::optional<PairedTest> paired_t_test(std::span<const double> differences) {
  const std::optional<double> d = cohens_d(differences);
  if (!d) return std::nullopt;
  const double t = *d * std::sqrt(static_cast<double>(differences.size()));
  const auto distribution = distribution_of_t(differences.size());
  return PairedTest{t, 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(t)))};
}

std::optional<PairedTest> wilcoxon_test(std::span<const double> differences) {
  check_samples(differences);
  std::vector<double> changed;
  std::ranges::copy_if(differences, std::back_inserter(changed), [](double difference) { return difference != 0; });
  if (changed.empty()) return std::nullopt;
  const SignedRanks ranks = rank(std::move(changed));
  const bool is_exact = ranks.count <= exact_ranks_max && ranks.ties == 0;
  return PairedTest{ranks.positive, is_exact ? exact_p(ranks) : normal_p(ranks)};
}

double bonferroni(double p, std::size_t comparisons) {
  check(p >= 0 && p <= 1, "a p is 0 to 1");
  check(comparisons > 0, "there is a comparison to correct for");
  return std::min(1.0, p * static_cast<double>(comparisons));
}

std::optional<double> cohens_d(std::span<const double> differences) {
  check_samples(differences);
  if (differences.size() < 2) return std::nullopt;
  const double deviation = spread(differences);
  if (deviation == 0) return std::nullopt;
  return mean(differences) / deviation;
}

}  // namespace fovea
