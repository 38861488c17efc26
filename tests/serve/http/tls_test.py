"""`fovea serve --tls-cert --tls-key`, as clients that check certificates meet it; its certificates are made by openssl.

The program is the one that FOVEA_PROGRAM names.
"""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from http_server_test import PROGRAM, WAIT_S, Server, question_about, sample

QUESTION = {"temperature": 0, "max_tokens": 8, "messages": [{"role": "user", "content": "Hello"}]}
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


class Certificates:
    """A folder with root.pem, inter.pem that root signed, and what inter signs."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        authority = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
        self.sign("root", None, *authority)
        self.sign("inter", "root", *authority)

    def path(self, name):
        return Path(self.folder.name) / name

    def sign(self, name, signer, *extensions):
        by = ("-CA", self.path(signer + ".pem"), "-CAkey", self.path(signer + ".key")) if signer else ()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", f"/CN={name}", "-keyout", self.path(name + ".key"), "-out",
                        self.path(name + ".pem"), *by, *extensions], check=True, stderr=subprocess.DEVNULL)

    def server(self, name):
        """NAME.key, and NAME.pem with the chain up to root."""
        # no old name of ours, but X.509's:
        self.sign(name, "inter", "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1")
        own = self.path(name + ".pem")
        own.write_bytes(own.read_bytes() + self.path("inter.pem").read_bytes())

    def flags(self, name):
        return "--tls-cert", str(self.path(name + ".pem")), "--tls-key", str(self.path(name + ".key"))


class TlsServer(Server):
    """One that is asked over TLS, by clients that know the authority alone."""

    def __init__(self, certificates, *flags):
        self.context = ssl.create_default_context(cafile=certificates.path("root.pem"))
        self.child = subprocess.Popen([PROGRAM, "serve", "--port", "0", *flags], stderr=subprocess.PIPE,
                                      stdout=subprocess.DEVNULL, text=True)
        self.lines = []
        for line in self.child.stderr:
            if found := re.search(r" at https://127\.0\.0\.1:(\d+)$", line):
                self.port = int(found[1])
                break
        else:
            raise AssertionError(f"fovea serve ended with {self.child.wait()}")
        self.log = threading.Thread(target=lambda: self.lines.extend(iter(self.child.stderr.readline, "")))
        self.log.start()

    def in_the_clear(self):
        return socket.create_connection(("127.0.0.1", self.port), WAIT_S)

    def connect(self, context=None):
        # The end of a connection without TLS's own is an error then.
        return (context or self.context).wrap_socket(self.in_the_clear(), server_hostname="127.0.0.1",
                                                     suppress_ragged_eofs=False)

    @contextlib.contextmanager
    def client(self):
        client = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=WAIT_S, context=self.context)
        yield client
        client.close()

    def serial(self):
        with self.connect() as connection:
            return connection.getpeercert()["serialNumber"]

    def reload(self):
        """What the log says of it."""
        self.child.send_signal(signal.SIGHUP)
        ends = time.monotonic() + WAIT_S
        while time.monotonic() < ends:
            if told := [line for line in list(self.lines) if "certificate was read again" in line or "certificate stays" in line]:
                self.lines.clear()
                return told[0]
            time.sleep(0.01)
        raise AssertionError("the log says nothing")


def read_all(connection):
    return b"".join(iter(lambda: connection.recv(1 << 16), b""))


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()
        for name in ("one", "two"):
            cls.certificates.server(name)
        cls.put("one", "one")
        cls.server = TlsServer(cls.certificates, *cls.certificates.flags("used"))

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0
        cls.certificates.folder.cleanup()

    @classmethod
    def put(cls, certificate, key):
        path = cls.certificates.path
        shutil.copy(path(certificate + ".pem"), path("used.pem"))
        shutil.copy(path(key + ".key"), path("used.key"))

    def ask(self, client, body, **headers):
        client.request("POST", "/v1/chat/completions", body, headers)
        reply = client.getresponse()
        return reply.status, reply.headers, reply.read()

    def test_a_connection_is_kept_for_requests_of_every_kind(self):
        picture = question_about(sample("one.png"), "What is it?")
        with self.server.client() as client:
            client.request("GET", "/health")
            self.assertEqual(client.getresponse().read(), b'{"status":"ok"}')
            kept = client.sock
            self.assertEqual(self.ask(client, picture)[0], 200)
            status, headers, _ = self.ask(client, picture)
            self.assertEqual((status, headers["Cache-Status"].split(";")[:2]), (200, ["fovea-response", " hit"]))
            status, headers, streamed = self.ask(client, json.dumps({**QUESTION, "stream": True}))
            self.assertEqual((status, headers["Transfer-Encoding"]), (200, "chunked"))
            self.assertTrue(streamed.endswith(b"data: [DONE]\n\n"))
            large = json.dumps({**QUESTION, "metadata": {"x": "y" * (6 << 20)}})
            self.assertEqual(self.ask(client, large)[0], 200)
            self.assertIs(client.sock, kept)

    def test_version_and_protocol(self):
        context = ssl.create_default_context(cafile=self.certificates.path("root.pem"))
        context.set_alpn_protocols(["h2", "http/1.1"])
        with self.server.connect(context) as connection:
            self.assertEqual((connection.version(), connection.selected_alpn_protocol()), ("TLSv1.3", "http/1.1"))
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.server.connect(context) as connection:
            self.assertEqual(connection.version(), "TLSv1.2")
            connection.sendall(HEALTH.replace(b"1.1", b"1.0"))
            self.assertTrue(read_all(connection).startswith(b"HTTP/1.1 200"))

    def test_requests_that_come_in_one_record(self):
        with self.server.connect() as connection:
            connection.sendall(HEALTH * 3 + HEALTH.replace(b"1.1", b"1.0"))
            self.assertEqual(read_all(connection).count(b"HTTP/1.1 200"), 4)
        body = json.dumps(QUESTION).encode()
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
        with self.server.connect() as connection:
            connection.sendall(head + body + HEALTH.replace(b"1.1", b"1.0"))
            self.assertEqual(read_all(connection).count(b"HTTP/1.1 200"), 2)

    def test_the_end_of_a_stream_without_chunks_is_told(self):
        body = json.dumps({**QUESTION, "stream": True}).encode()
        with self.server.connect() as connection:
            connection.sendall(b"POST /v1/chat/completions HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            self.assertTrue(read_all(connection).endswith(b"data: [DONE]\n\n"))

    def test_a_client_that_leaves_in_a_stream_stops_its_request(self):
        endless = json.dumps({**QUESTION, "stream": True, "max_tokens": 3000, "logit_bias": {"1218": -100}}).encode()
        with self.server.connect() as connection:
            connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(endless) + endless)
            while b"data: " not in connection.recv(1 << 16):
                pass
        ends = time.monotonic() + WAIT_S
        with self.server.client() as client:
            while time.monotonic() < ends:
                client.request("GET", "/slots")
                if not any(slot["is_processing"] for slot in json.loads(client.getresponse().read())):
                    return
                time.sleep(0.02)
        self.fail("it goes on")

    def test_a_client_in_the_clear_is_told_so(self):
        with self.server.in_the_clear() as connection:
            connection.sendall(HEALTH)
            reply = read_all(connection)
        self.assertTrue(reply.startswith(b"HTTP/1.1 400 "), reply)
        self.assertIn(b"this port speaks HTTPS", reply)

    def test_sighup_reads_the_files_again(self):
        path, before = self.certificates.path, self.server.serial()
        with self.server.client() as kept:
            kept.request("GET", "/health")
            kept.getresponse().read()
            old_connection = kept.sock
            for name in ("two", "one", "two"):
                self.put(name, name)
                self.assertIn("valid until", self.server.reload())
                serial = self.server.serial()
                self.assertNotEqual(serial, before)
                before = serial
            for spoil, told in (
                (lambda: self.put("two", "one"), "used.key: this is not the key of the first certificate"),
                (lambda: path("used.pem").write_text("no certificate\n"), "used.pem: there is no certificate in it"),
                (lambda: path("used.pem").unlink(), "used.pem: the file cannot be read"),
            ):
                spoil()
                line = self.server.reload()
                self.assertIn(told, line)
                self.assertIn("the old certificate stays", line)
                self.assertEqual(self.server.serial(), before)
            kept.request("GET", "/health")
            self.assertEqual(kept.getresponse().status, 200)
            self.assertIs(kept.sock, old_connection)
        self.put("one", "one")
        self.server.reload()

    def test_wrong_starts(self):
        files = self.certificates
        cert, key, locked = str(files.path("one.pem")), str(files.path("one.key")), str(files.path("locked.key"))
        subprocess.run(["openssl", "pkey", "-aes128", "-passout", "pass:x", "-in", key, "-out", locked], check=True)
        settings = files.path("settings.toml")
        settings.write_text(f'tls-key = "{key}"\n')
        for flags, environment, code, told in (
            (("--tls-cert", cert), {}, 2, "--tls-cert: a certificate needs its private key: give --tls-key FILE, too"),
            ((), {"FOVEA_TLS_CERT": cert}, 2, "FOVEA_TLS_CERT"),
            (("--config", str(settings)), {}, 2, "--tls-key: a key needs its certificate: give --tls-cert FILE, too"),
            (("--tls-cert", "/no/file", "--tls-key", key), {}, 1, "/no/file: the file cannot be read (No such file"),
            (("--tls-cert", cert, "--tls-key", "/no/file"), {}, 1, "/no/file: the file cannot be read (No such file"),
            (("--tls-cert", cert, "--tls-key", str(files.path("two.key"))), {}, 2, "two.key: this is not the key of the first"),
            (("--tls-cert", cert, "--tls-key", locked), {}, 2, "locked.key: the key is encrypted"),
            (("--tls-cert", key, "--tls-key", key), {}, 2, "one.key: there is no certificate in it"),
        ):
            ended = subprocess.run([PROGRAM, "serve", "--port", "0", *flags], env={**os.environ, **environment},
                                   stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WAIT_S)
            self.assertEqual(ended.returncode, code, ended.stderr)
            self.assertIn(told, ended.stderr)


if __name__ == "__main__":
    unittest.main()
