"""`fovea serve --upstream --route-header` in front of two engines behind HAProxy, which hashes that header.

The engines are `fovea serve` too: their own counters say which of them met a picture. Without HAProxy the test is skipped
(77).
"""

import json
import subprocess
import sys
import tempfile
import time
import unittest
import zlib
from pathlib import Path

import balancer as haproxy
from fleet import EMBEDDINGS_ALONE
from http_server_test import WAIT_S, Server, picture_number, png, question_about

HEADER = "x-route-key"
PICTURES = 8
QUESTIONS = ("How many shapes are there?", "What color is the square?", "Is it red?")


def configuration(port, engines):
    servers = "\n".join(f"  server engine{number} 127.0.0.1:{engine}" for number, engine in enumerate(engines, 1))
    return f"""\
defaults
  mode http
  timeout connect 10s
  timeout client {WAIT_S}s
  timeout server {WAIT_S}s
listen engines
  bind 127.0.0.1:{port}
  balance hdr({HEADER})
  hash-type consistent
{servers}
"""


class Routed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engines = [cls.enterClassContext(Server(*EMBEDDINGS_ALONE)) for _ in range(2)]
        port, = haproxy.free_ports(1)
        path = Path(cls.enterClassContext(tempfile.TemporaryDirectory())) / "haproxy.cfg"
        path.write_text(configuration(port, [engine.port for engine in cls.engines]))
        child = subprocess.Popen([haproxy.PROGRAM, "-f", str(path)], stdin=subprocess.DEVNULL)
        cls.addClassCleanup(child.wait, WAIT_S)
        cls.addClassCleanup(child.terminate)
        upstream = ("--upstream", f"http://127.0.0.1:{port}/v1", "--response-cache", "0")
        cls.relay = cls.enterClassContext(Server(*upstream, "--route-header", HEADER))
        end = time.monotonic() + WAIT_S
        while cls.relay.request("GET", "/v1/models")[0] != 200:
            assert child.poll() is None and time.monotonic() < end, "haproxy does not run"
            time.sleep(0.05)

    def ask(self, body, headers=None):
        status, _, reply = self.relay.request("POST", "/v1/chat/completions", body, headers)
        self.assertEqual(status, 200, reply)

    def counts(self):
        """Of each engine: answers, and pictures that it had to encode."""
        counts = []
        for engine in self.engines:
            page = engine.request("GET", "/metrics")[2].decode().splitlines()
            answers = sum(float(line.split()[-1]) for line in page if line.startswith("fovea_request_seconds_count"))
            level = next(level for level in json.loads(engine.request("GET", "/v1/cache/stats")[2])["levels"]
                         if level["level"] == "embedding")
            counts.append((answers, level["misses"]))
        return counts

    def moved(self, send):
        """By how much the engines' counts moved meanwhile."""
        before = self.counts()
        send()
        return [tuple(now - then for now, then in zip(*pair)) for pair in zip(self.counts(), before)]

    def test_a_picture_stays_with_one_engine(self):
        pictures = [picture_number(number) for number in range(PICTURES)]
        moved = self.moved(lambda: [self.ask(question_about(picture, question))
                                    for question in QUESTIONS for picture in pictures])
        self.assertEqual(sum(answers for answers, _ in moved), PICTURES * len(QUESTIONS))
        self.assertEqual(sum(encoded for _, encoded in moved), PICTURES)  # each once, by one of them
        self.assertTrue(all(encoded > 0 for _, encoded in moved), moved)

    def test_whatever_file_it_is_in(self):
        rows = b"".join(b"\0" + bytes((row * x) % 251 for x in range(96)) for row in range(32))
        files = [png(32, 32, zlib.compress(rows, level)) for level in (0, 1, 9)]
        self.assertEqual(len(set(files)), len(files))
        moved = self.moved(lambda: [self.ask(question_about(file, "What is it?")) for file in files])
        self.assertIn((len(files), 1), moved)

    def test_a_conversation_without_pictures_does_too(self):
        for first in ("Hello", "Good morning"):
            messages = [{"role": "user", "content": first}]

            def converse():
                for _ in range(3):
                    self.ask(json.dumps({"messages": messages, "max_tokens": 4}))
                    messages.extend([{"role": "assistant", "content": "Yes."}, {"role": "user", "content": "And now?"}])

            self.assertIn((3, 0), self.moved(converse))

    def test_a_client_may_say_it_itself(self):
        pictures = [picture_number(100 + number) for number in range(PICTURES)]
        moved = self.moved(lambda: [self.ask(question_about(picture, "What is it?"), {HEADER: "all to one"})
                                    for picture in pictures])
        self.assertIn((PICTURES, PICTURES), moved)


if __name__ == "__main__":
    if haproxy.PROGRAM is None:
        print("HAProxy is not here")
        sys.exit(77)
    unittest.main()
