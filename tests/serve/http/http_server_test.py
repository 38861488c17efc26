"""`fovea serve` at the level of sockets: hostile bytes, slow and idle clients, kill and restart, memory.

The program is the one that FOVEA_PROGRAM names; it is started on a free port and stopped by its process id.
"""

import base64
import http.client
import itertools
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest
import zlib
from pathlib import Path

PROGRAM = os.environ["FOVEA_PROGRAM"]
SAMPLES = Path(os.environ["FOVEA_SOURCE_DIR"]) / "samples"
WAIT_S = 60  # for what happens at once on an idle machine
LOAD_S = int(os.environ.get("FOVEA_LOAD_SECONDS") or 20)  # HACKING.md: an hour of mixed load


class Server:
    wait_s = WAIT_S

    def __init__(self, *flags, port=0):
        command = [PROGRAM, "serve", "--port", str(port), *flags]
        self.child = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
                                      env={**os.environ, "OMP_WAIT_POLICY": "passive"})
        for line in self.child.stderr:
            if found := re.search(r" at http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                break
        else:
            raise AssertionError(f"fovea serve ended with {self.child.wait()}")
        self.told = []  # lines of its log, complete once it has stopped
        self.log = threading.Thread(target=lambda: self.told.extend(self.child.stderr))
        self.log.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.stop()

    def stop(self, how=signal.SIGTERM):
        self.child.send_signal(how)
        ended = self.child.wait(self.wait_s)
        self.log.join()
        self.child.stderr.close()
        return ended

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), WAIT_S)

    def raw(self, *pieces):
        """All that comes back until the server closes, or until one reply is whole."""
        with self.connect() as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
            except OSError:
                pass  # refused before it was read to the end
            reply = http.client.HTTPResponse(connection)
            reply.begin()
            return reply.status, reply.read()

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.wait_s)
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return reply.status, reply.headers, body

    def ask(self, picture, question="What is it?", **more):
        status, headers, body = self.request("POST", "/v1/chat/completions", question_about(picture, question, **more))
        return status, headers.get("Cache-Status", ""), json.loads(body)

    def resident_bytes(self):
        for line in Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the server has gone")


def question_about(picture, question, system=None, **more):
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": question}]
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": content})
    return json.dumps({"temperature": 0, "max_tokens": 16, "messages": messages, **more})


def sample(name):
    return (SAMPLES / name).read_bytes()


POST = b"POST /v1/chat/completions HTTP/1.1\r\nHost: here\r\n"
# A request whose answer ends only with the room for it: the token that ends one is forbidden.
ENDLESS = {"logit_bias": {"1218": -100}, "max_tokens": 3000}


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def test_a_body_over_the_limit_is_refused_before_it_is_sent(self):
        self.assertEqual(self.server.raw(POST, b"Content-Length: 10000000000\r\n\r\n{")[0], 413)
        self.assertEqual(self.server.raw(POST, b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF\r\n{")[0], 413)
        expecting = POST + b"Content-Length: 10000000000\r\nExpect: 100-continue\r\n\r\n"
        self.assertEqual(self.server.raw(expecting)[0], 413)

    def test_what_is_no_http(self):
        for piece in (b"HELLO\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"\r\n" * 1000 + b"\r\n\r\nX\r\n\r\n"):
            self.assertEqual(self.server.raw(piece)[0], 400)
        for length in (b"-1", b"abc", b"99999999999999999999999"):
            self.assertIn(self.server.raw(POST, b"Content-Length: " + length + b"\r\n\r\n{}")[0], (400, 413))

    def test_floods_of_headers(self):
        many = b"".join(b"X-%d: y\r\n" % i for i in range(10000))
        self.assertEqual(self.server.raw(b"GET /health HTTP/1.1\r\nHost: x\r\n", many, b"\r\n")[0], 431)
        self.assertEqual(self.server.raw(b"GET /health HTTP/1.1\r\nX: " + b"a" * (4 << 20) + b"\r\n\r\n")[0], 431)
        self.assertEqual(self.server.raw(b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\n\r\n")[0], 414)

    def test_two_lengths_are_none(self):
        both = b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        self.assertEqual(self.server.raw(POST, both)[0], 400)

    def test_requests_with_bytes_changed(self):
        body = question_about(sample("one.png"), "What is it?").encode()
        whole = POST + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
        form = POST.replace(b"chat/completions", b"files") + b"Content-Type: multipart/form-data; boundary=b\r\n"
        parts = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nX\r\n--b--\r\n'
        requests = [whole, chunked, form + b"Content-Length: %d\r\n\r\n" % len(parts) + parts,
                    b"GET /v1/files/a?b=c&d=%41 HTTP/1.1\r\nHost: x\r\nRange: bytes=0-5\r\nCookie: a=b\r\n\r\n"]
        for seed in range(600):
            mutated = mutation(requests[seed % len(requests)], random.Random(seed))
            with self.subTest(seed=seed), self.server.connect() as connection:
                try:
                    connection.sendall(mutated)
                    connection.shutdown(socket.SHUT_WR)
                    reply = connection.recv(12)
                except ConnectionError:
                    reply = b""  # refused before it was read to the end
                self.assertRegex(reply, rb"^$|^HTTP/1\.[01] [2345]\d\d")
        self.assertEqual(self.server.ask(sample("one.png"))[0], 200)

    def test_pictures_that_are_none_or_too_much(self):
        bomb = png(30000, 30000, zlib.compress(bytes(30_000_000)))
        before = json.loads(self.server.request("GET", "/v1/cache/stats")[2])
        for picture in (b"", b"no picture", sample("one.png")[:200], bomb, png(2**31 - 1, 1, b""), png(0, 0, b"")):
            status, _, reply = self.server.ask(picture)
            self.assertIn(status, (400, 413), reply)
            self.assertTrue(reply["error"]["message"])
        after = json.loads(self.server.request("GET", "/v1/cache/stats")[2])
        stored = [[level["insertions"] for level in stats["levels"]] for stats in (before, after)]
        self.assertEqual(*stored)
        many = json.loads(question_about(sample("one.png"), "?"))
        many["messages"][0]["content"] *= 5000
        status, _, body = self.server.request("POST", "/v1/chat/completions", json.dumps(many))
        self.assertEqual(status, 413 if len(json.dumps(many)) > 64 << 20 else 400, body)

    def test_idle_and_slow_connections_stop_nobody(self):
        idle = [self.server.connect() for _ in range(1000)]
        slow = [self.server.connect() for _ in range(200)]
        for connection in slow:
            connection.sendall(POST + b"Content-Length: 300000\r\n\r\n" + b"{" * 1000)
        for _ in range(3):
            self.assertEqual(self.server.ask(sample("one.png"))[0], 200)
        for connection in slow:
            connection.sendall(b"{" * 1000)
        self.assertEqual(self.server.request("GET", "/health")[0], 200)
        for connection in (*idle, *slow):
            connection.close()


class LifeAndDeath(unittest.TestCase):
    def test_a_request_that_runs_is_answered_before_the_server_stops(self):
        with Server("--grace", "600") as server:
            server.wait_s = 600  # 3,000 tokens take minutes where others use the processors
            answers = []
            asking = threading.Thread(target=lambda: answers.append(server.ask(sample("one.png"), **ENDLESS)))
            asking.start()
            while b'fovea_cache_insertions_total{level="embedding"} 0' in server.request("GET", "/metrics")[2]:
                pass
            self.assertEqual(server.stop(), 0)
            asking.join()
            self.assertEqual(answers[0][0], 200)
            self.assertEqual(answers[0][2]["choices"][0]["finish_reason"], "length")

    def test_killed_under_load_and_started_again(self):
        with Server() as server:
            expected = server.ask(sample("one.png"))[2]["choices"]
            threads = [threading.Thread(target=self.load, args=(server, i)) for i in range(8)]
            for thread in threads:
                thread.start()
            while b'fovea_requests_total{response="hit",status="200"} ' not in server.request("GET", "/metrics")[2]:
                pass
            self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
            for thread in threads:
                thread.join()
        with Server() as server:
            status, levels, reply = server.ask(sample("one.png"))
            self.assertEqual((status, reply["choices"]), (200, expected))
            self.assertIn("fovea-response; fwd=miss; stored", levels)

    @staticmethod
    def load(server, seed):
        pictures = ("one.png", "two.png", "three.png", "four.png")
        try:
            for i in range(10_000):
                server.ask(sample(pictures[(seed + i) % 4]), f"What is it? {i % 5}")
        except (OSError, http.client.HTTPException):
            pass  # it was killed

    def test_mixed_load_stays_within_the_budget(self):
        budget = 24 << 20
        small = ["--embedding-cache", "8MiB", "--prefix-cache", "8MiB", "--response-cache", "8MiB", "--files-size", "1MiB"]
        with Server(*small) as server:
            MixedLoad(server, first=0).run(LOAD_S / 4)  # what the process takes once: threads, buffers, the heap's own spread
            settled = server.resident_bytes()
            load = MixedLoad(server, first=1_000_000)
            load.run(LOAD_S)
            self.assertEqual(load.faults, [])
            self.assertGreater(load.answered, 50)
            print(f"{load.answered} answered, {load.refused} refused, {load.left} left; MiB resident: settled "
                  f"{settled >> 20}, most {load.most_bytes >> 20}, at the end {server.resident_bytes() >> 20}")
            if not os.environ.get("FOVEA_SANITIZE"):  # a sanitizer keeps what was freed
                self.assertLess(load.most_bytes - settled, budget * 1.1, "more than all levels may hold together")


def mutation(request, dice):
    """`request` with a few bytes changed, most of them in its head, or cut, or with a part of it twice."""
    changed = bytearray(request)
    head = request.index(b"\r\n\r\n") + 4
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(min(head if dice.random() < 0.8 else len(changed), len(changed)) + 1)
        match dice.randrange(5):
            case 0:
                changed[at : at + 1] = bytes((dice.randrange(256),))
            case 1:
                changed[at:at] = dice.choice((b"\r\n", b"\0", b" ", b":", b"\xff", b"%", b"/../", b"9" * 30))
            case 2:
                del changed[at : at + dice.randint(1, 8)]
            case 3:
                changed[at:at] = changed[at : at + dice.randint(1, 60)]
            case 4:
                del changed[max(at, 1) :]
    return bytes(changed)


class MixedLoad:
    """Clients that ask, ask again, read streams to their end or leave in the middle, upload, and send what is wrong."""

    def __init__(self, server, first):
        self.server, self.numbers = server, itertools.count(first)
        self.answered = self.refused = self.left = self.most_bytes = 0
        self.faults = []
        self.doings = (self.new_picture, self.same_again, self.stream, self.leave, self.upload, self.wrong)

    def run(self, seconds):
        end = time.monotonic() + seconds
        clients = [threading.Thread(target=self.client, args=(end, random.Random(i))) for i in range(4)]
        for client in clients:
            client.start()
        while time.monotonic() < end:
            self.most_bytes = max(self.most_bytes, self.server.resident_bytes())
            time.sleep(0.1)
        for client in clients:
            client.join()

    def client(self, end, dice):
        while time.monotonic() < end and not self.faults:
            doing = dice.choice(self.doings)
            try:
                doing()
            except Exception as fault:  # told by the test
                self.faults.append(f"{doing.__name__}: {fault!r}")

    def expect(self, status, *expected):
        if status not in expected:
            raise AssertionError(f"status {status}")
        self.answered += status == 200
        self.refused += status != 200

    def new_picture(self):
        number = next(self.numbers)
        self.expect(self.server.ask(picture_number(number), f"What is it? {number}")[0], 200, 503)

    def same_again(self):
        self.expect(self.server.ask(sample("one.png"), "What is it?")[0], 200, 503)

    def stream(self):
        body = question_about(picture_number(next(self.numbers)), "What is it?", stream=True)
        self.expect(self.server.request("POST", "/v1/chat/completions", body)[0], 200, 503)

    def leave(self):
        body = question_about(picture_number(next(self.numbers)), "What is it?", stream=True, **ENDLESS).encode()
        with self.server.connect() as connection:
            connection.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            connection.recv(100)
        self.left += 1

    def upload(self):
        picture = picture_number(next(self.numbers))
        part = b"--a-line-in-no-picture"
        form = (part + b'\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nvision\r\n' + part +
                b'\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + picture +
                b"\r\n" + part + b"--\r\n")
        headers = {"Content-Type": "multipart/form-data; boundary=" + part[2:].decode()}
        self.expect(self.server.request("POST", "/v1/files", form, headers)[0], 200, 413, 503)

    def wrong(self):
        self.expect(self.server.ask(sample("one.png")[:300])[0], 400)


def png(width, height, data):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def picture_number(number):
    """A small picture like no other."""
    side = 64
    rows = b"".join(b"\0" + bytes((number * 7 + x * y) % 256 for x in range(3 * side)) for y in range(side))
    return png(side, side, zlib.compress(rows))


if __name__ == "__main__":
    unittest.main()
