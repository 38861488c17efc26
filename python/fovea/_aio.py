# SPDX-License-Identifier: Apache-2.0

"""The asynchronous methods of Level and Store.

None of them blocks the event loop. What is in memory is found at once. Whatever may wait (a tier, a large copy into a
store, a computation of another thread) is waited for on a thread.

aget_or_compute shares one computation a key (a flight, which is a task of its own) among the tasks of a loop. Through
get_or_compute on a thread it shares it with all other threads as well. These threads are bounded, and nobody waits for
one: computations that wait for each other would stand still. Beyond the bound a computation goes on without a thread.

- A flight is in `_flights` until it has ended, however it ends, and no longer than somebody wants it.
- Who waits for whom is known to the module (wait_graph.h), for tasks and threads alike: a computation waits for the
  flights that its tasks ask for, a flight for its key and its loop, a key for whoever computes it, and that for its event
  loop. A wait that would be for ever raises instead.
- A computation runs in a copy of its first caller's context, in which it is `_computation`.
- No thread waits for a loop that is closed. It does wait for one that stands still: that may go on.
"""

from __future__ import annotations

import contextvars
import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

from ._errors import CancelledError, InvalidError
from ._fovea import Key, Level, Store, Value, _computation, _Waiter, _watch_loops

if TYPE_CHECKING:  # importing asyncio takes as long as importing all the rest ten times
    import asyncio
    import concurrent.futures
    from collections.abc import Awaitable, Callable

_THREADS_MAX = 128  # of this process, for all loops
_CLOSED_LOOP_SECONDS = 1.0  # how soon a thread sees that its loop was closed
_COMPUTATION_MIN_MS = 1.0  # as in a Store: less was no computation, and what it cost is not known

_threads: set[object] = set()
os.register_at_fork(after_in_child=_threads.clear)  # a child has none of its parent's threads


class _Flight:
    """One computation, and how many tasks wait for it."""

    task: asyncio.Task[Value]

    def __init__(self, entry: _Waiter, loop: asyncio.AbstractEventLoop) -> None:
        self.waiting = 0
        self.entry = entry
        self.waiter = _Waiter()
        self.waiter.begin(entry)  # as its thread does. Nobody waits for the flight yet
        self.waiter.begin(_Waiter.of_loop(loop))  # which tells those that do


# By loop, cache and key. Weak: a loop that was closed in the middle leaves nothing behind.
_flights: weakref.WeakValueDictionary[tuple[asyncio.AbstractEventLoop, Any, Key], _Flight] = weakref.WeakValueDictionary()


async def aget(self: Any, key: Any, default: Any = None) -> Any:
    """get, without blocking the event loop."""
    found = self._peek(key)
    if found is not None:
        return found
    if isinstance(self, Level):
        return self.get(key, default)
    import asyncio

    found = await asyncio.to_thread(self.get, key)
    return default if found is None else found


async def ainsert(self: Any, key: Any, value: Any, *, cost_ms: float | None = None, importance: float = 0.5,
                  ttl: float | None = None) -> bool:
    """insert, without blocking the event loop."""
    import asyncio

    stored: bool = await asyncio.to_thread(self.insert, key, value, cost_ms=cost_ms, importance=importance, ttl=ttl)
    return stored


async def aget_or_compute(self: Any, key: Any, compute: Callable[[], Awaitable[Any]], *, cost_ms: float | None = None,
                          importance: float = 0.5) -> Value:
    """get_or_compute, where `compute` is asynchronous. It runs on this event loop."""
    found: Value | None = self._peek(key)
    if found is not None:
        return found
    import asyncio

    loop = asyncio.get_running_loop()
    name = (loop, self, key if isinstance(key, Key) else Key(key))
    within = _computation.get()
    flight = _flights.get(name)
    is_new = flight is None
    if flight is None:
        flight = _Flight(self._entry(key), loop)
    if within is not None:
        within.begin(flight.waiter)  # raises where that waits for this computation
    try:
        if is_new:
            _flights[name] = flight
            flight.task = loop.create_task(_fly(flight, self, name[2], compute, cost_ms, importance))
            flight.task.add_done_callback(lambda task: _ended(name, task))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            # Nobody wants it any more: whoever waited was cancelled.
            if flight.waiting == 0 and not flight.task.done() and not loop.is_closed():
                _ended(name, flight.task)
                flight.task.cancel()
    finally:
        if within is not None:
            within.finish(flight.waiter)


def _ended(name: tuple[asyncio.AbstractEventLoop, Any, Key], task: asyncio.Task[Value]) -> None:
    flight = _flights.get(name)
    if flight is not None and flight.task is task:
        _flights.pop(name, None)
    if task.done() and not task.cancelled():
        task.exception()  # seen, also where nobody waits any more


async def _fly(flight: _Flight, cache: Any, key: Key, compute: Callable[[], Awaitable[Any]], cost_ms: float | None,
               importance: float) -> Value:
    try:
        _computation.set(None)  # the thread computes for all who want the key, and not for who asked first
        if len(_threads) < _THREADS_MAX:
            thread = _Thread(cache, key, compute, cost_ms, importance)
            if thread.start():
                try:
                    return await thread.value()
                except InvalidError:
                    if not thread.loop_was_blocked:
                        raise
                    # By a call that waited for this computation: its value is there by now, or computed here.
        flight.waiter.finish(flight.entry)
        return await _without_thread(flight, cache, key, compute, cost_ms, importance)
    finally:
        flight.waiter.end()


async def _without_thread(flight: _Flight, cache: Any, key: Key, compute: Callable[[], Awaitable[Any]],
                          cost_ms: float | None, importance: float) -> Value:
    found: Value | None = await aget(cache, key)
    if found is not None:
        return found
    import asyncio

    begin = time.perf_counter()
    _computation.set(flight.waiter)
    try:
        value = await compute()
    finally:
        flight.waiter.end()
    if cost_ms is None:
        elapsed_ms = (time.perf_counter() - begin) * 1000
        cost_ms = 0 if elapsed_ms < _COMPUTATION_MIN_MS else elapsed_ms
    return await asyncio.to_thread(_stored, cache, key, value, cost_ms, importance)


def _stored(cache: Any, key: Key, value: Any, cost_ms: float, importance: float) -> Value:
    cache.insert(key, value, cost_ms=cost_ms, importance=importance)
    found: Value | None = cache._peek(key)
    return Level(0).get_or_compute(key, lambda: value) if found is None else found  # a bypass


class _Thread:
    """A thread that is in get_or_compute for a flight, and lets the loop compute."""

    def __init__(self, cache: Any, key: Key, compute: Callable[[], Awaitable[Any]], cost_ms: float | None,
                 importance: float) -> None:
        import asyncio

        self._cache, self._key, self._compute = cache, key, compute
        self._terms: dict[str, Any] = {"cost_ms": cost_ms, "importance": importance}
        self._loop = asyncio.get_running_loop()
        self._outcome: asyncio.Future[tuple[Any, BaseException | None]] = self._loop.create_future()
        self._computing: concurrent.futures.Future[Any] | None = None
        self._unwanted = False
        self.loop_was_blocked = False
        _watch_loops(asyncio._get_running_loop)

    def start(self) -> bool:
        """False where the system gives no thread."""
        context = contextvars.copy_context()  # what the thread starts on the loop starts in its context
        thread = threading.Thread(target=context.run, args=(self._run,), name="fovea-aget_or_compute", daemon=True)
        _threads.add(self)
        try:
            thread.start()
        except (RuntimeError, MemoryError):
            _threads.discard(self)
            return False
        return True

    async def value(self) -> Value:
        try:
            value, error = await self._outcome
        finally:
            self._unwanted = True
            if self._computing is not None and not self._loop.is_closed():
                self._computing.cancel()
        if error is not None:
            raise error
        found: Value = value
        return found

    def _run(self) -> None:
        import asyncio
        import concurrent.futures

        value: Value | None = None
        error: BaseException | None = None
        try:
            value = self._cache.get_or_compute(self._key, self._compute_on_loop, **self._terms)
        except concurrent.futures.CancelledError:
            error = asyncio.CancelledError()
        except BaseException as raised:
            error = raised
        _threads.discard(self)
        try:
            self._loop.call_soon_threadsafe(self._finish, value, error)
        except RuntimeError:  # the loop was closed meanwhile, and nobody waits
            pass

    def _finish(self, value: Any, error: BaseException | None) -> None:
        if not self._outcome.done():
            self._outcome.set_result((value, error))

    def _compute_on_loop(self) -> Any:
        import asyncio
        import concurrent.futures

        mine, loop = _computation.get(), _Waiter.of_loop(self._loop)
        assert mine is not None  # get_or_compute has set it

        async def computed() -> Any:
            try:
                return await self._compute()
            finally:
                mine.finish(loop)

        try:
            mine.begin(loop)
        except InvalidError:
            self.loop_was_blocked = True
            raise
        computing = computed()
        try:
            self._computing = future = asyncio.run_coroutine_threadsafe(computing, self._loop)
        except RuntimeError:
            computing.close()
            raise CancelledError("the event loop that computes this was closed") from None
        if self._unwanted:
            future.cancel()
        # Not result(timeout): the computation may raise TimeoutError itself.
        while not concurrent.futures.wait([future], _CLOSED_LOOP_SECONDS).done:
            if self._loop.is_closed():
                raise CancelledError("the event loop that computes this was closed")
        return future.result()


for _cache in (Level, Store):
    for _method in (aget, ainsert, aget_or_compute):
        setattr(_cache, _method.__name__, _method)
