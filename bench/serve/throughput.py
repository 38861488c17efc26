#!/usr/bin/env python3
"""Reading and writing beside llama-server: throughput.py [--quick] [--rounds N] [--clients 1,4,16] [--threads N] [--parts text,known,chat]

The same requests go, in turns, to fovea serve and to llama-server with the same model files, the same context, as many
slots, and one set of cells for all slots (-kvu). For each number of clients both are started anew, with that many slots
(4 for one client, as both are by default). In a round, each client sends its requests one after another, streamed, at
temperature 0; no request is ever asked twice. The parts:
  - text    a new question of some 150 tokens,
  - known   another question about a picture that both know,
  - chat    a turn of one of three conversations about known pictures, which come in turns; each turn carries those
            before it.

The model has SmolVLM-256M's shape and random weights. Reported for each part and number of clients: the median time to the first text, tokens a second, the
processor time of a round, and the ratios of rounds (above 1: Fovea is faster) with 95 % bootstrap intervals. On a machine that does other work as well, --threads 1
and the processor time say most: threads that wait for each other use processor time too.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench/paper"), str(ROOT / "bench/serve")]
import agent_loop  # noqa: E402  (pictures and versions)
import servers  # noqa: E402  (starts and stops both)

ANSWER_SECONDS_MAX = 900
BOOTSTRAPS = 4000
CONVERSATIONS, TURNS = 3, 3
DEFAULT_SLOTS = 4
WORDS = agent_loop.WORDS
PARTS = ("text", "known", "chat")


@dataclass
class Round:
    s: float = 0
    cpu_s: float = 0
    first_ms: list = field(default_factory=list)
    tokens: int = 0


def words(rng, count):
    return " ".join(rng.choices(WORDS, k=count)) + "?"


def user(text, *parts):
    return {"role": "user", "content": [*parts, {"type": "text", "text": text}]}


class Peer:
    def __init__(self, name, server, options):
        self.name, self.pid, self.options = name, server["pid"], options
        self.address = server["url"].removeprefix("http://")

    def cpu_s(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ask(self, messages):
        """How long the first text took, ms, and how many tokens came."""
        body = {"model": "any", "messages": messages, "temperature": 0, "max_tokens": self.options.tokens, "stream": True,
                "stream_options": {"include_usage": True}}
        connection = http.client.HTTPConnection(self.address, timeout=ANSWER_SECONDS_MAX)
        began, first, usage = time.perf_counter(), None, None
        with contextlib.closing(connection):
            connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
            reply = connection.getresponse()
            if reply.status != 200:
                sys.exit(f"{self.name}: {reply.status} {reply.read(500).decode(errors='replace')}")
            for line in reply:
                if not line.startswith(b"data: {"):
                    continue
                event = json.loads(line[6:])
                usage = event.get("usage") or usage
                if first is None and any(choice["delta"].get("content") for choice in event["choices"]):
                    first = 1000 * (time.perf_counter() - began)
        ended = 1000 * (time.perf_counter() - began)
        return first if first is not None else ended, usage["completion_tokens"]


def requests_of(part, seed, pictures, client, options):
    """The messages of each request that a client sends in a round."""
    rng = random.Random(f"{part} {seed} {client}")
    if part == "text":
        return [[user(words(rng, 30))] for _ in range(options.requests)]
    if part == "known":
        return [[user(words(rng, 8), pictures[rng.randrange(len(pictures))])] for _ in range(options.requests)]
    talks = [[user(words(rng, 8), pictures[number % len(pictures)])] for number in range(CONVERSATIONS)]
    sent = []
    for turn in range(TURNS):
        for talk in talks:
            if turn:
                talk += [{"role": "assistant", "content": words(rng, 6)}, user(words(rng, 8))]
            sent.append(list(talk))
    return sent


def run_round(peer, part, seed, pictures, clients, options):
    result, lock = Round(), threading.Lock()
    work = [requests_of(part, seed, pictures, client, options) for client in range(clients)]

    def client_runs(requests):
        for messages in requests:
            first, tokens = peer.ask(messages)
            with lock:
                result.first_ms.append(first)
                result.tokens += tokens

    cpu, began = peer.cpu_s(), time.perf_counter()
    threads = [threading.Thread(target=client_runs, args=(requests,)) for requests in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.s, result.cpu_s = time.perf_counter() - began, peer.cpu_s() - cpu
    return result


def interval(theirs, ours, seed):
    """The ratio theirs / ours of sums over paired rounds, with its interval."""
    rng, pairs = random.Random(seed), list(zip(theirs, ours, strict=True))
    draws = sorted(sum(t for t, _ in drawn) / sum(o for _, o in drawn)
                   for drawn in (rng.choices(pairs, k=len(pairs)) for _ in range(BOOTSTRAPS)))
    return f"{sum(theirs) / sum(ours):.2f} ({draws[int(0.025 * BOOTSTRAPS)]:.2f}-{draws[int(0.975 * BOOTSTRAPS)]:.2f})"


def report(part, clients, results, seed):
    for name, rounds in results.items():
        first = statistics.median(ms for each in rounds for ms in each.first_ms)
        speed = sum(each.tokens for each in rounds) / sum(each.s for each in rounds)
        cpu = statistics.median(each.cpu_s for each in rounds)
        print(f"| {part} | {clients} | {name} | {first:.0f} | {speed:.1f} | {cpu:.2f} | | | |")
    ours, theirs = results["fovea"], results["llama-server"]
    first = interval([statistics.mean(r.first_ms) for r in theirs], [statistics.mean(r.first_ms) for r in ours], seed)
    # Time a token, since an answer that ends early is no fast one.
    whole = interval([r.s / r.tokens for r in theirs], [r.s / r.tokens for r in ours], seed)
    cpu = interval([r.cpu_s / r.tokens for r in theirs], [r.cpu_s / r.tokens for r in ours], seed)
    print(f"| {part} | {clients} | ratio | | | | {first} | {whole} | {cpu} |", flush=True)


def commands(options, slots):
    model = str(next(options.model.glob("smolvlm*.gguf"))), str(next(options.model.glob("mmproj*.gguf")))
    started = servers.commands(*model, str(options.threads))
    started["fovea"]["command"] += ["--parallel", str(slots)]
    llama = started["llama-server"]["command"]
    llama[llama.index("-np") + 1] = str(slots)
    llama += ["-kvu"]
    return started


def measure(options, clients):
    slots = max(clients, DEFAULT_SLOTS)
    with tempfile.TemporaryDirectory(prefix="throughput-") as place:
        started = commands(options, slots)
        try:
            servers.start(Path(place), started)
            peers = [Peer(name, server, options) for name, server in started.items()]
            pictures = [agent_loop.image_part(agent_loop.Desktop(options.seed + number).png()) for number in range(2)]
            if set(options.parts) != {"text"}:
                for peer in peers:
                    for picture in pictures:
                        peer.ask([user("Look at this.", picture)])
            for part in options.parts:
                results = {peer.name: [] for peer in peers}
                for number in range(options.rounds + 1):  # the first only warms up
                    for peer in peers if number % 2 == 0 else peers[::-1]:
                        one = run_round(peer, part, options.seed * 1000 + number, pictures, clients, options)
                        if number:
                            results[peer.name].append(one)
                report(part, clients, results, options.seed)
        finally:
            servers.stop({name: server for name, server in started.items() if "pid" in server})


def configuration(options):
    cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), "unknown processor")
    print(f"model {options.model.name}, {options.rounds} rounds, {options.requests} requests a client and round, {options.tokens} "
          f"tokens an answer, context {servers.CONTEXT_TOKENS}, {options.threads} threads, one slot a client but at least "
          f"{DEFAULT_SLOTS}; {agent_loop.version('fovea')}; llama-server {agent_loop.version('llama-server')}; {cpu}, "
          f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before\n", flush=True)
    print("| part | clients | | first text, ms | tokens/s | processor s a round | first text | time a token | processor time a token |")
    print("|---|--:|---|--:|--:|--:|--:|--:|--:|", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--requests", type=int, default=4, help="a client sends in a round; a chat sends 9")
    arguments.add_argument("--clients", default="1,4,16")
    arguments.add_argument("--parts", default=",".join(PARTS))
    arguments.add_argument("--tokens", type=int, default=32)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--seed", type=int, default=23)
    arguments.add_argument("--model", type=Path, default=ROOT / "build/models/smolvlm-256m-512",
                           help="a folder that `fovea model synth --like smolvlm-256m` wrote")
    arguments.add_argument("--quick", action="store_true", help="one round of few requests: to see that it works")
    options = arguments.parse_args()
    options.parts = options.parts.split(",")
    if not set(options.parts) <= set(PARTS):
        sys.exit(f"parts are {', '.join(PARTS)}")
    if options.quick:
        options.rounds, options.requests, options.clients, options.tokens = 1, 1, "1,4", 8
    if not list(options.model.glob("smolvlm*.gguf")):
        sys.exit(f"no model in {options.model}: fovea model synth --like smolvlm-256m --preproc 512 --out {options.model}")
    configuration(options)
    for clients in map(int, options.clients.split(",")):
        measure(options, clients)


if __name__ == "__main__":
    main()
