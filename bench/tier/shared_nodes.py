#!/usr/bin/env python3
"""Two servers and one Valkey: shared_nodes.py [--program BIN] [--model FILE --mmproj FILE] [--rounds N] [--size WxH]

Two `fovea serve` on this machine share a valkey-server. New pictures in each round:
  - the first server sees a picture, and has to encode it;
  - the second one then sees it for the first time, in three ways: with the same question (the answer is shared), with
    another question (the prefix is), and behind another system message (the embeddings are);
  - both are asked at once about one that neither has seen, with different questions. It should be encoded once.
Both servers and Valkey run on the same processors. The first round only warms up and is not counted. Times are the
client's, of answers of one token, and ratios are within this run. "Encode" is that stage of the server's own times.

A model with SmolVLM-256M's shape, for --model and --mmproj:
    fovea model synth --like smolvlm-256m --out DIR --preproc 1024
"""

import argparse
import base64
import contextlib
import http.client
import io
import json
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "models/tiny"
WAIT_S = 120
BESIDE = ("the same question", "another question", "another system message")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, log, answers):
    with open(log, "wb") as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        end = time.monotonic() + WAIT_S
        while not answers():
            if child.poll() is not None or time.monotonic() > end:
                sys.exit(f"{command[0]} did not start:\n{Path(log).read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        child.terminate()
        child.wait()


class Server:
    def __init__(self, port):
        self.port = port

    def request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        began = time.perf_counter()
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        reply = connection.getresponse()
        text = reply.read()
        took_ms = 1000 * (time.perf_counter() - began)
        connection.close()
        if reply.status != 200:
            sys.exit(f"{path}: {reply.status} {text[:500]}")
        return took_ms, reply.headers, text

    def answers(self):
        with contextlib.suppress(OSError):
            return self.request("GET", "/health") is not None
        return False

    def ask(self, picture, question, system=None):
        content = [{"type": "image_url", "image_url": {"url": picture}}, {"type": "text", "text": question}]
        messages = [{"role": "system", "content": system}] if system else []
        body = {"temperature": 0, "max_tokens": 1, "messages": [*messages, {"role": "user", "content": content}]}
        took_ms, headers, _ = self.request("POST", "/v1/chat/completions", json.dumps(body))
        return Asked(took_ms, headers)

    def settled(self):
        """What it has written of each kind, once nothing waits to be written."""
        before = None
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            tier = json.loads(self.request("GET", "/v1/cache/stats")[2])["tiers"][0]
            written = {level["level"]: level["written"] for level in tier["levels"]}
            if tier["queued"] == 0 and written == before:  # one may be on its way when none waits
                return written
            before = written
            time.sleep(0.05)
        sys.exit("what was to be written was not")


class Asked:
    def __init__(self, took_ms, headers):
        self.ms = took_ms
        stages = dict(re.findall(r"(\w+);dur=([\d.]+)", headers.get("Server-Timing", "")))
        self.encode_ms = float(stages.get("encode", 0))
        self.cache = headers.get("Cache-Status", "")


def picture(number, size):
    """Noise, so that no tile of it equals another, as a data URL."""
    width, height = size
    small = Image.frombytes("RGB", (width // 8, height // 8), os.urandom(width // 8 * (height // 8) * 3))
    buffer = io.BytesIO()
    small.resize(size, Image.NEAREST).save(buffer, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


class Rounds:
    def __init__(self, first, second, size):
        self.nodes = (first, second)
        self.size = size
        self.number = 0
        self.first, self.encode, self.tiles = [], [], []
        self.second = {name: [] for name in BESIDE}
        self.at_once, self.encoded_at_once, self.written_at_once = [], [], []

    def new_picture(self):
        self.number += 1
        return picture(self.number, self.size)

    def one_after_the_other(self, counted):
        for name, question, system, level in zip(BESIDE, ("What is it?", "And where?", "What is it?"),
                                                 (None, None, "Answer briefly."), ("response", "prefix", "embedding")):
            shown = self.new_picture()
            before = self.nodes[0].settled()["embedding"]
            first = self.nodes[0].ask(shown, "What is it?")
            tiles = self.nodes[0].settled()["embedding"] - before
            second = self.nodes[1].ask(shown, question, system)
            if f"fovea-{level}; hit; detail=shared" not in second.cache:
                print(f"NOT AS EXPECTED: {name}: {second.cache}")
            if not counted:
                continue
            self.first.append(first.ms)
            self.encode.append(first.encode_ms)
            self.tiles.append(tiles)
            self.second[name].append(second.ms)

    def both_at_once(self, counted):
        shown = self.new_picture()
        before = sum(node.settled()["embedding"] for node in self.nodes)
        asked = [None, None]

        def ask(i):
            gate.wait()
            asked[i] = self.nodes[i].ask(shown, ("What is it?", "And where?")[i])

        gate = threading.Barrier(2)
        threads = [threading.Thread(target=ask, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        written = sum(node.settled()["embedding"] for node in self.nodes) - before
        if counted:
            self.at_once.append([each.ms for each in asked])
            self.encoded_at_once.append(sum(each.encode_ms > 0 for each in asked))
            self.written_at_once.append(written)

    def print(self):
        first, encode = statistics.median(self.first), statistics.median(self.encode)
        print(f"{'first look of the first server':<52}{first:>10.1f} ms, {encode:.1f} ms of it encoding "
              f"{statistics.mode(self.tiles)} tiles")
        for name, times in self.second.items():
            middle = statistics.median(times)
            print(f"{'first look of the second, ' + name:<52}{middle:>10.1f} ms  {middle / encode:.3f} of an encode "
                  f"({min(times) / encode:.3f} to {max(times) / encode:.3f}), {middle / first:.3f} of a first look")
        sooner = statistics.median(min(pair) for pair in self.at_once)
        later = statistics.median(max(pair) for pair in self.at_once)
        print(f"{'both at once, the first answer':<52}{sooner:>10.1f} ms  {sooner / first:.3f} of a first look alone")
        print(f"{'both at once, the second answer':<52}{later:>10.1f} ms  {later / first:.3f} of a first look alone")
        print(f"both at once: tiles written by the two {self.written_at_once}, of a picture {statistics.mode(self.tiles)}; "
              f"servers that encoded {self.encoded_at_once}, of 2")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/bin/fovea"))
    parser.add_argument("--model", default=str(TINY / "fovea-tiny.gguf"))
    parser.add_argument("--mmproj", default=str(TINY / "fovea-tiny-mmproj.gguf"))
    parser.add_argument("--threads", help="of each server (default: half of the processors)",
                        default=str(max(1, os.cpu_count() // 2)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", default="1024x512", help="of a picture")
    parser.add_argument("--quick", action="store_true", help="2 rounds, to see that it works")
    flags = parser.parse_args()
    rounds = 2 if flags.quick else flags.rounds
    size = tuple(int(side) for side in flags.size.split("x"))

    with tempfile.TemporaryDirectory(prefix="fovea-shared-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        (folder / "fleet.key").write_text(secrets.token_hex(32))
        port = free_port()

        def valkey_answers():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            return False

        stack.enter_context(running(["valkey-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir",
                                     name], folder / "valkey.log", valkey_answers))
        servers = []
        for i in range(2):
            server = Server(free_port())
            command = [flags.program, "serve", "--port", str(server.port), "-m", flags.model, "--mmproj", flags.mmproj,
                       "--threads", flags.threads, "--shared", f"valkey://127.0.0.1:{port}", "--fleet-key-file",
                       str(folder / "fleet.key")]
            stack.enter_context(running(command, folder / f"server-{i}.log", server.answers))
            servers.append(server)
        print(f"{Path(flags.model).name}, pictures of {flags.size}, {rounds} rounds, {os.cpu_count()} processors, "
              f"{flags.threads} threads a server")
        run = Rounds(*servers, size)
        for i in range(rounds + 1):
            run.one_after_the_other(i > 0)
            run.both_at_once(i > 0)
        run.print()


if __name__ == "__main__":
    main()
