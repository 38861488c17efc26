# SPDX-License-Identifier: Apache-2.0

"""A Store with a disk, with a Valkey server, and with both."""

import array
import asyncio
import logging
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import fovea
from cache_suite import key
from valkey import valkey_server

SIZE = {"memory": "16MiB", "disk_size": "64MiB"}


class WithFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fovea-python-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def store(self, **settings):
        store = fovea.Store(**{**SIZE, "disk": self.folder / "disk", **settings})
        self.addCleanup(store.close)
        return store


class Disk(WithFolder):
    def test_values_outlive_the_process(self):
        program = ("import fovea, sys, array\n"
                   "with fovea.Store(disk=sys.argv[1], disk_size='64MiB') as store:\n"
                   "    store[fovea.key('test/cache/1', 1)] = (array.array('d', [1.5, 2.5]), b'two')\n"
                   "    store.insert(fovea.key('test/cache/1', 2), b'dear', cost_ms=500)\n")
        subprocess.run([sys.executable, "-c", program, str(self.folder / "disk")], check=True)
        store = self.store()
        self.assertEqual(len(store), 0)
        self.assertIn(key(1), store)
        value = store[key(1)]
        self.assertEqual((memoryview(value[0]).tolist(), bytes(value[1])), ([1.5, 2.5], b"two"))
        self.assertEqual(store.get_many([key(2), key(3)]), [b"dear", None])
        self.assertEqual(len(store), 2)
        disk, = store.stats().tiers
        self.assertEqual((disk.name, disk.hits, disk.saved_ms, disk.failing), ("disk", 2, 500.0, False))
        self.assertIsNone(store.get(key(4)))

    def test_an_interpreter_that_ends_writes_what_it_took(self):
        program = ("import fovea, sys\n"
                   "store = fovea.Store(disk=sys.argv[1], disk_size='64MiB')\n"
                   "store[fovea.key('test/cache/1', 1)] = b'not closed'\n")
        subprocess.run([sys.executable, "-c", program, str(self.folder / "disk")], check=True)
        self.assertEqual(self.store()[key(1)], b"not closed")

    def test_removed_is_removed(self):
        with self.store() as store:
            for number in range(4):
                store[key(number)] = b"x"
            tenant = store.scoped("one")
            tenant[key(9)] = b"y"
            self.assertTrue(store.flush())
            del store[key(1)]
            tenant.purge()
            store.flush()
        with self.store() as store:
            self.assertNotIn(key(1), store)
            self.assertIn(key(2), store)
            self.assertNotIn(key(9), store.scoped("one"))
            with self.assertRaises(KeyError):
                del store[key(1)]
            del store[key(2)]  # which lies on the disk alone
            store.clear()
        store = self.store()
        self.assertEqual(store.get_many([key(number) for number in range(4)]), [None] * 4)

    def test_namespaces_and_tenants_are_apart_there_too(self):
        with self.store() as store:
            store.scoped("one")[key(1)] = b"1"
        with self.store(namespace="other") as other:
            self.assertNotIn(key(1), other)
            self.assertNotIn(key(1), other.scoped("one"))
        store = self.store()
        self.assertNotIn(key(1), store)
        self.assertEqual(store.scoped("one")[key(1)], b"1")

    def test_another_processs_disk_is_read(self):
        first = self.store()
        first[key(1)] = b"1"
        first.flush()
        with self.assertLogs("fovea", logging.WARNING) as logs:
            second = self.store()
        self.assertIn("another process uses the disk cache", logs.output[0])
        self.assertEqual(second[key(1)], b"1")
        second[key(2)] = b"2"
        self.assertEqual(second[key(2)], b"2")

    def test_closing_waits_for_what_a_busy_thread_has_stored(self):
        inside, leave = threading.Event(), threading.Event()
        store = self.store()

        def slow():
            inside.set()
            leave.wait(60)
            return b"late"

        thread = threading.Thread(target=lambda: store.get_or_compute(key(1), slow))
        thread.start()
        inside.wait()
        store[key(2)] = b"before"
        store.close()  # which the other thread's use of the store outlives
        other = self.store()
        self.assertEqual(other[key(2)], b"before")
        leave.set()
        thread.join()

    def test_who_reads_a_disk_alone_may_remove_and_close(self):
        first = self.store()
        first[key(1)] = b"1"
        first.flush()
        logging.getLogger("fovea").addHandler(logging.NullHandler())
        second = self.store()
        self.assertIn(key(1), second)
        del second[key(1)]
        self.assertNotIn(key(1), second)
        second.close()
        self.assertEqual(first[key(1)], b"1")

    def test_time_to_live_is_kept(self):
        with self.store() as store:
            store.insert(key(1), b"1", ttl=0.2)
            store.insert(key(2), b"2", ttl=1000)
            store.flush()
        time.sleep(0.25)
        store = self.store()
        self.assertNotIn(key(1), store)
        self.assertEqual(store[key(2)], b"2")

    def test_a_frozen_buffer_reaches_the_disk(self):
        with self.store() as store:
            buffer = fovea.empty(1_000_000, "uint8")
            with memoryview(buffer) as view:
                view[:] = b"z" * 1_000_000
            store[key(1)] = buffer
            store.flush()
        self.assertEqual(bytes(self.store()[key(1)]), b"z" * 1_000_000)

    def test_computing_looks_there_first(self):
        with self.store() as store:
            store[key(1)] = b"1"
        store = self.store()
        self.assertEqual(store.get_or_compute(key(1), lambda: b"computed"), b"1")

        async def ask():
            return await self.store(disk=self.folder / "none").aget(key(1)), await store.aget(key(1))

        self.assertEqual(asyncio.run(ask()), (None, b"1"))

    def test_what_was_just_missed_is_not_looked_for_there_again(self):
        store = self.store()

        def disk():
            return store.stats().tiers[0]

        self.assertEqual(store.get_many([key(1), key(2)]), [None, None])
        self.assertEqual(disk().misses, 2)
        self.assertEqual(store._get_or_compute_missed(key(1), lambda: b"1", cost_ms=500), b"1")
        self.assertEqual((disk().misses, disk().hits), (2, 0))
        self.assertEqual(store._get_or_compute_missed(key(1), lambda: b"never"), b"1", "memory has it by now")
        self.assertEqual(store.get_or_compute(key(2), lambda: b"2", cost_ms=500), b"2")
        self.assertEqual(disk().misses, 3)
        self.assertTrue(store.flush())
        self.assertEqual(disk().written, 2)

    def test_a_disk_that_cannot_be_used_is_told_and_left_out(self):
        with self.assertLogs("fovea", logging.WARNING) as logs:
            store = self.store(disk="/proc/fovea")
        self.assertIn("no disk cache", logs.output[0])
        store[key(1)] = b"1"
        self.assertEqual(store[key(1)], b"1")
        with self.assertRaisesRegex(fovea.InvalidError, "^disk_size: "):
            self.store(disk_size="1MiB")

    def test_damaged_bytes_are_a_miss(self):
        with self.store() as store:
            store[key(1)] = b"abcdefgh" * 1000
        damaged = 0
        for file in (self.folder / "disk").rglob("*"):
            if file.is_file() and b"abcdefgh" * 10 in file.read_bytes():
                file.write_bytes(file.read_bytes().replace(b"abcdefgh", b"abcdefgH", 1))
                damaged += 1
        self.assertGreater(damaged, 0)
        logging.getLogger("fovea").addHandler(logging.NullHandler())
        self.assertIsNone(self.store().get(key(1)))


class Shared(WithFolder):
    def shared(self, address, **settings):
        store = fovea.Store("16MiB", shared=address, **settings)
        self.addCleanup(store.close)
        return store

    def test_two_stores_share_what_one_computes(self):
        with valkey_server() as address:
            one, two = self.shared(address), self.shared(address)
            one[key(1)] = array.array("f", range(1000))
            self.assertTrue(one.flush(30))
            self.assertEqual(memoryview(two[key(1)]).tolist(), list(range(1000)))
            self.assertEqual(two.stats().tiers[0].name, "shared")
            self.assertNotIn(key(1), self.shared(address, namespace="other"))
            two.purge()
            until = time.monotonic() + 30
            while key(1) in one and time.monotonic() < until:
                time.sleep(0.05)
            self.assertNotIn(key(1), one)

    def test_a_cold_key_is_computed_once_in_the_fleet(self):
        with valkey_server() as address:
            one, two = self.shared(address), self.shared(address)
            # What they learn from here on: a value of this kind takes seconds to compute.
            one.insert(key(0), b"0", cost_ms=5000)
            two.insert(key(1), b"1", cost_ms=5000)
            one.flush(30), two.flush(30)
            started, calls = threading.Event(), []

            def slow():
                calls.append("one")
                started.set()
                time.sleep(1)
                return b"made by one"

            def other():
                calls.append("two")
                return b"made by two"

            thread = threading.Thread(target=lambda: one.get_or_compute(key(2), slow))
            thread.start()
            started.wait()
            value = two.get_or_compute(key(2), other)
            thread.join()
            self.assertEqual((bytes(value), calls), (b"made by one", ["one"]))

    def test_the_fleets_key_keeps_others_out(self):
        secret = self.folder / "fleet.key"
        secret.write_text(os.urandom(32).hex() + "\n")
        with valkey_server() as address:
            safe, open_to_all = self.shared(address, fleet_key_file=secret), self.shared(address)
            open_to_all[key(1)] = b"forged"
            safe[key(2)] = b"sealed"
            open_to_all.flush(30), safe.flush(30)
            self.assertEqual(self.shared(address, fleet_key_file=secret)[key(2)], b"sealed")
            # Whoever does not believe an entry removes it.
            self.assertNotIn(key(1), safe)
            self.assertNotIn(key(2), open_to_all)

    def test_a_server_that_is_away_is_a_miss(self):
        logging.getLogger("fovea").addHandler(logging.NullHandler())
        store = self.shared("valkey://127.0.0.1:1")
        self.assertIsNone(store.get(key(1)))
        store[key(1)] = b"1"
        self.assertEqual(store[key(1)], b"1")
        self.assertEqual(store.get_or_compute(key(2), lambda: b"2"), b"2")

    def test_closing_tells_what_is_not_written(self):
        with socket.socket() as silent:  # it takes connections, and answers nothing
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            store = fovea.Store("16MiB", shared=f"valkey://127.0.0.1:{silent.getsockname()[1]}")
            for number in range(3):
                store.insert(key(number), bytes(1000), cost_ms=500)
            with self.assertLogs("fovea", logging.WARNING) as logs:
                self.assertRegex(repr(store.stats().tiers[0]), r"shared 0 hits, 0 misses, 0 written, [123] queued>")
                store._close_within(0.1)
        self.assertRegex("\n".join(logs.output), r"[123] entries \(.*\) were still to be written to the shared tier, after 0.1 s")

    def test_closing_tells_that_a_server_fails(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            address = f"valkey://127.0.0.1:{closed.getsockname()[1]}"
        store = fovea.Store("16MiB", shared=address)
        with self.assertLogs("fovea", logging.WARNING) as logs:
            for number in range(3):
                store.insert(key(number), bytes(1000), cost_ms=500)
            store.close()
        self.assertRegex("\n".join(logs.output), "the shared tier cannot be written")

    def test_disk_and_server(self):
        with valkey_server() as address:
            with self.store(shared=address) as both:
                both[key(1)] = b"1"
                self.assertTrue(both.flush(30))
                self.assertEqual([tier.name for tier in both.stats().tiers], ["disk", "shared"])
            elsewhere = self.store(shared=address, disk=self.folder / "elsewhere")
            self.assertEqual(elsewhere[key(1)], b"1")
            self.assertTrue(elsewhere.flush(30))
            elsewhere.close()
            self.assertEqual(self.store(disk=self.folder / "elsewhere")[key(1)], b"1")


if __name__ == "__main__":
    unittest.main()
