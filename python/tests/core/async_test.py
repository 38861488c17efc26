# SPDX-License-Identifier: Apache-2.0

"""The asynchronous methods: the event loop goes on, and one key is computed once."""

import asyncio
import threading
import time
import unittest

import fovea
from cache_suite import key


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


if __name__ == "__main__":
    unittest.main()
