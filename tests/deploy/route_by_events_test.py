"""examples/route_by_events.py where something else answers than the node that it follows, such as a proxy's page.

The nodes here are answers in memory, on one port: what comes after the address's port says which node it is.
"""

import http.server
import json
import os
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["FOVEA_SOURCE_DIR"]) / "examples"))
from route_by_events import Router  # noqa: E402

WAIT_S = 60
EVENTS, PAGE = "text/event-stream", "text/html"
HELD = {"level": "embedding", "tier": "memory", "saves_seconds": 1.5, "scope": "one"}
# What is no answer of a node, by the node that gives it.
OTHERS = {
    "page": (PAGE, b"<html>\n\n<p>Sign in first</p>\n</html>\n"),
    "nothing": (PAGE, b""),
    "page-as-events": (EVENTS, b"<html>\n\n<p>Sign in first</p>\n</html>\n"),
    "no-json": (EVENTS, b"event: stored\ndata: soon\n\n"),
    "no-object": (EVENTS, b"event: stored\ndata: [1]\n\n"),
    "no-fields": (EVENTS, b"event: stored\ndata: {}\n\n"),
    "no-text": (EVENTS, b"event: stored\ndata: \xff\n\n"),
}


def snapshot_of(image):
    told = (("reset", {}), ("stored", {**HELD, "image": image}))
    return "".join(f"event: {event}\ndata: {json.dumps(data)}\n\n" for event, data in told).encode()


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.split("/")[1]
        kind, body = OTHERS[name] if self.server.others.is_set() else (EVENTS, snapshot_of(name))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Others(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.server.others = threading.Event()
        serving = threading.Thread(target=self.server.serve_forever)
        serving.start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(serving.join)
        self.addCleanup(self.server.shutdown)

    def test_what_is_no_event_ends_what_was_known_and_the_node_is_followed_on(self):
        nodes = {name: f"http://127.0.0.1:{self.server.server_port}/{name}" for name in OTHERS}
        router = Router(nodes.values())
        self.until_best(router, nodes)
        self.server.others.set()
        self.until_best(router, dict.fromkeys(nodes))
        self.server.others.clear()
        self.until_best(router, nodes)

    def until_best(self, router, expected):
        end = time.monotonic() + WAIT_S
        while (best := {name: router.best(name) for name in expected}) != expected:
            self.assertLess(time.monotonic(), end, best)
            time.sleep(0.02)


if __name__ == "__main__":
    unittest.main()
