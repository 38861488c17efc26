# SPDX-License-Identifier: Apache-2.0

"""fovea.Level."""

import unittest

import fovea
from cache_suite import CacheSuite, key


class LevelTest(CacheSuite, unittest.TestCase):
    def make(self, size, **settings):
        return fovea.Level(size, **settings)

    def test_a_value_of_another_level_is_shared(self):
        self.cache[key(1)] = (b"one", b"two")
        other = fovea.Level("16MiB")
        other[key(1)] = self.cache[key(1)]
        self.assertEqual([bytes(array) for array in other[key(1)]], [b"one", b"two"])

    def test_a_level_of_nothing_stores_nothing(self):
        nothing = fovea.Level(0)
        self.assertFalse(nothing.insert(key(1), b"1"))
        self.assertEqual(nothing.get_or_compute(key(1), lambda: b"2"), b"2")
        self.assertEqual(len(nothing), 0)

    def test_every_policy(self):
        for policy in ("lru", "cost", "importance", "cross-modal", "s3-fifo", "sieve", "w-tinylfu", "value"):
            level = fovea.Level("1MiB", policy=policy)
            for number in range(50):
                level.insert(key(number), bytes(50_000), cost_ms=number)
            self.assertLessEqual(level.stats().bytes, 1 << 20, policy)


if __name__ == "__main__":
    unittest.main()
