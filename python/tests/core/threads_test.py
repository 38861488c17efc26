# SPDX-License-Identifier: Apache-2.0

"""Eight threads, mixed operations: memory stays within the budget, and every value found is the one of its key.

FOVEA_PYTHON_OPERATIONS=10000000 runs the full number.
"""

import os
import random
import resource
import sysconfig
import threading
import unittest

import fovea

THREADS = 8
OPERATIONS = int(os.environ.get("FOVEA_PYTHON_OPERATIONS", "200000"))
KEYS = 2000
BUDGET = 32 << 20
SLACK = 128 << 20  # an arena of malloc for each thread, and values that threads hold; it does not grow with the operations


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


class MixedOperations(unittest.TestCase):
    def hammer(self, cache):
        keys = [fovea.key("threads", number) for number in range(KEYS)]
        sizes = [random.Random(number).choice((100, 1000, 10_000, 100_000)) for number in range(KEYS)]
        errors, most = [], [0]

        def value_of(number):
            return number.to_bytes(4, "little") * (sizes[number] // 4)

        def check(number, value):
            view = memoryview(value)
            assert len(view) == sizes[number] // 4 * 4 and view[:4] == number.to_bytes(4, "little") == view[-4:], number

        def run(seed):
            draw = random.Random(seed)
            try:
                for operation in range(OPERATIONS // THREADS):
                    number = min(draw.randrange(KEYS), draw.randrange(KEYS))
                    kind = draw.random()
                    if kind < 0.7:
                        if (value := cache.get(keys[number])) is not None:
                            check(number, value)
                    elif kind < 0.85:
                        check(number, cache.get_or_compute(keys[number], lambda number=number: value_of(number)))
                    elif kind < 0.97:
                        cache.insert(keys[number], value_of(number), cost_ms=draw.random() * 100)
                    elif kind < 0.99:
                        for found in cache.get_many(keys[number : number + 3]):
                            assert found is None or memoryview(found).nbytes > 0
                    else:
                        try:
                            del cache[keys[number]]
                        except KeyError:
                            pass
                    if operation % 1000 == 0:
                        stats = cache.stats()
                        assert stats.bytes <= BUDGET, stats
                        most[0] = max(most[0], resident())
            except BaseException as error:
                errors.append(error)

        before = resident()
        threads = [threading.Thread(target=run, args=(seed,)) for seed in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        stats = cache.stats()
        self.assertGreater(stats.hits, OPERATIONS // 10)
        self.assertGreater(stats.evictions, 0)
        self.assertLessEqual(most[0] - before, BUDGET + SLACK)
        return most[0] - before

    def test_level(self):
        self.hammer(fovea.Level(BUDGET))

    def test_store(self):
        self.hammer(fovea.Store(BUDGET))

    def test_a_build_without_the_gil_keeps_it_off(self):
        import sys

        if not sysconfig.get_config_var("Py_GIL_DISABLED"):
            self.skipTest("this interpreter has a GIL")
        self.assertFalse(sys._is_gil_enabled())


if __name__ == "__main__":
    unittest.main()
