#!/usr/bin/env python3
"""What a bound on memory is worth: bound.py [--budget-mib N] [--requests N] [--quick]

Requests for pictures by Zipf's law go through a cache of their embeddings, and a miss makes the embedding. In the first half pictures
are small (one tile, 147 KB), in the second half they are of one to seventeen tiles, as when another team begins to send
screenshots. Each cache runs in a process of its own:

  Level                      with the budget, by the policies `value` and `lru`. glibc keeps freed memory of this size for reuse; with
                             MALLOC_MMAP_THRESHOLD_=131072 in the environment it gives such memory back at once
  functools.lru_cache        with as many entries as have room in the budget in the first half: it counts entries, not bytes
  dict                       the seed practice, which keeps everything

The process's memory is read after every hundredth request, less what it had before. `kept` says whether that, and the
cache's own count, stayed within the budget and a tenth of it for the allocator.
"""

import argparse
import functools
import json
import os
import subprocess
import sys

import fovea
from measure import keys_of, print_configuration, print_table, resident_bytes, seconds, zipf_draws

TILE_BYTES = 64 * 576 * 4  # 64 visual tokens of 576 float32, SmolVLM-256M's
TILES_MAX = 17
MIB = 1 << 20
CACHES = ("Level, value", "Level, lru", "functools.lru_cache", "dict")
THRESHOLD = "MALLOC_MMAP_THRESHOLD_=131072"
ALLOCATOR = 1.1  # a tenth more than the budget


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget-mib", type=int, default=256)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--pictures", type=int, default=4_000, help="of each half")
    parser.add_argument("--quick", action="store_true", help="a small budget and few requests: whether it works")
    parser.add_argument("--cache", choices=CACHES, help=argparse.SUPPRESS)  # one cache, in this process; prints JSON
    given = parser.parse_args()
    if given.quick:
        given.budget_mib, given.requests, given.pictures = 64, 2_000, 800
    return given


def requests_of(given):
    """Pairs of a picture's name and its tiles."""
    small, large = keys_of(given.pictures, seed=1), keys_of(given.pictures, seed=2)
    half = given.requests // 2
    first = [(name, 1) for name in zipf_draws(small, half, seed=3)]
    return first + [(name, 1 + name[0] % TILES_MAX) for name in zipf_draws(large, half, seed=4)]


def embedding(name, tiles):
    """As an encoder makes it: memory of its own, all of it written."""
    return bytearray(name) * (tiles * TILE_BYTES // len(name))


def find_by(cache, budget):
    """A function that gives a picture's embedding, and one that says how many bytes the cache counts."""
    if cache.startswith("Level"):
        level = fovea.Level(budget, policy=cache.split(", ")[1])

        def find(name, tiles):
            key = fovea.key("bench/bound/1", name)
            found = level.get(key)
            if found is None:
                level.insert(key, embedding(name, tiles), cost_ms=100 * tiles)
            return found is not None

        return find, lambda: level.stats().bytes
    if cache == "dict":
        table = {}

        def find(name, tiles):
            if name in table:
                return True
            table[name] = embedding(name, tiles)
            return False

        return find, lambda: sum(map(len, table.values()))
    remembered = functools.lru_cache(maxsize=budget // TILE_BYTES)(embedding)

    def find(name, tiles):
        misses = remembered.cache_info().misses
        remembered(name, tiles)
        return remembered.cache_info().misses == misses

    return find, lambda: None


def run(given):
    """One cache in this process."""
    asked = requests_of(given)
    find, counted = find_by(given.cache, given.budget_mib * MIB)
    before = resident_bytes()
    hits = peak = counted_peak = 0

    def ask():
        nonlocal hits, peak, counted_peak
        for at, (name, tiles) in enumerate(asked):
            hits += find(name, tiles)
            if at % 100 == 99:
                peak = max(peak, resident_bytes() - before)
                counted_peak = max(counted_peak, counted() or 0)

    took = seconds(ask)
    return {"hits": hits, "peak": peak, "counted": counted_peak, "seconds": took}


def in_a_process(given, cache, setting=""):
    command = [sys.executable, __file__, "--cache", cache, "--budget-mib", str(given.budget_mib), "--requests", str(given.requests),
               "--pictures", str(given.pictures)]
    environment = {**os.environ, **dict([setting.split("=")] if setting else [])}
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


def main():
    given = arguments()
    if given.cache:
        print(json.dumps(run(given)))
        return
    print_configuration(budget_mib=given.budget_mib, requests=given.requests, pictures_of_each_half=given.pictures)
    asked = requests_of(given)
    distinct = sum(tiles * TILE_BYTES for _, tiles in set(asked))
    print(f"Without a bound, all pictures that are asked for take {distinct / MIB:,.0f} MiB.")
    rows = []
    for cache, setting in [(CACHES[0], ""), (CACHES[0], THRESHOLD), *((cache, "") for cache in CACHES[1:])]:
        result = in_a_process(given, cache, setting)
        budget = given.budget_mib * MIB
        kept = result["peak"] <= ALLOCATOR * budget and result["counted"] <= budget
        counted = f"{result['counted'] / MIB:,.1f}" if result["counted"] else "not counted"
        rows.append((f"{cache}, {setting}" if setting else cache, f"{result['peak'] / MIB:,.1f}", counted, f"{result['peak'] / budget:.2f}", "yes" if kept else "no",
                     f"{result['hits'] / len(asked):.1%}"))
    print_table(["cache", "most memory, MiB", "counted by the cache, MiB", "of the budget", "kept", "hits"], rows)


if __name__ == "__main__":
    main()
