# SPDX-License-Identifier: Apache-2.0

"""What holds of a Level and of a Store alike. level_test.py and store_test.py run it."""

import copy
import ctypes
import pickle
import resource
import signal
import threading
import time

import fovea

try:
    import numpy
except ImportError:
    numpy = None

MIB = 1 << 20


def key(number):
    return fovea.key("test/cache/1", number)


class CacheSuite:
    """Of a class with make(**settings) -> a cache, which is also a unittest.TestCase."""

    def setUp(self):
        self.cache = self.make(16 * MIB)

    def test_it_is_a_dictionary(self):
        cache = self.cache
        self.assertEqual(len(cache), 0)
        self.assertTrue(cache)  # also where it is empty: "if cache" asks whether there is one
        self.assertIsNone(cache.get(key(1)))
        self.assertEqual(cache.get(key(1), "nothing"), "nothing")
        cache[key(1)] = b"one"
        cache[bytes(key(2))] = b"two"
        self.assertIn(key(1), cache)
        self.assertNotIn(key(3), cache)
        self.assertEqual(bytes(cache[key(1)]), b"one")
        self.assertEqual(bytes(cache.get(key(2))), b"two")
        self.assertEqual(len(cache), 2)
        self.assertEqual(set(cache), {key(1), key(2)})
        cache[key(1)] = b"another"
        self.assertEqual(bytes(cache[key(1)]), b"another")
        del cache[key(1)]
        self.assertNotIn(key(1), cache)
        for missing in (lambda: cache[key(1)], lambda: cache.__delitem__(key(1))):
            with self.assertRaises(KeyError) as raised:
                missing()
            self.assertEqual(raised.exception.args, (key(1),))
        cache.clear()
        self.assertEqual(list(cache), [])

    def test_many_at_once(self):
        self.cache[key(1)] = b"1"
        self.cache[key(3)] = b"3"
        found = self.cache.get_many([key(1), key(2), bytes(key(3))])
        self.assertEqual([found[0], found[2]], [b"1", b"3"])
        self.assertIsNone(found[1])
        self.assertEqual(self.cache.get_many([]), [])

    def test_wrong_keys_and_values_are_named(self):
        for wrong in ("text", 1, None, bytearray(32)):
            with self.assertRaisesRegex(TypeError, "a key is a fovea.Key or its 32 bytes"):
                self.cache[wrong]
        with self.assertRaisesRegex(ValueError, "32 bytes"):
            self.cache[b"short"]
        for wrong in (object(), 1, None, {}, [object()]):
            with self.assertRaisesRegex(TypeError, "a value is bytes-like, an array .* got "):
                self.cache[key(1)] = wrong
        with self.assertRaisesRegex(TypeError, "encode it first"):
            self.cache[key(1)] = "text"
        self.assertEqual(len(self.cache), 0)

    def test_terms_are_bounded(self):
        for wrong in ({"cost_ms": -1}, {"cost_ms": float("nan")}, {"importance": 2}, {"importance": -0.1}, {"ttl": 0}, {"ttl": -1},
                      {"ttl": float("inf")}):
            with self.assertRaises(ValueError, msg=wrong):
                self.cache.insert(key(1), b"1", **wrong)
        with self.assertRaises(TypeError):
            self.cache.insert(key(1), b"1", cost_ms="much")
        for size in (-1, "much", "1 parsec", 2**64):
            with self.assertRaises(ValueError, msg=size) as raised:
                self.make(size)
            self.assertIsInstance(raised.exception, fovea.FoveaError)
            self.assertEqual(raised.exception.fault, "invalid")
        with self.assertRaises(TypeError):
            self.make(1.5)
        with self.assertRaisesRegex(fovea.InvalidError, "lru.*value"):
            self.make(MIB, policy="best")

    def test_a_hit_copies_nothing(self):
        self.cache[key(1)] = bytes(10_000_000)
        found = [memoryview(self.cache[key(1)]) for _ in range(3)]
        self.assertEqual(len({address_of(view) for view in found}), 1)
        self.assertEqual(address_of(found[0]) % 64, 0)

    def test_values_outlive_their_entry_and_their_cache(self):
        self.cache[key(1)] = b"x" * MIB
        value = self.cache[key(1)]
        view = memoryview(value)
        self.cache.clear()
        self.cache.resize(0)
        del value, self.cache
        self.assertEqual(bytes(view[:3]), b"xxx")

    def test_the_budget_holds(self):
        for number in range(100):
            self.cache.insert(key(number), bytes(MIB), cost_ms=10)
            self.assertLessEqual(self.cache.stats().bytes, 16 * MIB)
        self.assertGreater(len(self.cache), 10)
        self.assertGreater(self.cache.stats().evictions, 79)
        self.assertFalse(self.cache.insert(key(1000), bytes(17 * MIB)), "larger than all")
        self.cache.resize("4MiB")
        self.assertLessEqual(self.cache.stats().bytes, 4 * MIB)
        self.assertEqual(self.cache.stats().bytes_max, 4 * MIB)

    def test_time_to_live(self):
        self.cache.insert(key(1), b"short", ttl=0.05)
        self.cache.insert(key(2), b"long", ttl=1000)
        self.assertIn(key(1), self.cache)
        until = time.monotonic() + 10
        while self.cache.get(key(1)) is not None and time.monotonic() < until:
            time.sleep(0.01)
        self.assertIsNone(self.cache.get(key(1)))
        self.assertNotIn(key(1), self.cache)
        self.assertEqual(self.cache[key(2)], b"long")

    def test_what_is_over_is_not_there_before_anybody_looks(self):
        self.cache.insert(key(1), b"short", ttl=0.001)
        time.sleep(0.05)
        self.assertNotIn(key(1), self.cache)

    def test_what_is_too_large_is_not_even_copied(self):
        if numpy is None:
            self.skipTest("numpy is not installed")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.assertFalse(self.cache.insert(key(1), numpy.broadcast_to(numpy.float32(1), (1 << 28,))))
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 100 << 10)

    def test_what_is_too_large_leaves_no_older_value(self):
        self.cache[key(1)] = b"old"
        self.assertFalse(self.cache.insert(key(1), bytes(17 * MIB)))
        self.assertIsNone(self.cache.get(key(1)))

    def test_an_interrupt_ends_a_wait(self):
        inside, leave = threading.Event(), threading.Event()

        def slow():
            inside.set()
            leave.wait(60)
            return b"1"

        thread = threading.Thread(target=self.cache.get_or_compute, args=(key(1), slow))
        thread.start()
        inside.wait()
        interrupt = threading.Timer(0.1, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
        interrupt.start()
        with self.assertRaises(KeyboardInterrupt):
            self.cache.get_or_compute(key(1), lambda: b"2")
        leave.set()
        thread.join()
        self.assertEqual(self.cache[key(1)], b"1")

    def test_the_cost_is_the_time_since_the_miss(self):
        self.assertIsNone(self.cache.get(key(1)))
        time.sleep(0.05)
        self.cache[key(1)] = b"1"
        self.cache[key(1)]
        self.assertGreaterEqual(self.cache.stats().saved_ms, 50)
        before = self.cache.stats().saved_ms
        self.cache.insert(key(2), b"2", cost_ms=1234)
        self.cache[key(2)]
        self.assertAlmostEqual(self.cache.stats().saved_ms - before, 1234)
        before = self.cache.stats().saved_ms
        self.cache[key(3)] = b"3"  # which nobody missed
        self.cache[key(3)]
        self.assertEqual(self.cache.stats().saved_ms, before)

    def test_compute_once(self):
        calls, values = [], []
        begin = threading.Barrier(8)

        def compute():
            calls.append(threading.get_ident())
            time.sleep(0.1)
            return b"value"

        def ask():
            begin.wait()
            values.append(bytes(self.cache.get_or_compute(key(1), compute)))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(calls), 1)
        self.assertIn(calls[0], [thread.ident for thread in threads])
        self.assertEqual(values, [b"value"] * 8)
        self.assertEqual(self.cache.stats().joined, 7)
        self.assertEqual(self.cache.get_or_compute(key(1), None.__class__), b"value", "found: nothing is called")
        before = self.cache.stats().saved_ms
        self.cache[key(1)]
        self.assertGreaterEqual(self.cache.stats().saved_ms - before, 100)

    def test_exceptions_of_compute_are_its_callers(self):
        class Mine(Exception):
            pass

        mine = Mine("reason")

        def fail():
            raise mine

        with self.assertRaises(Mine) as raised:
            self.cache.get_or_compute(key(1), fail)
        self.assertIs(raised.exception, mine)
        self.assertNotIn(key(1), self.cache)
        with self.assertRaisesRegex(TypeError, "got NoneType"):
            self.cache.get_or_compute(key(1), lambda: None)
        self.assertEqual(self.cache.get_or_compute(key(1), lambda: b"then"), b"then")

    def test_who_waits_computes_after_a_failure(self):
        failing = threading.Event()
        results = []

        def fail():
            failing.set()
            time.sleep(0.1)
            raise RuntimeError("first")

        def first():
            try:
                self.cache.get_or_compute(key(1), fail)
            except RuntimeError as error:
                results.append(str(error))

        thread = threading.Thread(target=first)
        thread.start()
        failing.wait()
        results.append(bytes(self.cache.get_or_compute(key(1), lambda: b"second")))
        thread.join()
        self.assertEqual(sorted(map(str, results)), ["b'second'", "first"])

    def test_compute_may_use_the_cache_but_not_wait_for_itself(self):
        outer = self.cache.get_or_compute(
            key(1), lambda: bytes(self.cache.get_or_compute(key(2), lambda: b"inner")) + b" and outer")
        self.assertEqual(outer, b"inner and outer")
        with self.assertRaisesRegex(fovea.InvalidError, "wait for itself"):
            self.cache.get_or_compute(key(3), lambda: self.cache.get_or_compute(key(3), lambda: b""))

    def test_it_is_not_copied(self):
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with self.assertRaisesRegex(TypeError, "is not pickled: "):
                attempt(self.cache)

    def test_it_says_what_it_is(self):
        self.cache[key(1)] = b"1"
        self.assertRegex(repr(self.cache), r"<fovea\.(Level|Store) 1 entries.* of 16\.0 MiB")
        self.assertRegex(repr(self.cache.stats()), r"<fovea\.Stats 0 hits, ")

    def test_a_frozen_buffer_is_not_copied(self):
        buffer = fovea.empty((1000, 100), "float32")
        view = memoryview(buffer)
        address = address_of(view)
        view.cast("B")[0] = 7
        with self.assertRaisesRegex(BufferError, "views of this buffer"):
            self.cache[key(1)] = buffer
        view.release()
        self.cache[key(1)] = buffer
        self.assertTrue(buffer.frozen)
        found = memoryview(self.cache[key(1)])
        self.assertEqual(address_of(found), address)
        self.assertEqual((found.format, found.shape, found.readonly), ("f", (1000, 100), True))
        self.assertTrue(memoryview(buffer).readonly)
        self.cache[key(2)] = buffer  # a second time, however that is done
        self.assertEqual(self.cache[key(2)], self.cache[key(1)])
        self.assertEqual(memoryview(self.cache[key(2)]).tobytes()[0], 7)


def address_of(view):
    """Where a buffer lies, read-only ones too, without NumPy."""
    class PyBuffer(ctypes.Structure):
        _fields_ = [("buf", ctypes.c_void_p), ("obj", ctypes.py_object), ("len", ctypes.c_ssize_t), ("itemsize", ctypes.c_ssize_t),
                    ("readonly", ctypes.c_int), ("ndim", ctypes.c_int), ("format", ctypes.c_char_p), ("shape", ctypes.c_void_p),
                    ("strides", ctypes.c_void_p), ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p)]

    buffer = PyBuffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(view), ctypes.byref(buffer), 0)
    address = buffer.buf
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))
    return address

