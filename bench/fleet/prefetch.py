#!/usr/bin/env python3
"""What prefetching saves a reader: prefetch.py --program BIN [--delay MS] [--rate MBIT] [--pages N] [--readings N]

Two nodes of `fovea serve`, one with --prefetch on and one with off, share a Valkey server, each over a link of its own
that adds a delay and bounds the rate (tests/serve/http/delayed_link.py). A third node has encoded all pages before. A reader
of each node asks one question about each page, in order, again and again, and reads each answer for a while. Their memory has
room for a quarter of the pages' embeddings and keeps neither states nor answers, so each page has to come from the shared
server. The model is modelled (--modelled), so that only the link and the cache are real.

Times are the client's, of an answer of one token. The first half of the readings is not counted: nothing is predicted that
was not seen twice. `precision` is the share of moves that a request found in memory in time, `coverage` the share of
waits for the shared server that were spared, and `wasted` the bytes that nobody took; all over the whole run.
"""

import argparse
import json
import os
import secrets
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/serve/http"))


def readings_of(server, pages, number, think_s, ask):
    """The milliseconds of each request, reading by reading."""
    return [[ask(server, page, think_s) for page in pages] for _ in range(number)]


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default=str(ROOT / "build/release/bin/fovea"))
    parser.add_argument("--profile", default=str(ROOT / "samples/devices/2-core-cpu.json"))
    parser.add_argument("--delay", type=float, default=20, help="ms of the link, there and back")
    parser.add_argument("--rate", type=float, default=100, help="Mbit/s of the link")
    parser.add_argument("--pages", type=int, default=16)
    parser.add_argument("--readings", type=int, default=6)
    parser.add_argument("--think", type=float, default=0.15, help="seconds that an answer is read")
    args = parser.parse_args()

    os.environ["FOVEA_PROGRAM"], os.environ["FOVEA_SOURCE_DIR"] = args.program, str(ROOT)
    from delayed_link import DelayedLink  # these read the environment
    from http_server_test import Server
    from tiers_test import Valkey, picture_like_no_other, written

    tile_bytes = json.loads(Path(args.profile).read_text())["models"][0]["tile_bytes"]
    pages = [picture_like_no_other(number) for number in range(args.pages)]

    def ask(server, page, think_s):
        began = time.monotonic()
        status, _, reply = server.ask(page, max_tokens=1, prompt_cache_key="a reader")
        took_ms = 1000 * (time.monotonic() - began)
        if status != 200:
            sys.exit(f"{status} {reply}")
        time.sleep(think_s)
        return took_ms

    with tempfile.TemporaryDirectory() as folder:
        valkey = Valkey(folder)
        key = Path(folder) / "fleet.key"
        key.write_text(secrets.token_hex(32))

        def node(port, *more):
            return Server("--modelled", args.profile, "--prefix-cache", "0", "--response-cache", "0", "--policy", "lru",
                          "--shared", f"valkey://127.0.0.1:{port}", "--fleet-key-file", str(key), *more)

        room = str(int(args.pages / 4 * (tile_bytes + 2000)))
        links = [DelayedLink(valkey.port, args.delay / 1000, args.rate * 1e6 / 8) for _ in range(2)]
        try:
            with node(valkey.port) as first:
                for page in pages:
                    ask(first, page, 0)
                written(first, 3 * args.pages)
            times, counts = {}, {}

            def read(way, link):
                with node(link.port, "--embedding-cache", room, "--prefetch", way) as server:
                    times[way] = readings_of(server, pages, args.readings, args.think, ask)
                    counts[way] = json.loads(server.request("GET", "/v1/cache/stats")[2]).get("prefetch")

            readers = [threading.Thread(target=read, args=each) for each in zip(("on", "off"), links)]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
        finally:
            for link in links:
                link.close()
            valkey.stop()

    print(f"{args.pages} pages of {tile_bytes / 1000:.0f} KB, room for a quarter; {args.delay:g} ms, {args.rate:g} Mbit/s; "
          f"{args.readings} readings, the last {args.readings - args.readings // 2} counted\n")
    print("| prefetch | mean, median, 95 % | precision | coverage | moved | wasted |\n| --- | --: | --: | --: | --: | --: |")
    for way in ("off", "on"):
        late = [each for reading in times[way][args.readings // 2:] for each in reading]
        took = f"{statistics.mean(late):.1f}, {statistics.median(late):.1f}, {percentile(late, 0.95):.1f} ms"
        told = counts[way]
        rest = (f"{told['precision']:.2f} | {told['coverage']:.2f} | {told['bytes'] / 1e6:.1f} MB | "
                f"{told['wasted_bytes'] / 1e6:.1f} MB" if told else "| | |")
        print(f"| {way} | {took} | {rest} |")


if __name__ == "__main__":
    main()
