"""What a server computed outlives it, and is shared by those who may see it: a real server, a real disk, a real Valkey.

The programs are started on free ports and stopped by their process ids.
"""

import http.client
import json
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from http_server_test import Server, question_about, sample

PICTURES = ("one.png", "two.png", "three.png", "four.png")
QUESTIONS = ("How many shapes are there?", "What color is the square?", "What is it?")
WAIT_S = 60


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="fovea-tiers-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def disk(self):
        return ["--disk-cache", str(self.folder / "disk"), "--disk-size", "256MiB"]


def text_of(answer):
    status, _, reply = answer
    return (status, reply["choices"][0]["message"]["content"])


def written(server, count):
    """Until so many entries were written to tiers."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        stats = json.loads(server.request("GET", "/v1/cache/stats")[2])
        if sum(level["written"] for tier in stats["tiers"] for level in tier["levels"]) >= count:
            return stats
    raise AssertionError(f"not written: {stats}")


class Disk(Folder):
    def test_answers_prefixes_and_embeddings_outlive_a_kill(self):
        with Server(*self.disk()) as server:
            answer = server.ask(sample("three.png"), QUESTIONS[0])
            written(server, 5)  # the alias, the tiling, the embedding, the prefix, the answer
            self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
        with Server(*self.disk()) as server:
            again = server.ask(sample("three.png"), QUESTIONS[0])
            self.assertEqual(text_of(again), text_of(answer))
            self.assertEqual(again[1], "fovea-response; hit; detail=disk")
            other = server.ask(sample("three.png"), QUESTIONS[1])
            self.assertIn("fovea-prefix; hit; detail=disk", other[1])
            behind = server.ask(sample("three.png"), QUESTIONS[0], system="Answer in a few words.")
            self.assertIn("fovea-embedding; hit; detail=disk", behind[1])
            self.assertIn(b'fovea_tier_hits_total{tier="disk",level="response"} 1', server.request("GET", "/metrics")[2])

    def test_what_was_removed_stays_removed(self):
        with Server(*self.disk()) as server:
            for picture in PICTURES[:2]:
                server.ask(sample(picture), QUESTIONS[0])
            written(server, 10)
            body = server.request("POST", "/v1/chat/completions", question_about(sample(PICTURES[0]), QUESTIONS[0]))
            key = body[1]["Fovea-Image-Keys"]
            self.assertEqual(server.request("DELETE", f"/v1/cache/images/{key}")[0], 200)
            self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
        with Server(*self.disk()) as server:
            self.assertNotIn("hit", server.ask(sample(PICTURES[0]), QUESTIONS[0])[1])
            self.assertIn("hit", server.ask(sample(PICTURES[1]), QUESTIONS[0])[1])
            server.request("POST", "/v1/cache/reset")
            self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
        with Server(*self.disk()) as server:
            self.assertNotIn("hit", server.ask(sample(PICTURES[1]), QUESTIONS[0])[1])

    def test_killed_under_load_again_and_again(self):
        with Server() as server:
            right = {(p, q): text_of(server.ask(sample(p), q)) for p in PICTURES for q in QUESTIONS}
        wrong = []

        def load(server, seed):
            try:
                for i in range(10_000):
                    asked = (PICTURES[(seed + i) % 4], QUESTIONS[(seed + i // 4) % 3])
                    answer = text_of(server.ask(sample(asked[0]), asked[1], max_tokens=16))
                    if answer != right[asked]:
                        wrong.append((asked, answer))
                    if seed == 0 and i % 7 == 6:
                        server.request("POST", "/v1/cache/reset")
            except (OSError, ValueError, http.client.HTTPException):
                pass  # it was killed

        for round_number in range(4):
            with Server(*self.disk()) as server:
                threads = [threading.Thread(target=load, args=(server, seed)) for seed in range(3)]
                for thread in threads:
                    thread.start()
                written(server, 3)
                time.sleep(0.05 * round_number)  # a kill at another moment each time
                self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
                for thread in threads:
                    thread.join()
        self.assertEqual(wrong, [])

    def test_a_second_server_reads_beside_the_first(self):
        with Server(*self.disk()) as first:
            first.ask(sample("one.png"), QUESTIONS[0])
            written(first, 5)
            with Server(*self.disk()) as second:
                self.assertEqual(second.ask(sample("one.png"), QUESTIONS[0])[1], "fovea-response; hit; detail=disk")
                self.assertEqual(second.ask(sample("two.png"), QUESTIONS[0])[0], 200)
            self.assertEqual(first.ask(sample("two.png"), QUESTIONS[0])[0], 200)


class Valkey:
    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder
        self.start()

    def start(self):
        self.child = subprocess.Popen(
            ["valkey-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL)
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    connection.sendall(b"PING\r\n")
                    if connection.recv(16).startswith(b"+PONG"):
                        return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("valkey-server does not answer")

    def stop(self, how=signal.SIGKILL):
        self.child.send_signal(how)
        self.child.wait(WAIT_S)


class Shared(Folder):
    def setUp(self):
        super().setUp()
        self.valkey = Valkey(self.folder)
        self.addCleanup(lambda: self.valkey.child.poll() is None and self.valkey.stop())
        self.key = self.folder / "fleet.key"
        self.key.write_text(secrets.token_hex(32))

    def flags(self, key=None):
        return ["--shared", f"valkey://127.0.0.1:{self.valkey.port}", "--fleet-key-file", str(key or self.key)]

    def test_what_one_encoded_the_other_finds(self):
        with Server(*self.flags()) as first, Server(*self.flags()) as second:
            answer = first.ask(sample("three.png"), QUESTIONS[0])
            written(first, 5)
            again = second.ask(sample("three.png"), QUESTIONS[0])
            self.assertEqual(text_of(again), text_of(answer))
            self.assertEqual(again[1], "fovea-response; hit; detail=shared")
            self.assertIn("fovea-prefix; hit; detail=shared", second.ask(sample("three.png"), QUESTIONS[1])[1])
            first.request("POST", "/v1/cache/reset")
            with Server(*self.flags()) as third:
                self.assertNotIn("hit", third.ask(sample("three.png"), QUESTIONS[0])[1])

    def test_who_lacks_the_fleet_key_is_not_believed(self):
        other = self.folder / "other.key"
        other.write_text(secrets.token_hex(32))
        with Server(*self.flags(other)) as stranger, Server(*self.flags()) as server:
            stranger.ask(sample("three.png"), QUESTIONS[0])
            written(stranger, 5)
            self.assertNotIn("hit", server.ask(sample("three.png"), QUESTIONS[0])[1])
            self.assertRegex(server.request("GET", "/metrics")[2].decode(),
                             r'fovea_tier_doubtful_total\{tier="shared",reason="wrong_checksum"\} [1-9]')

    def test_a_server_that_is_gone_or_hangs_costs_no_answer(self):
        with Server(*self.flags()) as server:
            right = text_of(server.ask(sample("three.png"), QUESTIONS[0]))
            self.valkey.stop()
            self.assertEqual(text_of(server.ask(sample("three.png"), QUESTIONS[0])), right)
            for picture in PICTURES:
                self.assertEqual(server.ask(sample(picture), QUESTIONS[1])[0], 200)
            self.valkey.start()
            self.valkey.child.send_signal(signal.SIGSTOP)
            for picture in PICTURES:
                self.assertEqual(server.ask(sample(picture), QUESTIONS[2])[0], 200)
            self.valkey.child.send_signal(signal.SIGCONT)
            self.assertRegex(server.request("GET", "/metrics")[2].decode(),
                             r'fovea_tier_breaker_opened_total\{tier="shared"\} [1-9]')


if __name__ == "__main__":
    unittest.main()
