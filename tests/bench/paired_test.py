# SPDX-License-Identifier: Apache-2.0
"""bench/approximate/paired.py: published examples, and coverage of what it says."""
import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/approximate"))
sys.dont_write_bytecode = True

import paired  # noqa: E402


class Newcombe(unittest.TestCase):
    def test_the_example_of_a_text_book(self):
        # Fagerland, Lydersen, Laake, "Statistical Analysis of Contingency Tables", chapter 8: 21 pairs.
        interval = paired.newcombe(both=1, first_only=7, second_only=1, neither=12)
        self.assertAlmostEqual(interval.value, -0.286, places=3)
        self.assertAlmostEqual(interval.low, -0.507, places=3)
        self.assertAlmostEqual(interval.high, -0.026, places=3)

    def test_the_sizes_that_the_rules_name(self):
        # 3,000 questions of which 2 % change between right and wrong: half a point to either side.
        interval = paired.newcombe(2910, 30, 30, 30)
        self.assertAlmostEqual(interval.high, 0.0051, delta=0.0004)
        self.assertAlmostEqual(interval.low, -interval.high, places=9)

    def test_swapping_the_ways_turns_the_interval_round(self):
        forth, back = paired.newcombe(50, 7, 3, 40), paired.newcombe(50, 3, 7, 40)
        self.assertAlmostEqual(forth.low, -back.high)
        self.assertAlmostEqual(forth.high, -back.low)

    def test_no_change_at_all_is_still_uncertain(self):
        interval = paired.newcombe(100, 0, 0, 0)
        self.assertEqual(interval.value, 0)
        self.assertLess(interval.low, -0.03)

    def test_no_pairs(self):
        with self.assertRaisesRegex(ValueError, "no pairs"):
            paired.newcombe(0, 0, 0, 0)

    def test_it_covers_the_true_difference(self):
        rng = np.random.default_rng(5)
        covered = 0
        for both, first_only, second_only, neither in rng.multinomial(300, [0.9, 0.04, 0.02, 0.04], size=2000):
            interval = paired.newcombe(int(both), int(first_only), int(second_only), int(neither))
            covered += interval.low <= -0.02 <= interval.high
        self.assertGreater(covered / 2000, 0.93)
        self.assertLess(covered / 2000, 0.985)


class Bootstrap(unittest.TestCase):
    def test_clusters_widen_it(self):
        # Twenty pictures of ten questions that all change together: the questions alone look like 200.
        changes = np.repeat([1, -1] * 5 + [0] * 10, 10)
        alone = paired.bootstrap(changes, range(200))
        together = paired.bootstrap(changes, np.repeat(range(20), 10))
        self.assertEqual(alone.value, 0)
        self.assertGreater(together.high - together.low, 2 * (alone.high - alone.low))

    def test_it_is_the_same_each_time(self):
        changes = [0, 1, -1, 0, 1, 1]
        self.assertEqual(paired.bootstrap(changes, "aabbcc"), paired.bootstrap(changes, "aabbcc"))

    def test_lengths_that_differ(self):
        with self.assertRaisesRegex(ValueError, "one cluster a difference"):
            paired.bootstrap([1, 2], ["a"])


class Difference(unittest.TestCase):
    def test_the_outer_ends_count(self):
        first = [True] * 180 + [False] * 20
        second = [True] * 160 + [False] * 40
        clusters = np.repeat(range(20), 10)
        exact, drawn = paired.newcombe(160, 20, 0, 20), paired.bootstrap(np.subtract(second, first, dtype=float), clusters)
        interval = paired.difference(first, second, clusters)
        self.assertEqual(interval.value, exact.value)
        self.assertEqual((interval.low, interval.high), (min(exact.low, drawn.low), max(exact.high, drawn.high)))
        self.assertLess(interval.low, exact.low)  # questions of a picture fail together here

    def test_non_inferior_needs_the_whole_interval(self):
        self.assertTrue(paired.non_inferior(paired.Interval(0.0, -0.004, 0.004), 0.005))
        self.assertFalse(paired.non_inferior(paired.Interval(0.0, -0.006, 0.006), 0.005))


class Holm(unittest.TestCase):
    @staticmethod
    def counted(first_only, second_only):
        return lambda level: paired.newcombe(800, first_only, second_only, 100, level)

    def test_one_that_fails_ends_it(self):
        results = paired.better_than_all({"clear": self.counted(20, 80), "none": self.counted(50, 50),
                                          "close": self.counted(40, 60)})
        self.assertEqual({name: passed for name, (passed, _, _) in results.items()},
                         {"clear": True, "close": False, "none": False})
        # Alone, the close one would have passed.
        self.assertGreater(self.counted(40, 60)(0.95).low, 0)

    def test_levels_loosen_step_by_step(self):
        results = paired.better_than_all({name: self.counted(10, 90) for name in "abc"})
        self.assertTrue(all(passed for passed, _, _ in results.values()))
        self.assertEqual(sorted(round(1 - level, 4) for _, _, level in results.values()), [0.0167, 0.025, 0.05])


if __name__ == "__main__":
    unittest.main()
