"""What a server computed outlives it, and is shared by those who may see it: a real server, a real disk, a real Valkey.

The programs are started on free ports and stopped by their process ids.
"""

import http.client
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import zlib
from pathlib import Path

from http_server_test import Server, png, question_about, sample

PICTURES = ("one.png", "two.png", "three.png", "four.png")
QUESTIONS = ("How many shapes are there?", "What color is the square?", "What is it?")
WAIT_S = 60
KILLS = int(os.environ.get("FOVEA_KILLS") or 3)  # HACKING.md: a hundred of them


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
    """Until so many entries were written to tiers, or were not worth it: on a busy machine, where a tiling is made as fast."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        stats = json.loads(server.request("GET", "/v1/cache/stats")[2])
        if sum(level["written"] + level["not_worth"] for tier in stats["tiers"] for level in tier["levels"]) >= count:
            return stats
    raise AssertionError(f"not written: {stats}")


def responses_kept(server):
    """In memory."""
    levels = json.loads(server.request("GET", "/v1/cache/stats")[2])["levels"]
    return next(level["entries"] for level in levels if level["level"] == "response")


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


class WithValkey(Folder):
    def setUp(self):
        super().setUp()
        self.valkey = Valkey(self.folder)
        self.addCleanup(lambda: self.valkey.child.poll() is None and self.valkey.stop())
        self.key = self.folder / "fleet.key"
        self.key.write_text(secrets.token_hex(32))

    def flags(self, key=None):
        return ["--shared", f"valkey://127.0.0.1:{self.valkey.port}", "--fleet-key-file", str(key or self.key)]


class Shared(WithValkey):
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

    def test_what_one_removes_the_others_do_not_find(self):
        with Server(*self.flags()) as first:
            with Server(*self.disk(), *self.flags()) as second:
                for picture in ("three.png", "one.png"):
                    first.ask(sample(picture), QUESTIONS[0])
                written(first, 10)
                for picture in ("three.png", "one.png"):
                    second.ask(sample(picture), QUESTIONS[0])
                written(second, 4)  # on its disk: aliases and answers
                body = first.request("POST", "/v1/chat/completions", question_about(sample("three.png"), QUESTIONS[0]))
                key = body[1]["Fovea-Image-Keys"]
                self.assertEqual(first.request("DELETE", f"/v1/cache/images/{key}")[0], 200)
                end = time.monotonic() + WAIT_S
                while responses_kept(second) > 1 and time.monotonic() < end:
                    time.sleep(0.02)
                self.assertEqual(responses_kept(second), 1)
                self.assertIn("fovea-response; hit", second.ask(sample("one.png"), QUESTIONS[0])[1])
            first.request("POST", "/v1/cache/reset")
            with Server(*self.disk(), *self.flags()) as second:  # it was down
                for picture in ("three.png", "one.png"):
                    self.assertNotIn("hit", second.ask(sample(picture), QUESTIONS[0])[1])

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


class Encrypted(WithValkey):
    def flags(self, key=None):
        return [*super().flags(key), "--encrypt-tiers"]

    def test_nodes_share_and_a_reset_reaches_a_disk_that_is_away(self):
        with Server(*self.disk(), *self.flags()) as first:
            answer = first.ask(sample("three.png"), QUESTIONS[0])
            written(first, 10)  # five in each of two tiers
        disk = self.folder / "disk"
        disk.rename(self.folder / "taken away")
        with Server(*self.flags()) as second, Server(*super().flags()) as in_the_clear:
            again = second.ask(sample("three.png"), QUESTIONS[0])
            self.assertEqual(text_of(again), text_of(answer))
            self.assertEqual(again[1], "fovea-response; hit; detail=shared")
            self.assertNotIn("hit", in_the_clear.ask(sample("three.png"), QUESTIONS[0])[1])
        (self.folder / "taken away").rename(disk)
        with Server(*self.disk(), *self.flags()) as same:
            self.assertEqual(same.ask(sample("three.png"), QUESTIONS[0])[1], "fovea-response; hit; detail=disk")
        shutil.copytree(disk, self.folder / "copy")
        with Server(*self.flags()) as second:
            self.assertEqual(second.request("POST", "/v1/cache/reset")[0], 200)
        with Server("--disk-cache", str(self.folder / "copy"), *self.flags()) as thief:
            self.assertNotIn("hit", thief.ask(sample("three.png"), QUESTIONS[0])[1])


class Killed(WithValkey):
    def test_under_load_at_any_moment(self):
        with Server("--embedding-cache", "0", "--prefix-cache", "0", "--response-cache", "0") as server:
            right = {(p, q): text_of(server.ask(sample(p), q)) for p in PICTURES for q in QUESTIONS}
        seed = secrets.randbits(32)
        dice = random.Random(seed)
        run = KilledUnderLoad(right)
        slowest_s = 0
        for kill in range(KILLS):
            began = time.monotonic()
            with Server(*self.disk(), *self.flags()) as server:
                slowest_s = max(slowest_s, time.monotonic() - began)
                run.expect_all_is_well(server)
                threads = [threading.Thread(target=run.until_killed, args=(each, server, dice.randrange(1 << 30)))
                           for each in (run.ask, run.ask, run.purge)]
                for thread in threads:
                    thread.start()
                time.sleep(dice.uniform(0, 0.5))
                self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)
                for thread in threads:
                    thread.join()
            self.assertEqual(run.wrong, [], f"kill {kill} of seed {seed}")
        with Server(*self.disk(), *self.flags()) as server:
            run.expect_all_is_well(server)
        self.assertEqual(run.wrong, [], f"the last start of seed {seed}")
        self.assertLess(slowest_s, WAIT_S)
        if KILLS > 3:
            print(f"{KILLS} kills: {run.asked} answers, {run.hits} of them with something from a tier, {run.looked_for} "
                  f"purged pictures looked for; the slowest start took {slowest_s:.2f} s")


class KilledUnderLoad:
    """What is asked of a server until it is killed, and what must hold of the next one."""

    def __init__(self, right):
        self.right = right  # the answers without a cache, by picture and question
        self.purged = []  # pictures whose purge was acknowledged, that nobody asked about since
        self.pictures = self.asked = self.hits = self.looked_for = 0
        self.wrong = []

    def until_killed(self, step, server, seed):
        dice = random.Random(seed)
        try:
            while True:
                step(server, dice)
        except (OSError, ValueError, http.client.HTTPException):
            pass  # it was killed

    def ask(self, server, dice):
        self.expect_right(server, (dice.choice(PICTURES), dice.choice(QUESTIONS)))

    def expect_right(self, server, asked):
        answer = server.ask(sample(asked[0]), asked[1])
        self.asked += 1
        self.hits += "detail=" in answer[1]
        if text_of(answer) != self.right[asked]:
            self.wrong.append((asked, answer))

    def purge(self, server, dice):
        self.pictures += 1
        shown = picture_like_no_other(self.pictures)
        keys = server.request("POST", "/v1/chat/completions", question_about(shown, QUESTIONS[0]))[1]["Fovea-Image-Keys"]
        time.sleep(dice.choice((0, 0, 0, 0.02)))  # it may be written by then, or not, or be on its way
        if dice.randrange(10) == 0:
            status = server.request("POST", "/v1/cache/reset")[0]
        else:
            status = server.request("DELETE", f"/v1/cache/images/{keys}")[0]
        if status == 200:
            self.purged.append(shown)
        else:
            self.wrong.append(("a purge", status))

    def expect_all_is_well(self, server):
        for shown in self.purged:
            found = server.ask(shown, QUESTIONS[0])[1]
            self.looked_for += 1
            if "hit" in found:
                self.wrong.append(("a purged picture", found))
        self.purged.clear()
        for asked in self.right:
            self.expect_right(server, asked)


def picture_like_no_other(number):
    side = 64
    low, high = number % 256, number // 256
    rows = b"".join(b"\0" + bytes((low + high * x + x * y) % 256 for x in range(3 * side)) for y in range(side))
    return png(side, side, zlib.compress(rows))


if __name__ == "__main__":
    unittest.main()
