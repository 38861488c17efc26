"""What a client is likely to ask about next is in memory before it asks: real servers, a real Valkey behind a slow link.

Models are modelled (--modelled), so that a picture takes longer to encode than to fetch.
"""

import json
import os
import re
import time
import unittest
from pathlib import Path

from delayed_link import DelayedLink
from http_server_test import Server
from tiers_test import WithValkey, picture_like_no_other, written

PROFILE = Path(os.environ["FOVEA_SOURCE_DIR"]) / "samples/devices/2-core-cpu.json"
PAGES = 8
LINK_S = 0.004  # a hundredth of what encoding a page takes: so a busy machine's tier is not late
THINK_S = 0.15  # for which somebody reads an answer, and in which a busy machine moves a page
READINGS_MAX = 40
IN_MEMORY = re.compile(r"fovea-embedding; hit(?!; detail)")


class Prefetch(WithValkey):
    def setUp(self):
        super().setUp()
        self.link = DelayedLink(self.valkey.port, LINK_S)
        self.addCleanup(self.link.close)
        self.pages = [picture_like_no_other(number) for number in range(PAGES)]

    def server(self, *more):
        """Whose memory has room for some of the pages, and for nothing else."""
        return Server("--modelled", str(PROFILE), "--embedding-cache", "700KiB", "--prefix-cache", "0", "--response-cache", "0",
                      "--policy", "lru", "--shared", f"valkey://127.0.0.1:{self.link.port}", "--fleet-key-file", str(self.key),
                      *more)

    def read_all(self, server, **session):
        """How many of the pages were in memory when they were asked for. The others were fetched, or encoded where the
        machine is so busy that the tier is late."""
        found = 0
        for page in self.pages:
            status, cache, reply = server.ask(page, max_tokens=1, **session)
            self.assertEqual(status, 200, reply)
            found += IN_MEMORY.search(cache) is not None
            time.sleep(THINK_S)
        return found

    def counts(self, server):
        return json.loads(server.request("GET", "/v1/cache/stats")[2])["prefetch"]

    def test_the_next_page_is_in_memory_before_it_is_asked_for(self):
        with self.server() as server:
            self.read_all(server, prompt_cache_key="a reader")
            written(server, 3 * PAGES)  # aliases, tilings and embeddings
            found = [self.read_all(server, prompt_cache_key="a reader")]
            self.assertEqual(found[0], 0, "memory is too small for all of them")
            while found[-1] < PAGES / 2 and len(found) < READINGS_MAX:
                found.append(self.read_all(server, prompt_cache_key="a reader"))
            self.assertGreaterEqual(found[-1], PAGES / 2)
            counts = self.counts(server)
            self.assertGreater(counts["used"], 0)
            self.assertEqual(counts["issued"], counts["used"] + counts["late"] + counts["wasted"] + counts["outstanding"])
            self.assertLessEqual(counts["wasted_bytes"], counts["bytes"])
            metrics = server.request("GET", "/metrics")[2].decode()
            for name in ("issued", "used", "late", "wasted"):
                self.assertRegex(metrics, rf"(?m)^fovea_prefetch_{name}_total \d+$")

    def test_without_an_order_nothing_is_moved(self):
        with self.server() as server:
            for stride in (1, 3, 5, 7, 2, 6, 4):  # no page follows another one twice
                for number in range(PAGES):
                    server.ask(self.pages[number * stride % PAGES], max_tokens=1, prompt_cache_key=f"reader {stride}")
            self.assertEqual(self.counts(server)["bytes"], 0)

    def test_off_is_off_and_there_is_none_without_a_tier(self):
        with self.server("--prefetch", "off") as server:
            for _ in range(3):
                self.read_all(server, prompt_cache_key="a reader")
            self.assertEqual(self.read_all(server, prompt_cache_key="a reader"), 0)
            self.assertIsNone(json.loads(server.request("GET", "/v1/cache/stats")[2]).get("prefetch"))
        with Server() as server:
            self.assertIsNone(json.loads(server.request("GET", "/v1/cache/stats")[2]).get("prefetch"))


if __name__ == "__main__":
    unittest.main()
