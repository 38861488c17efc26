# SPDX-License-Identifier: Apache-2.0

"""The asynchronous methods: the event loop goes on, and one key is computed once."""

import asyncio
import contextvars
import threading
import time
import unittest
from unittest import mock

import fovea
from cache_suite import key
from fovea import _aio

WITHIN = 60  # seconds: what would wait for ever is a failure, and not a test that never ends


class AsyncSuite:
    def setUp(self):
        self.cache = self.make()

    async def test_get_and_insert(self):
        self.assertIsNone(await self.cache.aget(key(1)))
        self.assertEqual(await self.cache.aget(key(1), 5), 5)
        self.assertTrue(await self.cache.ainsert(key(1), b"1", cost_ms=3, ttl=100))
        self.assertEqual(await self.cache.aget(key(1)), b"1")
        with self.assertRaises(TypeError):
            await self.cache.ainsert(key(1), object())

    async def test_tasks_and_threads_compute_once(self):
        calls = []

        async def compute():
            calls.append(threading.current_thread())
            await asyncio.sleep(0.2)
            return b"value"

        def no_second():
            calls.append("thread")
            return b"other"

        tasks = [asyncio.create_task(self.cache.aget_or_compute(key(1), compute)) for _ in range(10)]
        while not calls:
            await asyncio.sleep(0.001)
        threads = [asyncio.to_thread(self.cache.get_or_compute, key(1), no_second) for _ in range(3)]
        values = await asyncio.gather(*tasks, *threads)
        self.assertEqual([bytes(value) for value in values], [b"value"] * 13)
        self.assertEqual(calls, [threading.current_thread()])
        self.assertEqual(await self.cache.aget_or_compute(bytes(key(1)), compute), b"value")

    async def test_the_loop_goes_on(self):
        async def compute():
            await asyncio.sleep(0.1)
            return b"value"

        ticks = 0
        task = asyncio.create_task(self.cache.aget_or_compute(key(1), compute))
        while not task.done():
            await asyncio.sleep(0.001)
            ticks += 1
        self.assertGreater(ticks, 5)

    async def test_exceptions_are_the_computations_own(self):
        error = KeyError("mine")

        async def fail():
            raise error

        results = await asyncio.gather(*[self.cache.aget_or_compute(key(1), fail) for _ in range(3)], return_exceptions=True)
        self.assertEqual(results, [error] * 3)
        self.assertNotIn(key(1), self.cache)

    async def test_who_is_cancelled_cancels_what_nobody_else_wants(self):
        cancelled = asyncio.Event()

        async def compute():
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled.set()
                raise

        tasks = [asyncio.create_task(self.cache.aget_or_compute(key(1), compute)) for _ in range(2)]
        await asyncio.sleep(0.1)
        tasks[0].cancel()
        await asyncio.sleep(0.1)
        self.assertFalse(cancelled.is_set(), "another one still waits")
        tasks[1].cancel()
        await asyncio.wait_for(cancelled.wait(), 30)
        for task in tasks:
            with self.assertRaises(asyncio.CancelledError):
                await task

        async def again():
            return b"again"

        self.assertEqual(await self.cache.aget_or_compute(key(1), again), b"again")

    async def test_computations_may_wait_for_each_other(self):
        async def outer(number):
            return bytes(await self.cache.aget_or_compute(key(100 + number), lambda: inner(number))) + b"!"

        async def inner(number):
            await asyncio.sleep(0.01)
            return b"%d" % number

        values = await asyncio.gather(*[self.cache.aget_or_compute(key(number), lambda number=number: outer(number))
                                        for number in range(60)])
        self.assertEqual([bytes(value) for value in values], [b"%d!" % number for number in range(60)])

    async def test_an_own_key_is_an_error(self):
        async def inner():
            return await self.cache.aget_or_compute(key(1), inner)

        async def outer():  # through another key, and another task
            return await asyncio.create_task(self.cache.aget_or_compute(key(3), again))

        async def again():
            return await self.cache.aget_or_compute(key(2), outer)

        for number, compute in ((1, inner), (2, outer)):
            with self.assertRaisesRegex(fovea.InvalidError, "wait for itself"):
                await asyncio.wait_for(self.cache.aget_or_compute(key(number), compute), WITHIN)

        async def right():
            return b"right"

        self.assertEqual(await self.cache.aget_or_compute(key(1), right), b"right")

    async def test_keys_that_wait_for_each_other_are_an_error(self):
        begun = []

        async def ask_for(number, other):
            begun.append(number)
            while len(begun) < 2:
                await asyncio.sleep(0.001)
            return await self.cache.aget_or_compute(key(other), lambda: ask_for(other, number))

        asked = asyncio.gather(self.cache.aget_or_compute(key(1), lambda: ask_for(1, 2)),
                               self.cache.aget_or_compute(key(2), lambda: ask_for(2, 1)), return_exceptions=True)
        results = await asyncio.wait_for(asked, WITHIN)
        self.assertEqual([type(result) for result in results], [fovea.InvalidError] * 2)

    async def test_a_task_that_outlives_its_computation_may_ask_for_its_key(self):
        begin = asyncio.Event()
        tasks = []

        async def value():
            return b"value"

        async def later():
            await begin.wait()
            return await self.cache.aget_or_compute(key(1), value)

        async def compute():
            tasks.append(asyncio.create_task(later()))
            return b"value"

        await self.cache.aget_or_compute(key(1), compute)
        self.cache.clear()
        begin.set()
        self.assertEqual(await asyncio.wait_for(tasks[0], WITHIN), b"value")

    async def test_compute_runs_in_its_callers_context(self):
        request = contextvars.ContextVar("request", default=b"lost")
        request.set(b"kept")

        async def compute():
            return request.get()

        self.assertEqual(await self.cache.aget_or_compute(key(1), compute), b"kept")

    async def test_many_keys_at_once_are_few_threads(self):
        many, begun, threads = 300, [], []
        asyncio.get_running_loop().set_debug(False)  # which a test's loop has on, and which is slow

        async def compute(number):
            begun.append(number)
            threads.append(threading.active_count())
            while len(begun) < many:  # all of them run at once
                await asyncio.sleep(0.01)
            return b"%d" % number

        before = threading.active_count()
        computed = asyncio.gather(*[self.cache.aget_or_compute(key(number), lambda number=number: compute(number))
                                    for number in range(many)])
        values = await asyncio.wait_for(computed, 2 * WITHIN)
        self.assertEqual([bytes(value) for value in values], [b"%d" % number for number in range(many)])
        self.assertEqual(sorted(begun), list(range(many)))
        pool = 32  # what asyncio.to_thread has at most
        self.assertLessEqual(max(threads) - before, _aio._THREADS_MAX + pool)
        self.assertEqual(len(self.cache), many)
        before = self.cache.stats().saved_ms
        for number in (many - 2, many - 1):  # the one that began last of all waited for nobody
            self.cache[key(number)]
        self.assertGreater(self.cache.stats().saved_ms, before, "what it cost was measured")

    async def test_what_is_not_stored_is_given(self):
        large = bytes(5 << 20)

        async def compute():
            return large, b"grid"

        found = await self.cache.aget_or_compute(key(1), compute)
        self.assertEqual([bytes(part) for part in found], [large, b"grid"])
        self.assertNotIn(key(1), self.cache)

    async def test_no_thread_is_no_error(self):
        start = threading.Thread.start

        def no_thread(thread):
            if thread.name == "fovea-aget_or_compute":
                raise RuntimeError("can't start new thread")
            start(thread)

        async def compute():
            return b"value"

        async def fail():
            raise KeyError("mine")

        with mock.patch.object(threading.Thread, "start", no_thread):
            with self.assertRaises(KeyError):
                await asyncio.wait_for(self.cache.aget_or_compute(key(1), fail), WITHIN)
            self.assertEqual(await asyncio.wait_for(self.cache.aget_or_compute(key(1), compute), WITHIN), b"value")
        self.assertEqual(await asyncio.wait_for(self.cache.aget_or_compute(key(2), compute), WITHIN), b"value")
        self.assertEqual([name for name in list(_aio._flights) if name[1] is self.cache], [])
        self.assertEqual([thread for thread in list(_aio._threads) if thread._cache is self.cache], [])

    def test_a_loop_that_is_closed_holds_nobody(self):
        async def compute():
            await asyncio.sleep(600)

        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)  # it would tell of tasks that were left: which is what this is about
        loop.create_task(self.cache.aget_or_compute(key(1), compute))
        loop.run_until_complete(asyncio.sleep(0.2))
        loop.close()
        found = []
        other = threading.Thread(target=lambda: found.append(self.cache.get_or_compute(key(1), lambda: b"other")), daemon=True)
        other.start()
        other.join(WITHIN)
        self.assertEqual(found, [b"other"])

    def test_a_loop_that_ends_leaves_nothing_behind(self):
        async def compute():
            await asyncio.sleep(60)

        async def leave():
            asyncio.create_task(self.cache.aget_or_compute(key(1), compute))
            await asyncio.sleep(0.05)

        asyncio.run(leave())
        until = time.monotonic() + 30
        while any(thread.name == "fovea-aget_or_compute" for thread in threading.enumerate()) and time.monotonic() < until:
            time.sleep(0.01)
        self.assertEqual(self.cache.get_or_compute(key(1), lambda: b"new"), b"new")


class LevelAsync(AsyncSuite, unittest.IsolatedAsyncioTestCase):
    def make(self):
        return fovea.Level("4MiB")


class StoreAsync(AsyncSuite, unittest.IsolatedAsyncioTestCase):
    def make(self):
        return fovea.Store("4MiB")


class WithoutThreads(AsyncSuite, unittest.IsolatedAsyncioTestCase):
    """Beyond the bound of threads: all but sharing with other threads holds."""

    test_tasks_and_threads_compute_once = None

    def make(self):
        patch = mock.patch.object(_aio, "_THREADS_MAX", 0)
        patch.start()
        self.addCleanup(patch.stop)
        return fovea.Store("4MiB")


if __name__ == "__main__":
    unittest.main()
