"""`fovea serve --audit`: a server that records what it answers, in front of another real server, and what `fovea audit` says."""

import json
import os
import resource
import signal
import stat
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from http_server_test import PROGRAM, WAIT_S, Server, question_about, sample

PROFILE = Path(os.environ["FOVEA_SOURCE_DIR"]) / "samples/devices/h100.json"
SECRET = "Zanzibar"  # stands for what must not be written
CHAT = "/v1/chat/completions"


def lines_of(folder):
    return [json.loads(line) for file in sorted(folder.glob("requests-*.jsonl")) for line in file.read_text().splitlines()]


def counts_of(server):
    counts = {}
    for line in server.request("GET", "/metrics")[2].decode().splitlines():
        if line.startswith("fovea_audit_requests_total{"):
            outcome = line.split('outcome="')[1].split('"')[0]
            counts[outcome] = int(float(line.rsplit(" ", 1)[1]))
        elif line.startswith("fovea_audit_requests_waiting "):
            counts["waiting"] = int(float(line.rsplit(" ", 1)[1]))
    return counts


def settled(server, requests):
    """The counts once nothing waits and `requests` have an outcome."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        counts = counts_of(server)
        if counts["waiting"] == 0 and sum(counts.values()) >= requests:
            return counts
        time.sleep(0.01)
    raise AssertionError(f"{counts} after {WAIT_S} s")


def audited(folder):
    ran = subprocess.run([PROGRAM, "audit", str(folder), "--json"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


class InBetween(unittest.TestCase):
    """In front of another Fovea, whose answers are made up."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name) / "traffic"
        self.upstream = self.enterContext(Server("--modelled", str(PROFILE)))

    def between(self, *flags):
        return Server("--upstream", f"http://127.0.0.1:{self.upstream.port}/v1", "--audit", str(self.folder), *flags)

    def test_a_request_is_a_line_without_its_content(self):
        with self.between() as server:
            for question in ("What is it?", SECRET, SECRET):
                body = question_about(sample("one.png"), question, system=f"You are {SECRET}.", user=f"{SECRET}@example.org")
                status, _, _ = server.request("POST", CHAT, body, {"Authorization": f"Bearer {SECRET}", "User-Agent": "Shop/1.0"})
                self.assertEqual(status, 200)
            self.assertEqual(settled(server, 3)["recorded"], 3)
            self.assertEqual(server.stop(), 0)
        for file in self.folder.iterdir():
            self.assertNotIn(SECRET, file.read_text(), file)
            self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600, file)
        self.assertEqual(stat.S_IMODE(self.folder.stat().st_mode), 0o700)
        lines = lines_of(self.folder)
        self.assertEqual(len(lines), 3)
        for line in lines:
            self.assertEqual((line["client"], line["route"], line["status"]), ("Shop/1.0", CHAT, 200))
            self.assertGreater(line["prompt_tokens"], 0)
            self.assertGreater(line["answer_tokens"], 0)
            self.assertGreater(line["duration_ms"], 0)
            self.assertEqual([part["kind"] for part in line["parts"]], ["text", "image", "text"])
        hashes = [[part["hash"] for part in line["parts"]] for line in lines]
        self.assertEqual(hashes[1], hashes[2])
        self.assertEqual(hashes[0][:2], hashes[1][:2])
        self.assertNotEqual(hashes[0][2], hashes[1][2])

    def test_requests_and_answers_are_as_without_it(self):
        """Byte for byte, but for what differs every time."""
        fresh = ("date", "x-request-id")
        whole = question_about(sample("two.png"), "What is it?")
        streamed = question_about(sample("two.png"), "What is it?", stream=True)
        asked = [("POST", CHAT, whole), ("POST", CHAT, streamed), ("POST", CHAT, "{"), ("GET", "/v1/models", None),
                 ("POST", "/v1/completions", "{}"), ("POST", "/v1/messages", "{}"), ("POST", "/v1/nothing", "{}"),
                 ("POST", "/v1/responses", json.dumps({"input": "Hi", "temperature": 0, "max_output_tokens": 4}))]

        def replies(server):
            out = []
            for method, path, body in asked:
                status, headers, reply = server.request(method, path, body, {"Cache-Control": "no-cache", "X-Request-Id": "one"})
                kept = sorted((n.lower(), v) for n, v in headers.items() if n.lower() not in fresh and "timing" not in n.lower())
                text = reply.decode()
                for ends in ('"id":"', '"created":', '"created_at":', '"completed_at":'):
                    text = "".join(piece if i == 0 else piece[piece.index(","):] for i, piece in enumerate(text.split(ends)))
                out.append((path, status, [pair for pair in kept if pair[0] != "content-length"], text))
            return out

        plain = Server("--upstream", f"http://127.0.0.1:{self.upstream.port}/v1")
        with plain as without, self.between() as server:
            replies(without)  # from now on the server behind them knows all of it
            for one, other in zip(replies(without), replies(server), strict=True):
                self.assertEqual(one, other)

    def test_streams_have_the_time_of_their_first_byte(self):
        with self.between() as server:
            body = question_about(sample("three.png"), "What is it?", stream=True, stream_options={"include_usage": True})
            status, _, _ = server.request("POST", CHAT, body)
            self.assertEqual(status, 200)
            settled(server, 1)
        (line,) = lines_of(self.folder)
        self.assertLessEqual(line["first_token_ms"], line["duration_ms"])
        self.assertGreater(line["answer_tokens"], 0)

    def test_what_fails_is_recorded_with_its_status_and_what_asks_nothing_is_not(self):
        with self.between() as server:
            self.assertEqual(server.request("POST", CHAT, "{")[0], 400)
            refused = json.dumps({"messages": [{"role": "user", "content": "Hi"}], "response_format": {"type": "json_object"}})
            status = server.request("POST", CHAT, refused)[0]
            server.request("GET", "/v1/models")
            server.request("POST", "/v1/tokenize", "{}")
            counts = settled(server, 2)
        self.assertEqual((counts["unread"], counts["recorded"]), (1, 1))
        self.assertEqual([line["status"] for line in lines_of(self.folder)], [status])

    def test_an_audit_of_the_folder_says_what_came_again(self):
        with self.between() as server:
            for _ in range(2):
                for name in ("one.png", "two.png", "three.png"):
                    self.assertEqual(server.ask(sample(name), "What is it?")[0], 200)
            self.assertEqual(server.ask(sample("one.png"), "How many shapes are there?")[0], 200)
            settled(server, 7)
            found = audited(self.folder)  # while it records
        self.assertEqual(found["logs"][0]["format"], "audit")
        self.assertEqual(found["traffic"]["requests"], 7)
        self.assertEqual(found["reuse"]["pictures"]["different"], 3)
        self.assertEqual(found["reuse"]["pictures"]["same_file"], 4)
        self.assertEqual(found["reuse"]["questions"]["repeats_stored"], 3)
        self.assertGreater(found["savings"]["levels"][-1]["saved_ms"], 0)

    def test_a_restart_goes_on_with_the_same_key(self):
        for _ in range(2):
            with self.between() as server:
                self.assertEqual(server.ask(sample("one.png"), "What is it?")[0], 200)
                self.assertEqual(server.stop(), 0)  # which waits for what is not written yet
        self.assertEqual(audited(self.folder)["reuse"]["questions"]["repeats"], 1)
        self.assertEqual(len(list(self.folder.glob("requests-*.jsonl"))), 2)

    def test_two_servers_do_not_record_into_one_folder(self):
        with self.between():
            second = subprocess.run([PROGRAM, "serve", "--port", "0", "--upstream", "http://127.0.0.1:9/v1", "--audit", str(self.folder)],
                                    capture_output=True, text=True, timeout=WAIT_S)
        self.assertEqual(second.returncode, 2)
        self.assertIn("--audit: ", second.stderr)
        self.assertIn("another server", second.stderr)

    def test_a_full_disk_is_told_once_and_fails_nobody(self):
        # A limit of the size of files stands for a full disk.
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        try:
            server = Server("--upstream", f"http://127.0.0.1:{self.upstream.port}/v1", "--audit", str(self.folder))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, handler)
        with server:
            for _ in range(5):
                self.assertEqual(server.ask(sample("one.png"), "What is it?")[0], 200)
            self.assertEqual(settled(server, 5)["unwritten"], 5)
            self.assertEqual(server.stop(), 0)
        told = [line for line in server.told if "requests are answered and not recorded" in line]
        self.assertEqual(len(told), 1, server.told)
        self.assertEqual(lines_of(self.folder), [])

    def test_clients_are_told_apart_by_their_tenants(self):
        keys = self.folder.parent / "keys.toml"
        digest = subprocess.run([PROGRAM, "serve", "--hash-key"], input=SECRET, capture_output=True, text=True).stdout.strip()
        keys.write_text(f'[tenants.alice]\nkeys = ["{digest}"]\n')
        with self.between("--keys", str(keys)) as server:
            body = question_about(sample("one.png"), "What is it?")
            self.assertEqual(server.request("POST", CHAT, body)[0], 401)
            self.assertEqual(server.request("POST", CHAT, body, {"Authorization": f"Bearer {SECRET}"})[0], 200)
            settled(server, 1)
        self.assertEqual([line["client"] for line in lines_of(self.folder)], ["alice"])


class WithAModel(unittest.TestCase):
    def test_a_server_with_its_own_model_records_too(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "traffic"
            with Server("--modelled", str(PROFILE), "--audit", str(folder)) as server:
                for _ in range(2):
                    self.assertEqual(server.ask(sample("one.png"), "What is it?")[0], 200)
                body = json.dumps({"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]})
                self.assertEqual(server.request("POST", "/v1/messages", body)[0], 200)
                settled(server, 3)
            lines = lines_of(folder)
        self.assertEqual([line["route"] for line in lines], [CHAT, CHAT, "/v1/messages"])
        self.assertEqual(lines[0]["cached_tokens"], 0)
        self.assertGreater(lines[1]["cached_tokens"], 0)


if __name__ == "__main__":
    unittest.main()
