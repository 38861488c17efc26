"""The events of real servers: what readers learn of pictures that come and go, and the example that routes by them."""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from http_server_test import PROGRAM, WAIT_S, Server, question_about, sample

sys.path.insert(0, str(Path(os.environ["FOVEA_SOURCE_DIR"]) / "examples"))
from route_by_events import Router  # noqa: E402

PATH = "/v1/cache/events"
READERS_MAX = 8


class Reader:
    """A client of the events. Events are (name, data, id); the id is the last one that was told."""

    def __init__(self, server, last_id=None, key=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WAIT_S)
        headers = {"Last-Event-ID": last_id} if last_id is not None else {}
        self.connection.request("GET", PATH, headers=headers | ({"X-Api-Key": key} if key else {}))
        self.reply = self.connection.getresponse()
        self.id = last_id or ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.reply.close()
        self.connection.close()

    def next(self):
        fields = {}
        while line := self.reply.readline():
            name, _, value = line.decode().rstrip("\n").partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
            elif fields:
                self.id = fields.get("id", self.id)
                return fields["event"], json.loads(fields["data"]), self.id
        return None

    def until(self, *levels):
        """The events until each of `levels` was told, whatever is told of others."""
        events, seen = [], set()
        while not seen.issuperset(levels):
            events.append(self.next())
            seen.add(events[-1][1]["level"])
        return events

    def snapshot(self):
        """What is held, by its beginning and its end."""
        begin, held = self.next(), []
        assert begin[0] == "reset" and begin[2] == "", begin
        while (event := self.next())[0] == "stored":
            held.append(event[1])
        assert event[0] == "snapshot" and event[1] == {"holdings": len(held)} and event[2], event
        return begin[1], held


def ask(server, picture, headers=None):
    """The picture's key, once it was answered about."""
    status, told, body = server.request("POST", "/v1/chat/completions", question_about(sample(picture), "What is it?"), headers)
    assert status == 200, body
    return told["Fovea-Image-Keys"]


def until(condition, what):
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


LEVELS = ("embedding", "prefix", "response")


class Events(unittest.TestCase):
    def test_a_picture_comes_and_goes(self):
        with Server() as server, Reader(server) as reader:
            self.assertEqual(reader.reply.headers["Content-Type"], "text/event-stream")
            self.assertEqual(reader.snapshot(), ({"lost": 0}, []))
            image = ask(server, "one.png")
            stored = reader.until(*LEVELS)
            self.assertEqual({name for name, _, _ in stored}, {"stored"})
            for _, data, _ in stored:
                self.assertEqual((data["image"], data["tier"]), (image, "memory"))
                self.assertGreater(data["entries"], 0)
                self.assertGreater(data["bytes"], 128)
                self.assertGreater(data["saves_seconds"], 0)
                self.assertNotIn("tenant", data, "there is one only")
            with Reader(server) as late:
                held = late.snapshot()[1]
            self.assertEqual(sorted(data["level"] for data in held), sorted(LEVELS))
            removed = json.loads(server.request("DELETE", f"/v1/cache/images/{image}")[2])["entries"]
            purged = [reader.next() for _ in range(removed)]
            self.assertEqual({(name, data["image"]) for name, data, _ in purged}, {("purged", image)})
            self.assertEqual({data["level"] for _, data, _ in purged if data["entries"] == 0}, set(LEVELS))
            with Reader(server) as late:
                self.assertEqual(late.snapshot()[1], [])

    def test_who_comes_back_gets_exactly_what_was_missed(self):
        with Server() as server, Reader(server) as stays:
            stays.snapshot()
            with Reader(server) as leaves:
                leaves.snapshot()
                ask(server, "one.png")
                seen = leaves.until(*LEVELS)
                self.assertEqual([stays.next() for _ in seen], seen)
                ask(server, "two.png")
                leaves.next()
                last_id = leaves.id
            ask(server, "three.png")
            self.assertEqual(stays.next()[2], last_id)
            with Reader(server, last_id) as back:
                self.assertEqual([back.next() for _ in range(5)], [stays.next() for _ in range(5)])

    def test_an_id_of_another_server_begins_again(self):
        with Server() as server:
            with Reader(server) as reader:
                reader.snapshot()
                image = ask(server, "one.png")
                reader.until(*LEVELS)
                ahead = reader.id.split("-")[0] + "-999"
            for last_id in ("1-1", ahead, "yesterday"):
                with Reader(server, last_id) as reader:
                    reset, held = reader.snapshot()
                    self.assertEqual(reset, {}, "nobody knows how many were lost")
                    self.assertEqual({data["image"] for data in held}, {image})

    def test_one_picture_makes_room_for_another(self):
        with Server("--prefix-cache", "0", "--response-cache", "0") as server, Reader(server) as reader:
            reader.snapshot()
            ask(server, "one.png")
            size = reader.next()[1]["bytes"]
        room_for_one = ["--embedding-cache", str(size + size // 2 + 2000), "--policy", "lru"]
        with Server(*room_for_one, "--prefix-cache", "0", "--response-cache", "0") as server, Reader(server) as reader:
            reader.snapshot()
            one, two = ask(server, "one.png"), ask(server, "two.png")
            told = [reader.next()[:2] for _ in range(3)]
            self.assertEqual([(name, data["image"], data["entries"]) for name, data in told],
                             [("stored", one, 1), ("evicted", one, 0), ("stored", two, 1)])
            self.assertEqual((told[1][1]["bytes"], told[1][1]["saves_seconds"]), (0, 0))

    def test_admins_only_and_they_see_whose_it_is(self):
        with tempfile.TemporaryDirectory(prefix="fovea-events-") as folder:
            keys = Path(folder) / "keys.toml"
            tables = ""
            for name in ("alice", "root"):
                made = subprocess.run([PROGRAM, "serve", "--hash-key"], input=name, capture_output=True, text=True, check=True)
                tables += f'[tenants.{name}]\nkeys = ["{made.stdout.strip()}"]\nadmin = {str(name == "root").lower()}\n'
            keys.write_text(tables)
            with Server("--keys", str(keys)) as server:
                status, _, body = server.request("GET", PATH, headers={"X-Api-Key": "alice"})
                error = json.loads(body)["error"]
                self.assertEqual((status, error["code"], error["type"]), (403, "not_admin", "permission_error"))
                self.assertEqual(server.request("GET", PATH)[0], 401)
                self.assertEqual(server.request("HEAD", PATH, headers={"X-Api-Key": "root"})[0], 200)
                with Reader(server, key="root") as reader:
                    reader.snapshot()
                    image = ask(server, "one.png", {"X-Api-Key": "alice"})
                    of_alice = reader.until(*LEVELS)
                    self.assertEqual({(data["image"], data["tenant"]) for _, data, _ in of_alice}, {(image, "alice")})
                    ask(server, "one.png", {"X-Api-Key": "root"})
                    of_root = reader.until(*LEVELS)
                    self.assertEqual({(data["image"], data["tenant"]) for _, data, _ in of_root}, {(image, "root")})
                    self.assertEqual(len({data["scope"] for _, data, _ in of_alice + of_root}), 2)

    def test_readers_are_bounded_and_make_room_when_they_leave(self):
        with Server() as server:
            readers = [Reader(server) for _ in range(READERS_MAX)]
            for reader in readers:
                reader.snapshot()
            status, headers, body = server.request("GET", PATH)
            self.assertEqual((status, json.loads(body)["error"]["code"]), (503, "too_many_readers"))
            self.assertIn("Retry-After", headers)
            readers.pop().close()

            def served():
                with Reader(server) as reader:
                    return reader.reply.status == 200

            until(served, "a place that was left")
            for reader in readers:
                reader.close()

    def test_a_server_that_stops_ends_its_streams(self):
        with Server("--grace", "3600") as server, Reader(server) as reader:
            reader.snapshot()
            self.assertEqual(server.stop(), 0)
            self.assertIsNone(reader.next(), "the body ended, and did not break off")


class Routing(unittest.TestCase):
    def test_a_picture_goes_where_it_is_known(self):
        with Server() as one, Server() as two:
            nodes = [f"http://127.0.0.1:{server.port}" for server in (one, two)]
            before = ask(one, "one.png")
            router = Router(nodes)
            until(lambda: router.best(before) == nodes[0], "what was there before")
            after = ask(two, "two.png")
            until(lambda: router.best(after) == nodes[1], "what came")
            one.request("POST", "/v1/cache/reset")
            until(lambda: router.best(before) is None, "what was removed")
            ask(one, "one.png")
            until(lambda: router.best(before) == nodes[0], "what came again")
            one.stop()
            until(lambda: router.best(before) is None, "a node that has gone")
            self.assertEqual(router.best(after), nodes[1])


if __name__ == "__main__":
    unittest.main()
