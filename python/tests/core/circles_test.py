# SPDX-License-Identifier: Apache-2.0

"""Computations that would wait for themselves, through any number of threads, tasks and event loops, get an error.

Tasks of one loop beyond the bound of threads are in async_test.py.

What may wait for ever waits in daemon threads: then that is a failure, and not a test that never ends.
"""

import asyncio
import contextvars
import random
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import fovea
from cache_suite import key
from fovea._fovea import _Waiter

WITHIN = 60  # seconds
SELF = "wait for itself"


class Asking:
    """Threads and loops that ask for keys. Each has a result: a value's bytes, or what was raised."""

    def __init__(self):
        self.results = {}
        self.threads = []

    def start(self, name, call):
        def run():
            try:
                self.results[name] = bytes(call())
            except Exception as error:
                self.results[name] = error

        thread = threading.Thread(target=run, daemon=True)
        self.threads.append(thread)
        thread.start()
        return thread

    def all(self, case):
        until = time.monotonic() + WITHIN
        for thread in self.threads:
            thread.join(max(0, until - time.monotonic()))
        case.assertFalse(any(thread.is_alive() for thread in self.threads), f"somebody waits for ever: {self.results}")
        return self.results


def first_error(results):
    errors = [result for result in results.values() if isinstance(result, Exception)]
    return errors[0] if errors else None


class Circles:
    """Of a class with make() -> a cache, which is also a unittest.TestCase."""

    def setUp(self):
        self.cache = self.make()
        self.asking = Asking()

    def in_a_circle(self, caches):
        """A thread for each cache, whose computation asks for the next one's key once all compute."""
        begun = threading.Barrier(len(caches))

        def compute(number):
            begun.wait(WITHIN)
            other = (number + 1) % len(caches)
            return bytes(caches[other].get_or_compute(key(other), lambda: b"%d alone" % other)) + b" of %d" % number

        for number, cache in enumerate(caches):
            self.asking.start(number, lambda cache=cache, number=number: cache.get_or_compute(key(number), lambda: compute(number)))
        return self.asking.all(self)

    def test_threads_that_ask_for_each_others_keys(self):
        for count in (2, 3, 8):
            with self.subTest(count):
                self.cache.clear()
                self.asking = Asking()
                results = self.in_a_circle([self.cache] * count)
                failed = [result for result in results.values() if isinstance(result, Exception)]
                self.assertGreater(len(failed), 0, results)
                for error in failed:
                    self.assertIsInstance(error, fovea.InvalidError)
                    self.assertIn(SELF, str(error))
                    self.assertIn("one order", str(error))
                # Whoever waited for a computation that failed computed the key itself.
                self.assertLess(len(failed), count, results)

    def test_through_another_cache(self):
        other = self.make()
        failed = first_error(self.in_a_circle([self.cache, other, self.cache, other]))
        self.assertRegex(str(failed), SELF)

    def test_who_catches_the_error_lets_the_others_go_on(self):
        begun = threading.Barrier(2)

        def compute(number, other):
            begun.wait(WITHIN)
            try:
                return bytes(self.cache.get_or_compute(key(other), lambda: b"never")) + b", then %d" % number
            except fovea.InvalidError:
                return b"%d alone" % number

        for number, other in ((1, 2), (2, 1)):
            self.asking.start(number, lambda number=number, other=other: self.cache.get_or_compute(
                key(number), lambda: compute(number, other)))
        results = self.asking.all(self)
        self.assertIn(results, ({1: b"1 alone", 2: b"1 alone, then 2"}, {1: b"2 alone, then 1", 2: b"2 alone"}))

    def test_keys_in_one_order_are_no_circle(self):
        begun = threading.Barrier(4)
        calls = []

        def chain(number):
            calls.append(number)
            time.sleep(0.01)
            return b"%d" % number if number == 9 else bytes(self.cache.get_or_compute(key(number + 1), lambda: chain(number + 1)))

        def ask(number):
            begun.wait(WITHIN)
            return self.cache.get_or_compute(key(number), lambda: chain(number))

        for number in (0, 1, 4, 6):
            self.asking.start(number, lambda number=number: ask(number))
        self.assertEqual(set(self.asking.all(self).values()), {b"9"})
        self.assertEqual(sorted(calls), list(range(10)))

    def test_work_that_takes_the_context_along_belongs_to_its_computation(self):
        with ThreadPoolExecutor(1) as pool:
            def ask():
                return self.cache.get_or_compute(key(1), lambda: b"never")

            def compute():
                return bytes(pool.submit(contextvars.copy_context().run, ask).result(WITHIN))

            with self.assertRaisesRegex(fovea.InvalidError, SELF):
                self.cache.get_or_compute(key(1), compute)

    def test_what_a_computation_left_behind_may_ask_for_its_key(self):
        contexts = []

        def compute():
            contexts.append(contextvars.copy_context())
            return b"value"

        self.cache.get_or_compute(key(1), compute)
        self.cache.clear()
        again = contexts[0].run(self.cache.get_or_compute, key(1), lambda: b"again")
        self.assertEqual(again, b"again")

    def test_a_failed_computation_leaves_nothing(self):
        def fail():
            raise KeyError("mine")

        def outer():
            with self.assertRaises(KeyError):
                self.cache.get_or_compute(key(2), fail)
            return bytes(self.cache.get_or_compute(key(2), lambda: b"inner"))

        self.assertEqual(self.cache.get_or_compute(key(1), outer), b"inner")

        def swapped():
            return bytes(self.cache.get_or_compute(key(1), lambda: b"inner"))

        self.cache.clear()
        self.assertEqual(self.cache.get_or_compute(key(2), swapped), b"inner")

    def test_a_thread_and_a_task_that_ask_for_each_others_keys(self):
        begun = threading.Barrier(2)

        def in_thread():
            begun.wait(WITHIN)
            return bytes(self.cache.get_or_compute(key(2), lambda: b"2")) + b" of 1"

        async def in_loop():
            await asyncio.to_thread(begun.wait, WITHIN)

            async def alone():
                return b"1"

            return bytes(await self.cache.aget_or_compute(key(1), alone)) + b" of 2"

        self.asking.start(1, lambda: self.cache.get_or_compute(key(1), in_thread))
        self.asking.start(2, lambda: asyncio.run(self.cache.aget_or_compute(key(2), in_loop)))
        results = self.asking.all(self)
        self.assertRegex(str(first_error(results)), SELF)

    def test_loops_that_ask_for_each_others_keys(self):
        begun = threading.Barrier(2)

        async def compute(number, other):
            await asyncio.to_thread(begun.wait, WITHIN)

            async def alone():
                return b"%d" % other

            return bytes(await self.cache.aget_or_compute(key(other), alone)) + b" of %d" % number

        for number, other in ((1, 2), (2, 1)):
            self.asking.start(number, lambda number=number, other=other: asyncio.run(
                self.cache.aget_or_compute(key(number), lambda: compute(number, other))))
        self.assertRegex(str(first_error(self.asking.all(self))), SELF)

    def test_a_computation_on_a_loop_that_asks_without_awaiting(self):
        async def compute():
            return self.cache.get_or_compute(key(1), lambda: b"never")

        self.asking.start(1, lambda: asyncio.run(self.cache.aget_or_compute(key(1), compute)))
        self.assertRegex(str(self.asking.all(self)[1]), SELF)

    def test_a_loop_that_blocks_itself(self):
        async def main():
            begun, leave = asyncio.Event(), asyncio.Event()

            async def compute():
                begun.set()
                await leave.wait()
                return b"value"

            task = asyncio.create_task(self.cache.aget_or_compute(key(1), compute))
            await begun.wait()
            with self.assertRaisesRegex(fovea.InvalidError, "blocks the event loop.*await aget_or_compute"):
                self.cache.get_or_compute(key(1), lambda: b"never")
            leave.set()
            return await task

        self.asking.start(1, lambda: asyncio.run(main()))
        self.assertEqual(self.asking.all(self), {1: b"value"})

    def test_a_loop_that_blocks_itself_through_a_thread(self):
        asked = threading.Event()

        async def main():
            begun, leave = asyncio.Event(), asyncio.Event()

            async def compute():
                begun.set()
                await leave.wait()
                return b"1"

            task = asyncio.create_task(self.cache.aget_or_compute(key(1), compute))
            await begun.wait()

            def other():  # whose computation waits for the loop's
                asked.set()
                return bytes(self.cache.get_or_compute(key(1), lambda: b"never")) + b" and 2"

            self.asking.start(2, lambda: self.cache.get_or_compute(key(2), other))
            await asyncio.to_thread(asked.wait, WITHIN)
            try:
                found = bytes(self.cache.get_or_compute(key(2), lambda: b"2 alone"))
            except fovea.InvalidError as error:
                found = str(error).encode()
            leave.set()
            return b"%s, %s" % (bytes(await task), found)

        self.asking.start(1, lambda: asyncio.run(main()))
        results = self.asking.all(self)
        self.assertRegex(str(results), "blocks the event loop|1, 2 alone", results)

    def test_a_loop_may_block_for_a_thread(self):
        begun, leave = threading.Event(), threading.Event()

        def slow():
            begun.set()
            leave.wait(WITHIN)
            return b"of a thread"

        async def value():
            return b"of the loop"

        async def main():
            await self.cache.aget_or_compute(key(2), value)  # from here on the loop is known
            threading.Timer(1, leave.set).start()
            return self.cache.get_or_compute(key(1), lambda: b"never")

        self.asking.start("thread", lambda: self.cache.get_or_compute(key(1), slow))
        begun.wait(WITHIN)
        self.asking.start("loop", lambda: asyncio.run(main()))
        self.assertEqual(self.asking.all(self), {"thread": b"of a thread", "loop": b"of a thread"})
        self.assertEqual(self.cache.stats().joined, 1, "the loop has waited")


class Graph(unittest.TestCase):
    """What the module knows of waits, beside a plain model: a list of edges."""

    def leads(self, edges, begin, end):
        ahead, seen = [begin], set()
        while ahead:
            node = ahead.pop()
            if node == end:
                return True
            if node not in seen:
                seen.add(node)
                ahead += [to for origin, to in edges if origin == node]
        return False

    def test_random_waits(self):
        seed = random.randrange(1 << 32)
        draw = random.Random(seed)
        waiters, edges, ended, refused = [_Waiter() for _ in range(12)], [], set(), 0
        for step in range(4000):
            one, two = draw.randrange(12), draw.randrange(12)
            kind = draw.random()
            if kind < 0.55:
                expected = one not in ended and self.leads(edges, two, one)
                try:
                    waiters[one].begin(waiters[two])
                    self.assertFalse(expected, (seed, step))
                    if one not in ended:
                        edges.append((one, two))
                except fovea.InvalidError:
                    self.assertTrue(expected, (seed, step))
                    refused += 1
            elif kind < 0.95:
                if edges and draw.random() < 0.9:
                    one, two = draw.choice(edges)
                waiters[one].finish(waiters[two])
                if (one, two) in edges:
                    edges.remove((one, two))  # one of them, where it waits twice
            elif kind < 0.975:
                waiters[one].end()
                ended.add(one)
                edges = [edge for edge in edges if edge[0] != one]
            else:  # a new one takes its place
                waiters[one] = _Waiter()
                ended.discard(one)
                edges = [edge for edge in edges if one not in edge]
        self.assertGreater(refused, 100, seed)


class LevelCircles(Circles, unittest.TestCase):
    def make(self):
        return fovea.Level("4MiB")


class StoreCircles(Circles, unittest.TestCase):
    def make(self):
        return fovea.Store("4MiB")

    def test_through_views_of_one_tenant(self):
        views = [self.cache.scoped("one") for _ in range(2)]
        self.assertRegex(str(first_error(self.in_a_circle(views))), SELF)

        async def compute():
            async def never():
                return b"never"

            return await self.cache.scoped("two").aget_or_compute(key(1), never)

        asking = Asking()
        asking.start(1, lambda: asyncio.run(self.cache.scoped("two").aget_or_compute(key(1), compute)))
        self.assertRegex(str(asking.all(self)[1]), SELF)

    def test_equal_keys_of_two_tenants_are_no_circle(self):
        one, two = self.cache.scoped("one"), self.cache.scoped("two")
        value = one.get_or_compute(key(1), lambda: bytes(two.get_or_compute(key(1), lambda: b"two")) + b" and one")
        self.assertEqual(value, b"two and one")


if __name__ == "__main__":
    unittest.main()
