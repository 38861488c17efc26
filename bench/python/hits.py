#!/usr/bin/env python3
"""What a hit costs from Python: hits.py [--entries N] [--rounds N] [--cache-bench BIN] [--quick]

Three tables, each with medians over rounds and their quartiles. All of a table take turns in each round.

  look-up   The key is at hand. Hits by Zipf's law in a full cache of values of 64 bytes, as bench/cache_bench.cc has them;
            its own program measures C++'s hit in the same rounds, with as many entries. The loop of Python is part of every
            number, and what it takes alone is shown.
  whole     The picture is at hand and not its key: naming it and looking it up. The seed practice is a dict keyed by sha256
            of the picture. functools.lru_cache compares whole pictures. A new bytes object for each hit, as from a request,
            since Python remembers the hash of an object.
  large     A value of 10 MB: what a hit takes, and whether two hits give the same address.

Ratios and differences are within this run, and times are those of this machine at this moment.
"""

import argparse
import functools
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import fovea
from measure import address_of, interleaved, keys_of, print_configuration, print_table, seconds, spread, zipf_draws

ROOT = Path(__file__).resolve().parents[2]
VALUE_BYTES = 64
CPP_HIT = "hit/level-value/real_time/threads:1"
GOAL_US = 1.5  # more than C++'s hit
LARGE_BYTES = 10_000_000
EMBEDDING = bytes(64 * 576 * 4)  # of a tile of SmolVLM-256M


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--hits", type=int, default=500_000, help="of a round")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--cache-bench", type=Path, default=ROOT / "build/release/bin/cache_bench")
    parser.add_argument("--quick", action="store_true", help="few entries, hits and rounds: whether it works")
    given = parser.parse_args()
    if given.quick:
        given.entries, given.hits, given.rounds = 2_000, 20_000, 3
    return given


def per_hit_us(find, asked):
    """Microseconds of each call of `find`, one for each key, with the loop around it."""

    def loop():
        for key in asked:
            find(key)

    return seconds(loop) / len(asked) * 1e6


def loop_us(asked):
    def loop():
        for key in asked:
            pass

    return seconds(loop) / len(asked) * 1e6


def cpp_hit_us(program, entries, quick):
    """C++'s own hit, by the benchmark of the cache, on this machine at this moment."""
    with tempfile.TemporaryDirectory(prefix="fovea-hits-") as folder:
        results = Path(folder) / "results.json"
        subprocess.run([program, f"--entries={entries}", f"--benchmark_filter=^{CPP_HIT}$", "--benchmark_repetitions=3",
                        f"--benchmark_min_time={0.05 if quick else 0.2}s", f"--benchmark_out={results}", "--benchmark_out_format=json"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        runs = [run["real_time"] for run in json.loads(results.read_text())["benchmarks"] if run["run_type"] == "iteration"]
    if not runs:
        sys.exit(f"hits.py: {program} has no benchmark {CPP_HIT}")
    return statistics.median(runs) / 1e3


def lookups(given):
    digests = keys_of(given.entries)
    keys = {digest: fovea.Key.from_hex(digest.hex()) for digest in digests}
    asked_digests = zipf_draws(digests, given.hits)
    # As of a request: an object of its own for each, which no cache has seen before.
    asked_keys = [fovea.Key.from_hex(digest.hex()) for digest in asked_digests]
    asked_digests = [bytes(bytearray(digest)) for digest in asked_digests]
    values = {digest: digest + bytes(VALUE_BYTES - len(digest)) for digest in digests}

    budget = given.entries * (VALUE_BYTES + 4096)
    level, store = fovea.Level(budget), fovea.Store(memory=budget)
    for digest, value in values.items():
        level.insert(keys[digest], value, cost_ms=1 + digest[0])
        store.insert(keys[digest], value, cost_ms=1 + digest[0])
    remembered = functools.lru_cache(maxsize=given.entries)(values.__getitem__)
    for digest in digests:
        remembered(digest)
    check_all_hit(given, level, store, remembered, asked_keys)

    cpp = {"C++: Level::find (cache_bench)": lambda: cpp_hit_us(given.cache_bench, given.entries, given.quick)}
    measured = {
        "the loop alone": lambda: loop_us(asked_keys),
        "Level.get": lambda: per_hit_us(level.get, asked_keys),
        "level[key]": lambda: per_hit_us(level.__getitem__, asked_keys),
        "Level.get, key as bytes": lambda: per_hit_us(level.get, asked_digests),
        "Store.get, in memory": lambda: per_hit_us(store.get, asked_keys),
        "dict.get": lambda: per_hit_us(values.get, asked_digests),
        "functools.lru_cache": lambda: per_hit_us(remembered, asked_digests),
    }
    times = interleaved(cpp | measured, given.rounds)
    cpp_times = times[next(iter(cpp))]
    rows = [(name, spread(found), f"{statistics.median(found) - statistics.median(cpp_times):+.3f}",
             spread([mine / theirs for mine, theirs in zip(found, times['dict.get'])])) for name, found in times.items()]
    print_table(["look-up", "us a hit", "over C++'s, us", "of dict.get"], rows)
    over = statistics.median(times["Level.get"]) - statistics.median(cpp_times)
    print(f"\nGoal: at most {GOAL_US} us over C++'s hit. Level.get: {over:.3f} us ({'met' if over <= GOAL_US else 'MISSED'})")


def check_all_hit(given, level, store, remembered, asked):
    """Nothing that is measured as a hit is a miss."""
    for cache in (level, store):
        before = cache.stats()
        if any(cache.get(key) is None for key in asked[: given.entries]):
            sys.exit("hits.py: a key that was stored was not found")
        if cache.stats().hits - before.hits != min(given.entries, len(asked)):
            sys.exit("hits.py: hits are not counted as hits")
    if remembered.cache_info().currsize != given.entries:
        sys.exit("hits.py: functools.lru_cache has dropped entries")


def whole_hits(given):
    rows = []
    for kind, size, count in [("JPEG, 100 KB", 100_000, 200), ("JPEG, 1 MB", 1_000_000, 40), ("pixels, 1024 x 1024 x 3", 3 << 20, 20)]:
        count = 8 if given.quick else count
        rows += whole_hits_of(given, kind, [os.urandom(size) for _ in range(count)])
    print_table(["whole hit: naming the picture and looking it up", "picture", "us a hit", "of the seed practice"], rows)


def whole_hits_of(given, kind, known):
    table = {hashlib.sha256(picture).digest(): EMBEDDING for picture in known}
    level = fovea.Level(len(known) * (len(EMBEDDING) + 4096) * 2)
    for picture in known:
        level.insert(fovea.key("bench/whole/1", picture), EMBEDDING, cost_ms=100)
    remembered = functools.lru_cache(maxsize=len(known))(lambda picture: EMBEDDING)
    for picture in known:
        remembered(picture)

    def measured(find):
        asked = [bytes(bytearray(picture)) for picture in known]
        return per_hit_us(find, asked)

    times = interleaved({
        "seed practice: dict keyed by sha256": lambda: measured(lambda picture: table[hashlib.sha256(picture).digest()]),
        "functools.lru_cache keyed by the bytes": lambda: measured(remembered),
        "Level keyed by fovea.key": lambda: measured(lambda picture: level[fovea.key("bench/whole/1", picture)]),
    }, given.rounds)
    seed = next(iter(times.values()))
    return [(name, kind, spread(found), spread([mine / theirs for mine, theirs in zip(found, seed)])) for name, found in times.items()]


def large(given):
    key = fovea.key("bench/large/1")
    level = fovea.Level(4 * LARGE_BYTES)
    level.insert(key, os.urandom(LARGE_BYTES), cost_ms=1000)
    copied = bytearray(LARGE_BYTES)

    def copy():
        copied[:] = memoryview(level[key])

    asked = [key] * (2_000 if given.quick else 100_000)
    times = interleaved({
        "a hit": lambda: per_hit_us(level.get, asked),
        "a hit, and a memoryview of it": lambda: per_hit_us(lambda key: memoryview(level[key]), asked),
        "for comparison: a hit, and a copy of it": lambda: seconds(copy) * 1e6,
    }, given.rounds)
    print_table([f"a value of {LARGE_BYTES:,} bytes", "us"], [(name, spread(found)) for name, found in times.items()])
    first, second = level[key], level[key]
    same = address_of(first) == address_of(second)
    print(f"\nThe addresses of two hits are {'the same' if same else 'DIFFERENT'}: {address_of(first):#x}, {address_of(second):#x}")


def main():
    given = arguments()
    if not given.cache_bench.exists():
        sys.exit(f"hits.py: {given.cache_bench} is not there; build it (make), or name it with --cache-bench")
    print_configuration(entries=given.entries, hits_a_round=given.hits, rounds=given.rounds)
    lookups(given)
    whole_hits(given)
    large(given)


if __name__ == "__main__":
    main()
