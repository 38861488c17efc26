# SPDX-License-Identifier: Apache-2.0
"""Statistics of pairs, as docs/results/approximate/rules.md asks for: two ways answer the same questions.

A difference is always (second - first): second is the approximate way, first is the exact one. Its interval is
Newcombe's (method 10, paired proportions) and that of a bootstrap over clusters (the pictures), and both ends are the
outer ones of the two, so it is never narrower than the wider interval. Everything is deterministic: the bootstrap's
seed is fixed.
"""
import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

LEVEL = 0.95
DRAWS = 2000  # of the bootstrap
SEED = 1


@dataclass(frozen=True)
class Interval:
    """A value and both ends of its interval."""
    value: float
    low: float
    high: float


def wilson(successes, count, level=LEVEL):
    """(low, high) of a proportion: the score interval without correction for continuity. REQUIRES: count > 0."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, weight = successes / count, z * z / count
    centre = (share + weight / 2) / (1 + weight)
    half = z * math.sqrt(share * (1 - share) / count + weight / (4 * count)) / (1 + weight)
    return max(0.0, centre - half), min(1.0, centre + half)


def newcombe(both, first_only, second_only, neither, level=LEVEL):
    """Interval of (second - first) from the four counts of pairs, by method 10 of R. G. Newcombe, "Improved confidence
    intervals for the difference between binomial proportions based on paired data", Statistics in Medicine 17 (1998).
    """
    count = both + first_only + second_only + neither
    if count == 0:
        raise ValueError("no pairs: an interval needs at least one")
    second, first = (both + second_only) / count, (both + first_only) / count
    second_low, second_high = wilson(both + second_only, count, level)
    first_low, first_high = wilson(both + first_only, count, level)
    margins = (both + second_only) * (neither + first_only) * (both + first_only) * (neither + second_only)
    correlated = both * neither - first_only * second_only
    if correlated > 0:  # the correction for continuity, in the estimate of the correlation alone
        correlated = max(correlated - count / 2, 0)
    phi = correlated / math.sqrt(margins) if margins else 0.0

    def reach(down, up):
        return math.sqrt(max(0.0, down * down - 2 * phi * down * up + up * up))
    value = second - first
    return Interval(value, value - reach(second - second_low, first_high - first),
                    value + reach(second_high - second, first - first_low))


def bootstrap(differences, clusters, level=LEVEL, draws=DRAWS, seed=SEED):
    """Percentile interval of the mean of `differences`, resampling whole clusters (one label a question)."""
    differences = np.asarray(differences, float)
    if len(differences) == 0 or len(differences) != len(clusters):
        raise ValueError(f"{len(differences)} differences and {len(clusters)} clusters: one cluster a difference is needed")
    _, member = np.unique(np.asarray(list(clusters)), return_inverse=True)
    sums = np.bincount(member, weights=differences)
    sizes = np.bincount(member).astype(float)
    rng = np.random.default_rng(seed)
    means = np.empty(draws)
    for draw in range(draws):
        chosen = rng.integers(len(sums), size=len(sums))
        means[draw] = sums[chosen].sum() / sizes[chosen].sum()
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(differences.mean()), float(low), float(high))


def difference(first, second, clusters, level=LEVEL):
    """Interval of mean(second) - mean(first) of two lists of booleans: the outer ends of both methods."""
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    exact = newcombe(int((first & second).sum()), int((first & ~second).sum()), int((~first & second).sum()),
                     int((~first & ~second).sum()), level)
    drawn = bootstrap(second.astype(float) - first, clusters, level)
    return Interval(exact.value, min(exact.low, drawn.low), max(exact.high, drawn.high))


def mean_difference(first, second, clusters, level=LEVEL):
    """The same of numbers that are not booleans (a mean of several draws): the bootstrap alone."""
    return bootstrap(np.asarray(second, float) - np.asarray(first, float), clusters, level)


def non_inferior(interval, margin):
    """Whether (approximate - exact) lies above -margin by its whole interval."""
    return interval.low > -margin


def better_than_all(comparisons, level=LEVEL):
    """Which of several comparisons show a difference above 0, by Holm's method.

    `comparisons`: name -> function of a level that gives an Interval. Step by step, the one whose lower end is highest
    is tested at 1 - (1 - level) / (comparisons left); the first that fails ends it. Returns name -> (passed, the
    Interval at the level at which it was tested, that level).
    """
    left, results, going = dict(comparisons), {}, True
    while left:
        at = 1 - (1 - level) / len(left)
        intervals = {name: interval_at(at) for name, interval_at in left.items()}
        best = max(intervals, key=lambda name: intervals[name].low)
        going = going and intervals[best].low > 0
        results[best] = (going, intervals[best], at)
        del left[best]
    return results
