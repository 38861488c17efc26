# SPDX-License-Identifier: Apache-2.0

"""The asynchronous methods of Level and Store.

None of them blocks the event loop. What is in memory is found at once. Whatever may wait (a tier, a large copy into a
store, a computation of another thread) is waited for on a thread.

aget_or_compute shares one computation a key among the tasks of a loop, and, through get_or_compute on a thread of its
own, with all other threads. A thread of a pool would not do: computations that wait for each other could use up the pool.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

from ._fovea import Key, Level, Store, Value

if TYPE_CHECKING:  # importing asyncio takes as long as importing all the rest ten times
    import asyncio
    from collections.abc import Awaitable, Callable

# By cache and event loop: what is being computed.
_flights: weakref.WeakKeyDictionary[Any, dict[tuple[Any, Key], _Flight]] = weakref.WeakKeyDictionary()


class _Flight:
    """One computation, and how many tasks wait for it."""

    def __init__(self, done: asyncio.Future[Value]) -> None:
        self.done = done
        self.waiting = 0
        self.computing: Any = None  # the running coroutine, as a concurrent.futures.Future


def _in_memory(cache: Any, key: Any) -> Any:
    return cache._peek(key)


async def aget(self: Any, key: Any, default: Any = None) -> Any:
    """get, without blocking the event loop."""
    found = _in_memory(self, key)
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
    found: Value | None = _in_memory(self, key)
    if found is not None:
        return found
    import asyncio

    loop = asyncio.get_running_loop()
    flights = _flights.setdefault(self, {})
    name = (loop, key if isinstance(key, Key) else Key(key))
    flight = flights.get(name)
    if flight is None:
        flight = flights[name] = _Flight(loop.create_future())
        _start(self, name, flight, flights, compute, cost_ms, importance)
    flight.waiting += 1
    try:
        return await asyncio.shield(flight.done)
    finally:
        flight.waiting -= 1
        # Nobody wants it any more: whoever waited was cancelled.
        if flight.waiting == 0 and not flight.done.done():
            flights.pop(name, None)
            if flight.computing is not None:
                flight.computing.cancel()


def _start(cache: Any, name: tuple[Any, Key], flight: _Flight, flights: dict[tuple[Any, Key], _Flight],
           compute: Callable[[], Awaitable[Any]], cost_ms: float | None, importance: float) -> None:
    import asyncio
    import concurrent.futures

    loop, key = name

    async def computed() -> Any:
        return await compute()

    def wait_for_it() -> Any:
        flight.computing = asyncio.run_coroutine_threadsafe(computed(), loop)
        return flight.computing.result()

    def finish(value: Any, error: BaseException | None) -> None:
        if flights.get(name) is flight:
            del flights[name]
        if flight.done.done():
            return
        if error is None:
            flight.done.set_result(value)
        elif isinstance(error, (asyncio.CancelledError, concurrent.futures.CancelledError)):
            flight.done.cancel()
        else:
            flight.done.set_exception(error)
            flight.done.exception()  # seen, also where nobody waits any more

    def run() -> None:
        value, error = None, None
        try:
            value = cache.get_or_compute(key, wait_for_it, cost_ms=cost_ms, importance=importance)
        except BaseException as raised:
            error = raised
        try:
            loop.call_soon_threadsafe(finish, value, error)
        except RuntimeError:  # the loop was closed meanwhile, and nobody waits
            pass

    threading.Thread(target=run, name="fovea-aget_or_compute", daemon=True).start()


for _cache in (Level, Store):
    for _method in (aget, ainsert, aget_or_compute):
        setattr(_cache, _method.__name__, _method)
