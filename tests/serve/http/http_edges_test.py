"""HTTP itself, as `fovea serve` speaks it on a bare socket: what is one request, how replies end, what is refused.

The program is the one that FOVEA_PROGRAM names.
"""

import base64
import gzip
import json
import os
import re
import socket
import subprocess
import tempfile
import threading
import unittest
import zlib

from http_server_test import POST, PROGRAM, WAIT_S, Server, picture_number, question_about, sample

QUESTION = {"temperature": 0, "max_tokens": 8, "messages": [{"role": "user", "content": "Hello"}]}
SECOND = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


def post(path, body, *fields, version="1.1"):
    lines = [f"POST {path} HTTP/{version}", "Host: here", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(lines).encode() + body


def body_of(**more):
    return json.dumps({**QUESTION, **more}).encode()


class Edges(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--cors-origins", "https://app.example,http://localhost:3000", "--max-body", "1MiB")

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def all_of(self, *pieces):
        """All that comes back until the server closes; the pieces are sent without waiting."""
        with self.server.connect() as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
            except OSError:
                pass  # refused before it was read to the end
            return read_all(connection)

    def statuses(self, *pieces):
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d\d\d) ", self.all_of(*pieces))]

    def asked(self, *pieces):
        """Status, fields and body of one reply, behind which the server closes."""
        return parsed(self.all_of(*pieces))

    def assert_refused(self, request, status):
        """`request` is refused and the connection closed: what is sent behind it gets no answer."""
        all_of_it = self.all_of(request + SECOND + SECOND)
        self.assertEqual(re.findall(rb"HTTP/1\.1 (\d\d\d) ", all_of_it), [b"%d" % status], request[:200])
        found, fields, body = parsed(all_of_it)
        self.assertEqual(fields["connection"], "close")
        self.assertTrue(json.loads(body)["error"]["message"])

    def test_what_two_readers_could_see_differently_ends_the_connection(self):
        chunks = b"2\r\n{}\r\n0\r\n\r\n"
        for fields, body in (
            (b"Content-Length: 2\r\nContent-Length: 40\r\n", b"{}"),
            (b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"),
            (b"Content-Length: +2\r\n", b"{}"),
            (b"Content-Length: 2, 2\r\n", b"{}"),
            (b"Content-Length: 0x2\r\n", b"{}"),
            (b"Content-Length: -1\r\n", b""),
            (b"Content-Length : 2\r\n", b"{}"),
            (b"Content-Length: 2\r\nTransfer-Encoding : chunked\r\n", chunks),
            (b"Transfer-Encoding : chunked\r\n", chunks),
            (b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", chunks),
            (b"Transfer-Encoding: Chunked\r\nContent-Length: 2\r\n", chunks),
            (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunks),
            (b"X: a\r\n Content-Length: 2\r\n", b""),
            (b"X: a\r\n\tContent-Length: 2\r\n", b""),
            (b"X: a\nContent-Length: 2\r\n", b"{}"),
            (b"X: a\rContent-Length: 2\r\n", b""),
            (b"X: a\0b\r\n", b""),
            (b"X\x01: a\r\n", b""),
            (b"Host: other\r\n", b""),
        ):
            self.assert_refused(POST + fields + b"\r\n" + body, 400)
        self.assert_refused(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400)  # no Host
        for chunk in (b"x\r\n{}\r\n", b"+2\r\n{}\r\n", b"0x2\r\n{}\r\n", b"2\n{}\r\n", b"2\r\n{}0\r\n\r\n", b"-1\r\n\r\n",
                      b"fffffffffffffffff\r\n"):
            self.assert_refused(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk, 400)
        for coding in (b"gzip", b"gzip, chunked", b"identity", b"\x0bchunked"):
            status = 400 if coding.startswith(b"\x0b") else 501
            self.assert_refused(POST + b"Transfer-Encoding: " + coding + b"\r\n\r\n" + chunks, status)
        self.assert_refused(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, 400)

    def test_chunks_in_capitals_and_with_trailers_are_a_body(self):
        for coding in (b"chunked", b"Chunked", b"CHUNKED"):
            whole = body_of()
            request = POST + b"Connection: close\r\nTransfer-Encoding: " + coding + b"\r\n\r\n"
            for at in range(0, len(whole), 7):
                piece = whole[at : at + 7]
                request += b"%X;name=\"value\"\r\n" % len(piece) + piece + b"\r\n"
            request += b"0\r\nX-Checksum: 1\r\nContent-Length: 5\r\n\r\n"
            self.assertEqual(self.asked(request)[0], 200)

    def test_streams_reach_clients_of_http_1_0(self):
        for path, body, last in (
            ("/v1/chat/completions", body_of(stream=True), b"data: [DONE]\n\n"),
            ("/v1/responses", json.dumps({"input": "Hello", "temperature": 0, "max_output_tokens": 16, "stream": True}).encode(),
             b"\n\n"),
        ):
            status, fields, streamed = self.asked(post(path, body, "Cache-Control: no-cache", version="1.0"))
            self.assertEqual(status, 200)
            self.assertEqual(fields["connection"], "close")
            self.assertNotIn("transfer-encoding", fields)
            self.assertNotIn("content-length", fields)
            self.assertIn(b"data: {", streamed)
            self.assertTrue(streamed.endswith(last), streamed[-100:])
            new = self.asked(post(path, body, "Cache-Control: no-cache", "Connection: close"))
            self.assertEqual(new[1]["transfer-encoding"], "chunked")
            self.assertEqual(new[2].count(b"data: {"), streamed.count(b"data: {"))

    def test_clients_of_http_1_0_keep_a_connection_if_they_ask(self):
        self.assertEqual(self.statuses(b"GET /health HTTP/1.0\r\n\r\n" + SECOND), [200])
        kept = b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        self.assertEqual(self.statuses(kept + b"GET /ready HTTP/1.0\r\n\r\n"), [200, 200])
        with self.server.connect() as connection:
            connection.sendall(kept)
            self.assertEqual(parsed(connection.recv(10000))[1]["connection"], "keep-alive")

    def test_requests_that_are_sent_ahead_are_answered_in_order(self):
        ahead = b"".join(b"GET /v1/models/no-%d HTTP/1.1\r\nHost: x\r\n\r\n" % i for i in range(50))
        answers = self.all_of(post("/v1/chat/completions", body_of()) + ahead + b"GET /health HTTP/1.0\r\n\r\n")
        self.assertEqual(re.findall(rb"HTTP/1\.1 (\d\d\d) ", answers), [b"200"] + [b"404"] * 50 + [b"200"])
        named = [int(number) for number in re.findall(rb"no-(\d+)", answers)]
        self.assertEqual(named, sorted(named))
        self.assertEqual(len(set(named)), 50)

    def test_expectations(self):
        body = body_of()
        head = post("/v1/chat/completions", body, "Expect: 100-Continue", "Connection: close")[: -len(body)]
        with self.server.connect() as connection:
            connection.sendall(head)
            self.assertEqual(connection.recv(1000), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(body)
            self.assertEqual(parsed(read_all(connection))[0], 200)
        self.assert_refused(POST + b"Content-Length: 2\r\nExpect: 200-ok\r\n\r\n", 417)
        self.assert_refused(POST + b"Content-Length: 20000000\r\nExpect: 100-continue\r\n\r\n", 413)

    def test_methods(self):
        for path in ("/health", "/v1/models", "/metrics", "/", "/models"):
            status, fields, body = self.asked(f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            self.assertEqual((status, body), (200, b""), path)
            self.assertGreater(int(fields["content-length"]), 0)
        for path, allow in (("/health", "GET, HEAD, OPTIONS"), ("/v1/chat/completions", "POST, OPTIONS"),
                            ("/chat/completions", "POST, OPTIONS")):
            status, fields, body = self.asked(f"OPTIONS {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            self.assertEqual((status, body, fields["allow"]), (204, b"", allow))
            status, fields, body = self.asked(f"PUT {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            self.assertEqual((status, fields["allow"]), (405, allow))
            self.assertIn("error", json.loads(body))
        self.assertEqual(self.asked(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0], 204)
        status, _, body = self.asked(b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertEqual((status, json.loads(body)["error"]["code"]), (404, "not_found"))

    def test_a_path_without_its_version_is_the_same(self):
        for path in ("/chat/completions", "http://here/chat/completions"):
            self.assertEqual(self.asked(post(path, body_of(), "Connection: close"))[0], 200)
        self.assertEqual(self.asked(b"GET /files/none HTTP/1.0\r\n\r\n")[0], 404)
        self.assertEqual(json.loads(self.asked(b"GET /models HTTP/1.0\r\n\r\n")[2])["object"], "list")

    def test_bounds_of_a_head(self):
        many = b"".join(b"X-%d: y\r\n" % i for i in range(101))
        for head, status in ((b"GET /health HTTP/1.1\r\nHost: x\r\n" + many, 431), (b"GET / HTTP/1.1\r\nX: " + b"a" * (65 << 10), 431),
                             (b"GET /" + b"a" * (20 << 10), 414), (b"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505)):
            with self.server.connect() as connection:
                connection.sendall(head)  # and no end: it is refused before that comes
                found, fields, body = parsed(read_all(connection))
            self.assertEqual((found, fields["connection"]), (status, "close"))
            self.assertIn("error", json.loads(body))

    def test_bodies_above_the_bound(self):
        status, fields, body = self.asked(post("/v1/chat/completions", b" " * (2 << 20)))
        self.assertEqual((status, fields["connection"]), (413, "close"))
        self.assertIn("1.00 MiB", json.loads(body)["error"]["message"])
        chunk = b"80000\r\n" + b" " * 0x80000 + b"\r\n"
        self.assertEqual(self.asked(POST + b"Transfer-Encoding: chunked\r\n\r\n" + 3 * chunk)[0], 413)

    def test_codings_of_a_body(self):
        whole = body_of()
        raw = zlib.compressobj(wbits=-15)
        # A frame with one block of bytes as they are (RFC 8878, 3.1.1).
        zstd = b"\x28\xb5\x2f\xfd\x20" + bytes((len(whole),)) + (len(whole) << 3 | 1).to_bytes(3, "little") + whole
        for coding, coded in (("gzip", gzip.compress(whole)), ("x-gzip", gzip.compress(whole)), ("deflate", zlib.compress(whole)),
                              ("Deflate", raw.compress(whole) + raw.flush()), ("zstd", zstd), ("identity", whole)):
            request = post("/v1/chat/completions", coded, f"Content-Encoding: {coding}", "Connection: close")
            self.assertEqual(self.asked(request)[0], 200, coding)
        for bomb in (gzip.compress(bytes(50 << 20)), gzip.compress(bytes(2 << 20))):
            self.assertEqual(self.asked(post("/v1/chat/completions", bomb, "Content-Encoding: gzip", "Connection: close"))[0], 413)
        self.assertEqual(self.asked(post("/v1/chat/completions", whole, "Content-Encoding: gzip", "Connection: close"))[0], 400)
        status, fields, _ = self.asked(post("/v1/chat/completions", whole, "Content-Encoding: br"))
        self.assertEqual((status, fields["accept-encoding"]), (415, "gzip, deflate, zstd"))

    def test_pages_of_other_origins(self):
        preflight = (b"OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: %s\r\n"
                     b"Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,content-type\r\n\r\n")
        status, fields, _ = self.asked(preflight % b"https://app.example")
        self.assertEqual(status, 204)
        self.assertEqual(fields["access-control-allow-origin"], "https://app.example")
        self.assertEqual(fields["access-control-allow-headers"], "authorization,content-type")
        self.assertIn("POST", fields["access-control-allow-methods"])
        self.assertEqual(fields["access-control-allow-credentials"], "true")
        self.assertEqual(fields["vary"], "Origin")
        self.assertIn("access-control-max-age", fields)
        for origin in (b"https://evil.example", b"null", b"https://app.example.evil"):
            status, fields, _ = self.asked(preflight % origin)
            self.assertNotIn("access-control-allow-origin", fields)
        for asked in (post("/v1/chat/completions", body_of(), "Origin: https://app.example", "Connection: close"),
                      post("/v1/chat/completions", body_of(stream=True), "Origin: https://app.example", "Connection: close"),
                      post("/v1/chat/completions", b"{", "Origin: https://app.example", "Connection: close")):
            _, fields, _ = self.asked(asked)
            self.assertEqual(fields["access-control-allow-origin"], "https://app.example")
            for name in ("Cache-Status", "Age", "Server-Timing", "Fovea-Image-Keys"):
                self.assertIn(name, fields["access-control-expose-headers"])
        status, fields, body = self.asked(post("/v1/chat/completions", body_of(), "Origin: https://evil.example", "Connection: close"))
        self.assertNotIn("access-control-allow-origin", fields)
        self.assertEqual(status, 403)
        self.assertIn(b"--cors-origins", body)

    def test_a_web_page_cannot_act_on_the_server(self):
        def reset(*fields):
            return self.asked(post("/v1/cache/reset", b"", "Content-Type: text/plain", "Connection: close", *fields))[0]

        self.assertEqual(reset("Origin: https://evil.example", "Sec-Fetch-Site: cross-site"), 403)
        self.assertEqual(reset("Sec-Fetch-Site: cross-site"), 403)
        self.assertEqual(reset("Origin: null"), 403)
        self.assertEqual(reset(), 200)
        self.assertEqual(reset("Origin: http://here"), 200)
        self.assertEqual(reset("Origin: https://app.example", "Sec-Fetch-Site: cross-site"), 200)
        for name, status in ((b"rebound.example:8080", 403), (b"localhost:8080", 200), (b"127.0.0.1:1", 200), (b"[::1]:1", 200)):
            self.assertEqual(self.asked(b"GET /v1/models HTTP/1.1\r\nConnection: close\r\nHost: " + name + b"\r\n\r\n")[0], status, name)

    def test_every_reply_has_an_id(self):
        for asked in (post("/v1/chat/completions", body_of(), "Connection: close"),
                      post("/v1/chat/completions", body_of(stream=True), "Connection: close"),
                      post("/v1/nothing", b"{}"), post("/v1/chat/completions", b"{", "Connection: close"),
                      b"HELLO\r\n\r\n",
                      b"OPTIONS /v1/models HTTP/1.0\r\nOrigin: https://app.example\r\nAccess-Control-Request-Method: GET\r\n\r\n"):
            self.assertRegex(self.asked(asked)[1]["x-request-id"], "^req_[0-9a-f]{32}$")
        self.assertEqual(self.asked(post("/v1/nothing", b"{}", "X-Request-Id: mine-1"))[1]["x-request-id"], "mine-1")
        _, fields, body = self.asked(post("/v1/messages", b"{}", "Connection: close"))
        self.assertEqual(fields["request-id"], json.loads(body)["request_id"])
        self.assertEqual(fields["request-id"], fields["x-request-id"])

    def test_a_client_that_closes_its_half_gets_its_answer(self):
        with self.server.connect() as connection:
            connection.sendall(SECOND)
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(parsed(read_all(connection))[0], 200)

    def test_what_is_refused_before_a_handler_is_counted(self):
        def counted(server):
            page = server.request("GET", "/metrics")[2].decode()
            return dict(re.findall(r'^fovea_requests_total\{response="none",status="(\d+)"\} (\d+)$', page, re.MULTILINE))

        with Server("--max-body", "1MiB") as server:
            self.assertEqual(counted(server), {})
            for asked in (b"HELLO\r\n\r\n", POST + b"Content-Length: -1\r\n\r\n", POST + b"Content-Length: 2000000\r\n\r\n",
                          POST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101,
                          b"GET /nothing HTTP/1.0\r\n\r\n", b"PUT /health HTTP/1.0\r\n\r\n", POST + b"Expect: wonders\r\n\r\n",
                          POST + b"Connection: close\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
                          b"OPTIONS /health HTTP/1.0\r\n\r\n", b"GET /health HTTP/1.0\r\n\r\n"):
                with server.connect() as connection:
                    connection.sendall(asked)
                    read_all(connection)
            self.assertEqual(counted(server), {"400": "3", "404": "1", "405": "1", "413": "2", "417": "1", "431": "1"})

    def test_without_the_flag_no_page_of_another_origin_learns_anything(self):
        with Server() as server, server.connect() as connection:
            connection.sendall(b"OPTIONS /v1/models HTTP/1.0\r\nOrigin: https://app.example\r\nAccess-Control-Request-Method: GET\r\n\r\n")
            status, fields, _ = parsed(read_all(connection))
            self.assertEqual(status, 204)
            self.assertFalse([name for name in fields if name.startswith("access-control")])


class Keys(unittest.TestCase):
    """A request without a key is refused before its body is read."""

    @classmethod
    def setUpClass(cls):
        hashed = subprocess.run([PROGRAM, "serve", "--hash-key"], input="alice-key", capture_output=True, text=True, check=True)
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as keys:
            keys.write(f'[tenants.alice]\nkeys = ["{hashed.stdout.strip()}"]\n')
            keys.flush()
            cls.server = Server("--keys", keys.name)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def asked(self, request):
        with self.server.connect() as connection:
            connection.sendall(request)
            return parsed(read_all(connection))

    def test_no_body_is_waited_for(self):
        for body in (b"Content-Length: 60000000\r\n\r\n", b"Content-Length: 60000000000\r\n\r\n",
                     b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"):
            for key in (b"", b"Authorization: Bearer eve-key\r\n", b"X-Api-Key: eve-key\r\n"):
                status, fields, reply = self.asked(POST + key + body)
                self.assertEqual((status, fields["connection"], fields["www-authenticate"]), (401, "close", "Bearer"))
                self.assertEqual(json.loads(reply)["error"]["code"], "invalid_api_key")
        status, _, reply = self.asked(b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n")
        self.assertEqual((status, json.loads(reply)["error"]["type"]), (401, "authentication_error"))

    def test_a_body_that_comes_all_the_same_is_dropped(self):
        status, _, reply = self.asked(post("/v1/files", b" " * (20 << 20)) + SECOND)
        self.assertEqual((status, json.loads(reply)["error"]["code"]), (401, "invalid_api_key"))

    def test_with_a_key_it_is_read(self):
        for key in ("Authorization: Bearer alice-key", "X-Api-Key: alice-key", "api-key: alice-key"):
            self.assertEqual(self.asked(post("/v1/chat/completions", body_of(), key, "Connection: close"))[0], 200)
        head = POST + b"X-Api-Key: alice-key\r\n"
        self.assertEqual(self.asked(head + b"Content-Length: 60000000000\r\n\r\n")[0], 413)

    def test_without_a_body_the_connection_is_kept(self):
        with self.server.connect() as connection:
            connection.sendall(b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\nGET /ready HTTP/1.0\r\n\r\n")
            self.assertEqual(re.findall(rb"HTTP/1\.1 (\d\d\d) ", read_all(connection)), [b"401", b"200"])

    def test_what_is_for_everybody(self):
        for path in ("/", "/dashboard/app.js", "/health", "/ready", "/metrics"):
            self.assertEqual(self.asked(f"GET {path} HTTP/1.0\r\n\r\n".encode())[0], 200, path)
        self.assertEqual(self.asked(b"OPTIONS /v1/models HTTP/1.0\r\nOrigin: https://a\r\nAccess-Control-Request-Method: GET\r\n\r\n")[0], 204)

    def test_refusals_are_counted_once(self):
        def counted():
            page = self.server.request("GET", "/metrics")[2].decode()
            found = re.search(r'^fovea_requests_total\{response="none",status="401"\} (\d+)$', page, re.MULTILINE)
            return int(found[1]) if found else 0

        before = counted()
        self.asked(post("/v1/chat/completions", body_of()))
        self.asked(b"GET /v1/models HTTP/1.0\r\n\r\n")
        self.assertEqual(counted() - before, 2)


class Memory(unittest.TestCase):
    """What large requests took is given back. A sanitizer keeps what was freed."""

    @unittest.skipIf(os.environ.get("FOVEA_SANITIZE"), "a sanitizer keeps what was freed")
    def test_large_bodies_leave_nothing(self):
        with Server() as server:
            noise = [os.urandom(5 << 20) for _ in range(3)]
            bodies = [question_about(picture_number(i), "What is it?", user=base64.b64encode(noise[i]).decode()) for i in range(3)]

            def ask(count):
                for i in range(count):
                    self.assertEqual(server.request("POST", "/v1/chat/completions", bodies[i % 3])[0], 200)

            def ask_at_once():
                clients = [threading.Thread(target=ask, args=(10,)) for _ in range(4)]
                for client in clients:
                    client.start()
                for client in clients:
                    client.join()

            ask(3)
            before = server.resident_bytes()
            ask(80)  # each on another thread: the one that waits longest
            ask_at_once()
            grown = server.resident_bytes() - before
            print(f"{len(bodies[0]) >> 20} MiB bodies: {before >> 20} MiB before 120 of them, {grown / (1 << 20):.1f} MiB more behind")
            self.assertLess(grown, 40 << 20)

    def test_the_memory_for_bodies_is_shared(self):
        with Server("--max-body", "8MiB", "--body-memory", "8MiB") as server:
            with server.connect() as said:
                said.sendall(POST + b"Content-Length: %d\r\n\r\n{" % (8 << 20))  # only says so, and takes nothing
                self.assertEqual(server.request("POST", "/v1/files", b" " * (4 << 20))[0], 400)
            with server.connect() as slow:
                slow.sendall(POST + b"Content-Length: %d\r\n\r\n" % (6 << 20) + b" " * (5 << 20))
                self.assertEqual(server.request("GET", "/health")[0], 200)
                small = server.request("POST", "/v1/chat/completions", body_of())
                self.assertEqual(small[0], 200)
                answers = []
                large = threading.Thread(target=lambda: answers.append(server.request("POST", "/v1/files", b" " * (4 << 20))))
                large.start()  # waits: both have no room
            large.join(WAIT_S)  # the slow one has left, and its memory is free
            self.assertEqual(answers[0][0], 400)  # read, and no form


def read_all(connection):
    pieces = []
    while True:
        try:
            piece = connection.recv(1 << 16)
        except ConnectionError:
            piece = b""
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def parsed(reply):
    head, _, body = reply.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    fields = {}
    for line in lines:
        name, value = line.split(": ", 1)
        assert name.lower() not in fields, f"{name} is there twice"
        fields[name.lower()] = value
    if fields.get("transfer-encoding") == "chunked":
        body = without_chunks(body)
    return int(status.split()[1]), fields, body


def without_chunks(body):
    whole = b""
    while True:
        size, _, rest = body.partition(b"\r\n")
        if int(size, 16) == 0:
            assert rest == b"\r\n", rest
            return whole
        whole += rest[: int(size, 16)]
        assert rest[int(size, 16) :].startswith(b"\r\n")
        body = rest[int(size, 16) + 2 :]


if __name__ == "__main__":
    unittest.main()
