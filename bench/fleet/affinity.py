#!/usr/bin/env python3
"""What a balancer's choice of node is worth: affinity.py [--program BIN] [--pictures N] [--requests N] [--quick]

Nodes of `fovea serve` share a Valkey server, behind HAProxy with deploy/haproxy/haproxy.cfg. The same requests are sent
through it with three ways of choosing a node:
  - plain consistent hashing, as the file is shipped;
  - bounded load: the same with its line `hash-balance-factor`;
  - round robin, which knows no pictures.
Pictures are asked for by Zipf's law, with a question each, by several clients at once. A node's memory holds a part of
the embeddings, so that it matters where a request goes. Answers and prefixes are not kept, so each request looks for its
picture's embeddings: in the node's memory, then on the shared server, and encodes the picture where neither has them.

Each way begins with an empty fleet. `on the node` is the share of requests whose embeddings were in the memory of the node
that they met, `shared` of those that came from Valkey, and `encoded` the pictures that were computed. Times are the
client's, of answers of one token; nodes, Valkey, HAProxy and clients run on the same processors. The nodes' own counters
are read, once before and once after.
"""

import argparse
import base64
import contextlib
import http.client
import io
import itertools
import json
import os
import random
import secrets
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/deploy"), str(ROOT / "bench/tier")]
import balancer as haproxy  # noqa: E402  (starts it with the shipped file)
from shared_nodes import running  # noqa: E402

TINY = ROOT / "models/tiny"
WAIT_S = 120
NODES = 3  # as the shipped file has


def ways(factor):
    """For each way of choosing, its lines in place of the file's."""
    return {
        "consistent hashing": {},
        f"bounded load, {factor / 100:g} times": {"# hash-balance-factor 150": f"hash-balance-factor {factor}"},
        "round robin": {"balance hash var(txn.picture)": "balance roundrobin"},
    }


def connects(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def exchange(connection, method, path, body=None):
    connection.request(method, path, body)
    reply = connection.getresponse()
    text = reply.read()
    if reply.status != 200:
        sys.exit(f"{path}: {reply.status} {text[:500]}")
    return text


def embeddings_of(port):
    """Look-ups in a node's memory, hits there, and what the shared server had: hits and bytes."""
    stats = json.loads(exchange(http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S), "GET", "/v1/cache/stats"))
    level = next(each for each in stats["levels"] if each["level"] == "embedding")
    shared = next(each for each in stats["tiers"][0]["levels"] if each["level"] == "embedding")
    return level["hits"] + level["misses"], level["hits"], shared["hits"], shared["hit_bytes"]


def pictures_of(number, side, seed):
    """Noise, so that no two are alike, as data URLs."""
    dice = random.Random(seed)
    urls = []
    for _ in range(number):
        small = Image.frombytes("RGB", (side // 8, side // 8), dice.randbytes(side // 8 * (side // 8) * 3))
        buffer = io.BytesIO()
        small.resize((side, side), Image.NEAREST).save(buffer, "PNG")
        urls.append("data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode())
    return urls


def bodies_of(flags):
    """The requests, in the order in which they are asked; a picture's place in Zipf's law is its number."""
    urls = pictures_of(flags.pictures, flags.side, flags.seed)
    weights = [1 / rank ** flags.skew for rank in range(1, len(urls) + 1)]
    drawn = random.Random(flags.seed).choices(range(len(urls)), weights, k=flags.requests)
    asked = [0] * len(urls)
    for number in drawn:
        asked[number] += 1
        content = [{"type": "image_url", "image_url": {"url": urls[number]}},
                   {"type": "text", "text": f"What is it? ({asked[number]})"}]
        yield json.dumps({"temperature": 0, "max_tokens": 1, "messages": [{"role": "user", "content": content}]})


def ask_all(port, bodies, clients):
    """The seconds that all took, and each request's milliseconds."""
    todo, lock, took_ms, failed = iter(bodies), threading.Lock(), [], []

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
        while True:
            with lock:
                body = next(todo, None)
            if body is None or failed:
                return
            began = time.perf_counter()
            try:
                exchange(connection, "POST", "/v1/chat/completions", body)
            except (OSError, http.client.HTTPException, SystemExit) as error:
                failed.append(error)
                return
            with lock:
                took_ms.append(1000 * (time.perf_counter() - began))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        sys.exit(f"a request failed: {failed[0]}")
    return time.perf_counter() - began, sorted(took_ms)


def measured(flags, bodies, instead):
    """One way: a new fleet, all requests, and the counters behind them."""
    with tempfile.TemporaryDirectory(prefix="fovea-fleet-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        (folder / "fleet.key").write_text(secrets.token_hex(32))
        [valkey] = haproxy.free_ports(1)
        stack.enter_context(running(["valkey-server", "--port", str(valkey), "--bind", "127.0.0.1", "--save", "", "--dir",
                                     name], folder / "valkey.log", lambda: connects(valkey)))
        ports = []
        for number in range(NODES):
            [port] = haproxy.free_ports(1)
            command = [flags.program, "serve", "--port", str(port), "-m", flags.model, "--mmproj", flags.mmproj, "--threads",
                       flags.threads, "--embedding-cache", flags.memory, "--prefix-cache", "0", "--response-cache", "0",
                       "--shared", f"valkey://127.0.0.1:{valkey}", "--fleet-key-file", str(folder / "fleet.key")]
            stack.enter_context(running(command, folder / f"node-{number}.log", lambda port=port: connects(port)))
            ports.append(port)
        balancer = haproxy.Balancer(folder, ports, **instead)
        stack.callback(balancer.stop)
        before = [embeddings_of(port) for port in ports]
        seconds, took_ms = ask_all(balancer.port, bodies, flags.clients)
        after = [embeddings_of(port) for port in ports]
        looked_up, hits, shared, shared_bytes = (
            sum(now[i] - then[i] for now, then in zip(after, before)) for i in range(4))
        busiest = max(now[0] - then[0] for now, then in zip(after, before))
        return {"on_the_node": hits / looked_up, "shared": shared / looked_up, "encoded": looked_up - hits - shared,
                "shared_MB": shared_bytes / 1e6, "busiest_node": busiest / looked_up, "seconds": seconds,
                "mean_ms": statistics.mean(took_ms), "p95_ms": took_ms[int(0.95 * len(took_ms))]}


def print_table(flags, rounds):
    print(f"{Path(flags.model).name}, {NODES} nodes with {flags.threads} threads and {flags.memory} of memory for embeddings "
          f"each; {flags.requests} requests about {flags.pictures} pictures of {flags.side} x {flags.side}, "
          f"Zipf {flags.skew}, seed {flags.seed}; {flags.clients} clients; {os.cpu_count()} processors; "
          f"{flags.rounds} rounds in turns, medians\n")
    columns = ["on the node", "shared", "MB from it", "encoded", "busiest node", "seconds", "mean ms", "p95 ms"]
    print("| | " + " | ".join(columns) + " |\n|---|" + "--:|" * len(columns))
    for way, runs in rounds.items():
        middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        cells = [f"{middle['on_the_node']:.1%}", f"{middle['shared']:.1%}", f"{middle['shared_MB']:.2f}",
                 f"{middle['encoded']:.0f}", f"{middle['busiest_node']:.1%}", f"{middle['seconds']:.2f}",
                 f"{middle['mean_ms']:.1f}", f"{middle['p95_ms']:.1f}"]
        print(f"| {way} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/bin/fovea"))
    parser.add_argument("--model", default=str(TINY / "fovea-tiny.gguf"))
    parser.add_argument("--mmproj", default=str(TINY / "fovea-tiny-mmproj.gguf"))
    parser.add_argument("--threads", default="1", help="of each node (1)")
    parser.add_argument("--memory", default="2MiB", help="of each node, for embeddings (2MiB)")
    parser.add_argument("--pictures", type=int, default=150)
    parser.add_argument("--requests", type=int, default=1500)
    parser.add_argument("--side", type=int, default=64, help="of a picture, in pixels (64)")
    parser.add_argument("--skew", type=float, default=0.9, help="of Zipf's law (0.9)")
    parser.add_argument("--clients", type=int, default=8, help="that ask at the same time (8)")
    parser.add_argument("--factor", type=int, default=150, help="of the bounded load, in percent of the average (150)")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", metavar="FILE", help="write every run's numbers there")
    parser.add_argument("--quick", action="store_true", help="one round of 300 requests about 30 pictures")
    flags = parser.parse_args()
    if flags.quick:
        flags.rounds, flags.requests, flags.pictures, flags.memory = 1, 300, 30, "400KiB"
    if haproxy.PROGRAM is None:
        sys.exit("haproxy is not installed")
    bodies = list(bodies_of(flags))
    rounds = {way: [] for way in ways(flags.factor)}
    for _, (way, instead) in itertools.product(range(flags.rounds), ways(flags.factor).items()):
        rounds[way].append(measured(flags, bodies, instead))
    print_table(flags, rounds)
    if flags.json:
        Path(flags.json).write_text(json.dumps({"settings": vars(flags), "runs": rounds}, indent=1))


if __name__ == "__main__":
    main()
