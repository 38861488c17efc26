#!/usr/bin/env python3
"""What a step of an agent costs: agent_loop.py [--quick] [--steps N] [--rounds N] [--keep N] [--model DIR]

An agent looks at a screen, calls a tool, and gets the next screen in the tool's result. Each step asks with the
conversation so far, in which the last screens (--keep, 3) are still pictures and older ones are words, as agents do to
save tokens. From one screen to the next, a part of it changes. The same requests go, in turns, to
  - fovea serve,
  - llama-server with the same model files, one slot, and the same number of tokens for a slot,
each through the openai client where the client tests have installed it (ctest -R serve.client), else through plain HTTP.

The model has SmolVLM-256M's shape and random weights, so what it says means nothing: both write --tokens tokens a step
at temperature 0, and the calls in the conversation are the script's. Its template has no tools: llama-server leaves them
and the calls out of the prompt, and Fovea writes them in its own form, so its prompts are longer. Every round has other
screens. Reported are the time of a step, tiles encoded a step (from Fovea's counters and llama-server's log), and the
ratio of the times from the second step on with a 95 % bootstrap interval over steps. Times are those of this machine at
this moment.
"""

import argparse
import base64
import contextlib
import http.client
import io
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench/paper"), str(ROOT / "build/release/tests/serve/python")]
import servers  # noqa: E402  (starts and stops both)

try:
    import openai
except ImportError:
    openai = None

WIDTH, HEIGHT = 1024, 768
ANSWER_SECONDS_MAX = 900
BOOTSTRAPS = 4000
ENCODED_LINE = re.compile(rb"encoding mtmd batch from idx = \d+, n_chunks = (\d+)")  # of llama-server; a chunk is a tile
TASK = "You operate a computer. Call click with the place of the next button. Task: send the report."
WORDS = "report total draft inbox sent archive meeting budget plan note week open send reply team figure table line".split()
TOOLS = [{"type": "function", "function": {
    "name": "click", "description": "Clicks a place on the screen; returns the new screen.",
    "parameters": {"type": "object", "required": ["x", "y"], "additionalProperties": False,
                   "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}}}]


class Desktop:
    """A drawn screen: a window with a list and a text, of which each step changes some lines and a button."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.font = ImageFont.load_default()
        self.picture = Image.new("RGB", (WIDTH, HEIGHT), tuple(self.rng.randrange(40, 200) for _ in range(3)))
        self.pen = ImageDraw.Draw(self.picture)
        for _ in range(60):  # a wallpaper
            x, y = self.rng.randrange(WIDTH), self.rng.randrange(HEIGHT)
            self.pen.ellipse([x, y, x + 90, y + 60], fill=tuple(self.rng.randrange(40, 220) for _ in range(3)))
        self.pen.rectangle([60, 50, WIDTH - 60, HEIGHT - 50], fill="white", outline="black")
        self.pen.rectangle([60, 50, WIDTH - 60, 80], fill=(50, 80, 150))
        for row in range(30):
            self.line(80, 100 + 20 * row, 30)
            self.line(400, 100 + 20 * row, 60)

    def line(self, x, y, width):
        self.pen.text((x, y), " ".join(self.rng.choices(WORDS, k=width // 6)), "black", self.font)

    def png(self):
        out = io.BytesIO()
        self.picture.save(out, "PNG")
        return out.getvalue()

    def change(self):
        """A panel of a quarter of the window's height is drawn anew."""
        top = self.rng.choice([100, 240, 420, 560])
        self.pen.rectangle([395, top, 700, top + 100], fill=(240, 240, 225), outline="gray")
        for row in range(5):
            self.line(400, top + 20 * row, 36)


@dataclass
class Step:
    ms: float
    prompt_tokens: int
    tokens: int
    encoded: int


def image_part(png):
    return {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(png).decode()}}


def called(number):
    call = {"id": f"call_{number}", "type": "function",
            "function": {"name": "click", "arguments": json.dumps({"x": 17 * number, "y": 31 * number})}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def conversation(screens, keep):
    """The messages of the step that has seen `screens`: the first is the user's, the rest are results of calls."""
    messages = []
    for number, png in enumerate(screens):
        seen = [image_part(png)] if number >= len(screens) - keep else [{"type": "text", "text": "(an older screen)"}]
        if number == 0:
            messages.append({"role": "user", "content": [{"type": "text", "text": TASK}, *seen]})
        else:
            messages += [called(number), {"role": "tool", "tool_call_id": f"call_{number}", "content": seen}]
    return messages


def runs_of_screens(seed, steps):
    desktop, screens = Desktop(seed), []
    for _ in range(steps):
        screens.append(desktop.png())
        desktop.change()
    return screens


class Peer:
    def __init__(self, name, server, log, options):
        self.name, self.url, self.log, self.options = name, server["url"], log, options
        self.client = openai and openai.OpenAI(base_url=self.url + "/v1", api_key="none", max_retries=0,
                                               timeout=ANSWER_SECONDS_MAX)

    def post(self, path, document, method="POST"):
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=ANSWER_SECONDS_MAX)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(document) if document is not None else None,
                               {"Content-Type": "application/json"})
            reply = connection.getresponse()
            body = reply.read()
            if reply.status != 200:
                sys.exit(f"{self.name}: {reply.status} {body[:500].decode(errors='replace')}")
            return json.loads(body)

    def encoded(self):
        """Tiles that were encoded since the server started."""
        if self.name == "fovea":
            levels = self.post("/v1/cache/stats", None, "GET")["levels"]
            return next(level["misses"] for level in levels if level["level"] == "embedding")
        return sum(map(int, ENCODED_LINE.findall(self.log.read_bytes())))

    def step(self, messages):
        fields = {"model": "any", "messages": messages, "tools": TOOLS, "temperature": 0, "max_tokens": self.options.tokens}
        before = self.encoded()
        began = time.perf_counter()
        if self.client:
            reply = self.client.chat.completions.create(**fields)
            usage = reply.usage.prompt_tokens, reply.usage.completion_tokens
        else:
            reply = self.post("/v1/chat/completions", fields)
            usage = reply["usage"]["prompt_tokens"], reply["usage"]["completion_tokens"]
        ms = 1000 * (time.perf_counter() - began)
        return Step(ms, *usage, self.encoded() - before)


def run(peer, screens, keep):
    return [peer.step(conversation(screens[:n + 1], keep)) for n in range(len(screens))]


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def ratio_with_interval(theirs, ours, seed):
    """theirs / ours over paired steps, and its 95 % bootstrap interval."""
    rng, pairs = random.Random(seed), list(zip(theirs, ours, strict=True))
    draws = sorted(sum(t for t, _ in drawn) / sum(o for _, o in drawn)
                   for drawn in (rng.choices(pairs, k=len(pairs)) for _ in range(BOOTSTRAPS)))
    return sum(theirs) / sum(ours), draws[int(0.025 * BOOTSTRAPS)], draws[int(0.975 * BOOTSTRAPS)]


def report(results, options):
    print("| | step 1, ms | later steps, ms | tiles encoded in step 1 | tiles a later step | prompt tokens, last step | tokens written a step |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, rounds in results.items():
        first, later = [steps[0] for steps in rounds], [step for steps in rounds for step in steps[1:]]
        print(f"| {name} | {mean(s.ms for s in first):.0f} | {mean(s.ms for s in later):.0f} | "
              f"{mean(s.encoded for s in first):.1f} | {mean(s.encoded for s in later):.1f} | "
              f"{rounds[0][-1].prompt_tokens} | {mean(s.tokens for s in later):.1f} |")
    ours, theirs = ([step.ms for steps in results[name] for step in steps[1:]] for name in ("fovea", "llama-server"))
    middle, low, high = ratio_with_interval(theirs, ours, options.seed)
    print(f"\nFrom the second step on a step is {middle:.2f} times faster (95 % interval {low:.2f} to {high:.2f}, "
          f"{len(ours)} steps).")


def version(program):
    said = subprocess.run([program, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
    return said.splitlines()[0] if said else "unknown"


def configuration(options):
    client = f"openai {openai.__version__}" if openai else "plain HTTP (the openai client is not installed)"
    cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.processor())
    load = os.getloadavg()[0]
    print(f"model {options.model.name}, {options.steps} steps, {options.rounds} rounds, the last {options.keep} screens kept, "
          f"{WIDTH} x {HEIGHT}, {options.tokens} tokens a step, context {servers.CONTEXT_TOKENS}, {options.threads} threads; "
          f"{client}; {version('fovea')}; llama-server {version('llama-server')}; {cpu}, {os.cpu_count()} cores, load "
          f"{load:.1f} before\n", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--steps", type=int, default=20)
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--keep", type=int, default=3, help="screens that stay pictures in the conversation")
    arguments.add_argument("--tokens", type=int, default=16)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--seed", type=int, default=23)
    arguments.add_argument("--model", type=Path, default=ROOT / "build/models/smolvlm-256m-1024",
                           help="a folder that `fovea model synth --like smolvlm-256m --preproc 1024` wrote")
    arguments.add_argument("--quick", action="store_true", help="4 steps of which 2 screens are kept: to see that it works")
    options = arguments.parse_args()
    if options.quick:
        options.steps, options.keep, options.rounds = 4, 2, 1
    decoder = next(options.model.glob("smolvlm*.gguf"), None)
    if decoder is None:
        sys.exit(f"no model in {options.model}: fovea model synth --like smolvlm-256m --preproc 1024 --out {options.model}")
    configuration(options)
    with tempfile.TemporaryDirectory(prefix="agent-loop-") as place:
        folder = Path(place)
        started = servers.commands(str(decoder), str(next(options.model.glob("mmproj*.gguf"))), str(options.threads))
        started["llama-server"]["command"] += ["-lv", "4"]  # so that its log tells which tiles it encodes
        try:
            servers.start(folder, started)
            peers = [Peer(name, server, folder / f"{name}.log", options) for name, server in started.items()]
            results = {peer.name: [] for peer in peers}
            for number in range(options.rounds):
                screens = runs_of_screens(options.seed * 1000 + number, options.steps)
                for peer in peers if number % 2 == 0 else peers[::-1]:
                    results[peer.name].append(run(peer, screens, options.keep))
        finally:
            servers.stop({name: server for name, server in started.items() if "pid" in server})
        report(results, options)


if __name__ == "__main__":
    main()
