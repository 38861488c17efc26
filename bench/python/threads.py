#!/usr/bin/env python3
"""Several threads of Python on one cache: threads.py [--operations N] [--quick]

  hits    Hits by Zipf's law, by 1, 2, 4 and 8 threads: of all together, millions a second. With the GIL only one thread runs at a
          time, so that more threads cannot be faster; what is seen there is what taking turns costs.
  mixed   Operations of 8 threads, drawn beforehand: three quarters look-ups, an insertion after each miss, and deletions,
          get_or_compute, iterations and changes of the budget in between. Every value that is found is checked against its key.
          A watcher reads the level's count and the process's memory all the time. The count must stay within the budget. The process
          holds more, since glibc keeps freed memory for each thread: it is measured as it is by default, and with one heap for
          all threads (MALLOC_ARENA_MAX=1), where it must stay within 1.15 of the budget. Each in a process of its own.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import threading

import fovea
from measure import interleaved, keys_of, print_configuration, print_table, resident_bytes, seconds, spread, zipf_draws

MIB = 1 << 20
THREADS = (1, 2, 4, 8)
MIXED_THREADS = 8
VALUE_BYTES_MAX = 64 << 10
ALLOCATOR = 1.15  # so much more than the budget: values that are being made, and what is free between others


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", type=int, default=10_000_000, help="of all threads, mixed")
    parser.add_argument("--hits", type=int, default=800_000, help="of all threads, in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--budget-mib", type=int, default=256)
    parser.add_argument("--mixed", action="store_true", help=argparse.SUPPRESS)  # that part, in this process; prints JSON
    parser.add_argument("--quick", action="store_true", help="few operations: whether it works")
    given = parser.parse_args()
    if given.quick:
        given.operations, given.hits, given.rounds, given.budget_mib = 200_000, 40_000, 2, 64
    return given


def run_threads(works):
    """Runs each in a thread of its own, all from one moment on. The first exception is raised here."""
    begin = threading.Barrier(len(works))
    failures = []

    def run(work):
        begin.wait()
        try:
            work()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def hits(given):
    keys = [fovea.key("bench/threads/1", name) for name in keys_of(10_000)]
    level = fovea.Level(64 * MIB)
    store = fovea.Store(memory=64 * MIB)
    table = {}
    for key in keys:
        level[key] = store[key] = table[key] = bytes(64)
    asked = zipf_draws(keys, given.hits)

    def rate(find, threads):
        share = len(asked) // threads

        def work(at):
            for key in asked[at * share:(at + 1) * share]:
                find(key)

        took = seconds(lambda: run_threads([lambda at=at: work(at) for at in range(threads)]))
        return share * threads / took / 1e6

    caches = {"Level.get": level.get, "Store.get": store.get, "dict.get": table.get}
    found = interleaved({(name, count): lambda find=find, count=count: rate(find, count) for name, find in caches.items()
                         for count in THREADS}, given.rounds)
    if level.stats().misses:
        sys.exit("threads.py: a key that was stored was not found")
    rows = [(name, *(spread(found[name, count]) for count in THREADS)) for name in caches]
    print_table(["hits, millions a second", *(f"{count} thread{'s' if count > 1 else ''}" for count in THREADS)], rows)


def value_of(key, size):
    """A value that says which key it is of, from its first byte to its last."""
    name = bytes(key)
    return name + bytes(size) + name


def is_of(value, key):
    seen = memoryview(value)
    name = bytes(key)
    return seen[:32] == name and seen[-32:] == name


class Watcher:
    """Reads, until it is stopped, how much the level counts and the process holds."""

    def __init__(self, level):
        self.level, self.before, self.stopped = level, resident_bytes(), threading.Event()
        self.counted = self.resident = self.readings = 0
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.stopped.wait(0.02):
            self.counted = max(self.counted, self.level.stats().bytes)
            self.resident = max(self.resident, resident_bytes() - self.before)
            self.readings += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()


class Mixed:
    """The operations of one thread."""

    def __init__(self, level, keys, budget, operations, seed):
        self.level, self.keys, self.budget = level, keys, budget
        drawn = random.Random(seed)
        self.sizes = {key: key_size(key) for key in keys}
        # Drawn once and gone round, so that drawing is not what is measured.
        length = min(operations, 100_000)
        self.asked = zipf_draws(keys, length, seed=seed, skew=0.8)
        self.kinds = drawn.choices(("find", "set", "delete", "compute", "iterate", "resize"), (75, 12, 8, 4.98, 0.01, 0.01), k=length)
        self.operations = operations
        self.counts = dict.fromkeys(("hits", "misses", "wrong"), 0)

    def run(self):
        done = 0
        while done < self.operations:
            for key, kind in zip(self.asked, self.kinds):
                getattr(self, kind)(key)
                done += 1
                if done == self.operations:
                    return

    def found(self, value, key):
        self.counts["hits"] += 1
        if not is_of(value, key):
            self.counts["wrong"] += 1

    def find(self, key):
        value = self.level.get(key)
        if value is None:
            self.counts["misses"] += 1
            self.set(key)
        else:
            self.found(value, key)

    def set(self, key):
        self.level.insert(key, value_of(key, self.sizes[key]), cost_ms=1)

    def delete(self, key):
        try:
            del self.level[key]
        except KeyError:
            pass  # another thread was first

    def compute(self, key):
        self.found(self.level.get_or_compute(key, lambda: value_of(key, self.sizes[key])), key)

    def iterate(self, key):
        for at, _ in enumerate(self.level):
            if at == 100:
                break

    def resize(self, key):
        self.level.resize(self.budget // 2)
        self.level.resize(self.budget)


def key_size(key):
    """Of the value of a key: small ones and large ones, always the same for a key."""
    return (bytes(key)[0] << 8 | bytes(key)[1]) * VALUE_BYTES_MAX >> 16


def mixed(given):
    """The mixed part, in this process."""
    budget = given.budget_mib * MIB
    keys = [fovea.key("bench/mixed/1", name) for name in keys_of(5 * budget // VALUE_BYTES_MAX)]
    level = fovea.Level(budget)
    share = given.operations // MIXED_THREADS
    works = [Mixed(level, keys, budget, share, seed) for seed in range(MIXED_THREADS)]
    with Watcher(level) as watcher:
        took = seconds(lambda: run_threads([work.run for work in works]))
    total = {name: sum(work.counts[name] for work in works) for name in works[0].counts}
    return total | {"operations": share * MIXED_THREADS, "seconds": took, "evicted": level.stats().evictions, "readings": watcher.readings,
                    "values": sum(map(key_size, keys)) / budget, "counted": watcher.counted / budget, "resident": watcher.resident / budget}


def mixed_in_processes(given):
    """The mixed part with glibc's heaps as they are, and with one."""
    command = [sys.executable, __file__, "--mixed", "--operations", str(given.operations), "--budget-mib", str(given.budget_mib)]
    one_heap = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    results = [json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=env).stdout) for env in (None, one_heap)]
    lines = [("operations", "operations", ",d"), ("seconds", "seconds", ".1f"), ("found", "hits", ",d"), ("missed", "misses", ",d"), ("evicted", "evicted", ",d"),
             ("found with another key's value", "wrong", "d"), ("all values together, of the budget", "values", ".2f"),
             ("most that the level counted, of the budget", "counted", ".4f"), ("most that the process held, of the budget", "resident", ".3f"),
             ("readings of both", "readings", ",d")]
    print_table([f"{MIXED_THREADS} threads, mixed", "by default", "MALLOC_ARENA_MAX=1"],
                [(label, *(format(result[name], form) for result in results)) for label, name, form in lines])
    kept = all(result["counted"] <= 1 and result["readings"] and not result["wrong"] for result in results)
    if not kept or results[1]["resident"] > ALLOCATOR:
        sys.exit("threads.py: a value was wrong, or the budget was not kept")


def main():
    given = arguments()
    if given.mixed:
        print(json.dumps(mixed(given)))
        return
    print_configuration(operations=given.operations, hits_a_round=given.hits, rounds=given.rounds, budget_mib=given.budget_mib)
    hits(given)
    mixed_in_processes(given)


if __name__ == "__main__":
    main()
