"""Three `fovea serve` that share a Valkey server, behind HAProxy: what tests ask of them, and what their counters say."""

import contextlib
import http.client
import json
import os
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["FOVEA_SOURCE_DIR"]) / "tests/serve/http"))
from balancer import Balancer
from http_server_test import WAIT_S, Server, question_about
from tiers_test import WithValkey

NODES = ("node1", "node2", "node3")
QUESTIONS = ("How many shapes are there?", "What color is the square?")
# Then each request about a picture is a look-up at the embedding level, a hit or a miss.
EMBEDDINGS_ALONE = ("--prefix-cache", "0", "--response-cache", "0")
ENTRIES = 3  # that a new picture is written as: its alias, tiling and embedding


class Fleet(WithValkey):
    flags_of_nodes = EMBEDDINGS_ALONE
    instead = {}

    def setUp(self):
        super().setUp()
        self.servers = {}
        self.addCleanup(lambda: [server.stop() for server in self.servers.values() if server.child.poll() is None])
        for node in NODES:
            self.servers[node] = Server(*self.flags(), *self.flags_of_nodes)
        self.balancer = Balancer(self.folder, [server.port for server in self.servers.values()], **self.instead)
        self.addCleanup(self.balancer.stop)

    def send(self, body, path="/v1/chat/completions", headers=None):
        return self.balancer.request("POST", path, body, headers)

    def ask(self, picture, question=QUESTIONS[0], headers=None, **more):
        """The reply's fields, once it is one."""
        status, fields, body = self.send(question_about(picture, question, **more), headers=headers)
        self.assertEqual(status, 200, body)
        return fields

    def looked_up(self, node):
        """Requests about pictures that this node has answered, and those of them that found the picture's embedding."""
        stats = json.loads(self.servers[node].request("GET", "/v1/cache/stats")[2])
        level = next(level for level in stats["levels"] if level["level"] == "embedding")
        return level["hits"] + level["misses"], level["hits"]

    def running(self):
        return [node for node in NODES if self.servers[node].child.poll() is None]

    def met(self, send):
        """The one node whose counters `send` has moved."""
        before = {node: self.looked_up(node)[0] for node in self.running()}
        send()
        moved = [node for node in before if self.looked_up(node)[0] > before[node]]
        self.assertEqual(len(moved), 1, moved)
        return moved[0]

    def home_of(self, picture, **more):
        """The node that every question about this picture meets."""
        homes = {self.met(lambda question=question: self.ask(picture, question, **more)) for question in QUESTIONS}
        self.assertEqual(len(homes), 1, homes)
        return homes.pop()

    def all_are_shared(self, pictures):
        """Until what the nodes computed of so many new pictures is on the shared server."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            count = 0
            for node in self.running():
                stats = json.loads(self.servers[node].request("GET", "/v1/cache/stats")[2])
                count += sum(level["written"] + level["not_worth"] for level in stats["tiers"][0]["levels"])
            if count >= ENTRIES * pictures:
                return
            time.sleep(0.02)
        raise AssertionError(f"only {count} entries of {pictures} pictures were written")

    def encoded(self):
        """Pictures that the nodes have encoded since they started."""
        count = 0
        for node in self.running():
            all_of_them, hits = self.looked_up(node)
            stats = json.loads(self.servers[node].request("GET", "/v1/cache/stats")[2])
            shared = next(level for level in stats["tiers"][0]["levels"] if level["level"] == "embedding")
            count += all_of_them - hits - shared["hits"]
        return count

    def in_progress(self, node):
        metrics = self.servers[node].request("GET", "/metrics")[2]
        return int(re.search(rb"(?m)^fovea_requests_in_progress (\d+)", metrics)[1])

    @contextlib.contextmanager
    def begun_stream(self, picture, **more):
        """A stream of which one event has come; its client leaves at the end."""
        connection = http.client.HTTPConnection("127.0.0.1", self.balancer.port, timeout=WAIT_S)
        try:
            body = question_about(picture, QUESTIONS[0], stream=True, **more)
            connection.request("POST", "/v1/chat/completions", body)
            reply = connection.getresponse()
            self.assertEqual(reply.status, 200)
            self.assertTrue(reply.readline().startswith(b"data: {"))
            yield reply
        finally:
            connection.close()
