#!/usr/bin/env python3
"""Another question about a known picture, with a model that cannot go back: hybrid.py [--quick] [--rounds N]

The decoder of Qwen 3.5 is recurrent in three layers of four, so its state cannot be put back to where the picture
ended. Fovea keeps the state that it took there; llama-server has what it keeps by itself. Both get the same model
files, threads, context and requests, in turns that alternate. A round shows two pictures of its own, one after the
other, and then asks another question about the first: what was computed for it has left the slot. Before each question
is a system text. A look after the start is not counted. Reported are the medians of the first look and of the other
question, the cached tokens of the latter, and the ratio Fovea / llama-server of each with a 95 % bootstrap interval
over rounds: below 1, Fovea is faster.

The weights are random (`fovea model synth --like qwen3.5-0.8b`), so what the model says means nothing. Times are those
of this machine at this moment. On a machine that does other work as well, --threads 1 says most.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench/paper"), str(ROOT / "bench/serve")]
import agent_loop  # noqa: E402  (drawn screens, intervals, versions)
import first_look  # noqa: E402  (screens as data: URLs)
import servers  # noqa: E402  (starts and stops both)

SYSTEM = "You look at screens and say in a few words what a person should do next."


def ask(peer, url, question, tokens):
    """Milliseconds, and how many tokens of the prompt were not read."""
    parts = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": question}]
    body = json.dumps({"model": "any", "temperature": 0, "max_tokens": tokens,
                       "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": parts}]})
    request = urllib.request.Request(peer["url"] + "/v1/chat/completions", body.encode(),
                                     {"Content-Type": "application/json"})
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=first_look.SECONDS_MAX) as reply:
        usage = json.load(reply)["usage"]
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    return 1000 * (time.perf_counter() - began), cached


def ratio(looks, seed):
    """Fovea / llama-server with its interval."""
    middle, low, high = agent_loop.ratio_with_interval([ms for ms, _ in looks["fovea"]],
                                                       [ms for ms, _ in looks["llama-server"]], seed)
    return f"{middle:.3f} ({low:.3f} to {high:.3f})"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", type=Path, default=ROOT / "build/models/qwen3.5-0.8b")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--size", type=int, nargs=2, default=[512, 384], metavar="PIXELS", help="width and height")
    arguments.add_argument("--tokens", type=int, default=4)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--seed", type=int, default=19)
    arguments.add_argument("--program", default="fovea")
    arguments.add_argument("--quick", action="store_true", help="one round: to see that it works")
    options = arguments.parse_args()
    decoder = next((path for path in options.model.glob("*.gguf") if not path.name.startswith("mmproj")), None)
    if decoder is None:
        sys.exit(f"no model in {options.model}: fovea model synth --like qwen3.5-0.8b --out {options.model}")
    started = servers.commands(str(decoder), str(next(options.model.glob("mmproj*.gguf"))), str(options.threads))
    started["fovea"]["command"][0] = options.program
    print(f"{agent_loop.version(options.program)}; llama-server {agent_loop.version('llama-server')}; {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f} before; {decoder.name}, pictures of {options.size[0]} x {options.size[1]}\n")
    first, other = ({name: [] for name in started} for _ in range(2))
    with tempfile.TemporaryDirectory(prefix="hybrid-") as place:
        try:
            servers.start(Path(place), started)
            for peer in started.values():  # not counted: both read their files, and Fovea packs weights
                ask(peer, first_look.screen(options.seed, *options.size), "What is this?", options.tokens)
            for number in range(1 if options.quick else options.rounds):
                known, between = (first_look.screen(options.seed * 1000 + 2 * number + i, *options.size) for i in (0, 1))
                for name in list(started) if number % 2 == 0 else list(started)[::-1]:
                    peer = started[name]
                    first[name].append(ask(peer, known, f"What is on screen {number}?", options.tokens))
                    ask(peer, between, "And what is here?", options.tokens)
                    other[name].append(ask(peer, known, f"Which button comes next, in step {number}?", options.tokens))
        finally:
            servers.stop({name: server for name, server in started.items() if "pid" in server})
    print("| | first look, ms | other question, ms | cached tokens |\n|---|--:|--:|--:|")
    for name in started:
        print(f"| {name} | {statistics.median(ms for ms, _ in first[name]):.0f} | "
              f"{statistics.median(ms for ms, _ in other[name]):.0f} | {statistics.median(cached for _, cached in other[name]):.0f} |")
    print(f"| fovea / llama-server | {ratio(first, options.seed)} | {ratio(other, options.seed)} | |")


if __name__ == "__main__":
    main()
