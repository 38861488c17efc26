# SPDX-License-Identifier: Apache-2.0

"""fork(): a child uses the objects of its parent, and neither harms the other."""

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import unittest
import warnings

import fovea
from cache_suite import key
from valkey import valkey_server

CHILD_S = 60
FORKS = 20
MIB = 1 << 20

warnings.filterwarnings("ignore", category=DeprecationWarning)  # that a process with threads forks is the point


def in_child(run):
    """Whether run() returned, in a child; fails where it does not end."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.alarm(CHILD_S)
            run()
            code = 0
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) == 0


def worker(cache, number, answers):
    cache[key(number)] = b"%d" % number
    answers.put(bytes(cache[key(number)]))


kept = []  # what nobody frees before its process ends


def store_and_end(store, address, number):
    if store is None:
        store = fovea.Store("4MiB", shared=address)
        kept.append(store)
    store.insert(key(number), bytes(MIB), cost_ms=500)


class Fork(unittest.TestCase):
    def use(self, cache):
        assert cache.get(key(1)) is None, "a child's memory begins empty"
        cache[key(1)] = b"child"
        assert bytes(cache[key(1)]) == b"child"
        assert bytes(cache.get_or_compute(key(2), lambda: b"computed")) == b"computed"
        assert cache.stats().entries == 2
        del cache[key(1)]
        cache.resize("1MiB")

    def test_a_child_has_a_memory_of_its_own(self):
        for cache in (fovea.Level("4MiB"), fovea.Store("4MiB")):
            cache[key(1)] = b"parent"
            held = cache[key(1)]

            def child(cache=cache, held=held):
                assert bytes(held) == b"parent", "what was found stays readable"
                self.use(cache)

            self.assertTrue(in_child(child))
            self.assertEqual(cache[key(1)], b"parent")
            self.assertEqual(len(cache), 1)

    def test_while_threads_are_busy(self):
        for cache in (fovea.Level("4MiB"), fovea.Store("4MiB")):
            stop = threading.Event()

            def hammer(seed, cache=cache, stop=stop):
                number = seed
                while not stop.is_set():
                    number += 8
                    cache.insert(key(10 + number % 500), bytes(20_000), cost_ms=1)
                    cache.get(key(10 + (number * 7) % 500))
                    cache.get_or_compute(key(1000 + number % 50), lambda: bytes(70_000))

            threads = [threading.Thread(target=hammer, args=(seed,)) for seed in range(4)]
            for thread in threads:
                thread.start()
            try:
                for _ in range(FORKS):
                    self.assertTrue(in_child(lambda cache=cache: self.use(cache)))
            finally:
                stop.set()
                for thread in threads:
                    thread.join()

    @unittest.skipUnless("fork" in multiprocessing.get_all_start_methods(), "there is no fork")
    def test_multiprocessing(self):
        context = multiprocessing.get_context("fork")
        store = fovea.Store("4MiB")
        answers = context.Queue()
        workers = [context.Process(target=worker, args=(store, number, answers)) for number in range(4)]
        for process in workers:
            process.start()
        self.assertEqual(sorted(answers.get(timeout=CHILD_S) for _ in workers), [b"0", b"1", b"2", b"3"])
        for process in workers:
            process.join(CHILD_S)
            self.assertEqual(process.exitcode, 0)
        self.assertEqual(len(store), 0)

    def test_a_childs_disk_is_read_only(self):
        with tempfile.TemporaryDirectory(prefix="fovea-fork-") as folder, fovea.Store(
                "4MiB", disk=folder, disk_size="64MiB") as store:
            store[key(5)] = b"parent's"
            self.assertTrue(store.flush())

            def child():
                assert bytes(store[key(5)]) == b"parent's"
                store[key(6)] = b"child's"
                assert bytes(store[key(6)]) == b"child's"
                store.close()

            for _ in range(3):
                self.assertTrue(in_child(child))
            self.assertNotIn(key(6), store)
            store[key(7)] = b"still"
            self.assertTrue(store.flush())

    def test_a_child_has_a_connection_of_its_own(self):
        with valkey_server() as address, fovea.Store("4MiB", shared=address) as store:
            store[key(5)] = b"parent's"
            self.assertTrue(store.flush(30))

            def child():
                assert bytes(store[key(5)]) == b"parent's"
                store[key(6)] = b"child's"
                assert store.flush(30)

            self.assertTrue(in_child(child))
            self.assertEqual(store[key(6)], b"child's")

    def test_a_child_that_ends_writes_what_it_took(self):
        with valkey_server() as address, fovea.Store("4MiB", shared=address) as inherited:
            for number, method in enumerate(multiprocessing.get_all_start_methods()):
                with self.subTest(method):
                    process = multiprocessing.get_context(method).Process(target=store_and_end, args=(None, address, number))
                    process.start()
                    process.join(CHILD_S)
                    self.assertEqual((process.exitcode, inherited.get(key(number))), (0, bytes(MIB)))
            process = multiprocessing.get_context("fork").Process(target=store_and_end, args=(inherited, address, 9))
            process.start()
            process.join(CHILD_S)
            self.assertEqual((process.exitcode, inherited.get(key(9))), (0, bytes(MIB)))

    def test_a_child_may_close_what_it_never_used(self):
        store = fovea.Store("4MiB")
        store[key(1)] = b"1"

        def child():
            store.close()
            try:
                store.get(key(1))
            except fovea.InvalidError:
                return
            raise AssertionError("it was closed")

        self.assertTrue(in_child(child))
        self.assertEqual(store[key(1)], b"1")


if __name__ == "__main__":
    unittest.main()
