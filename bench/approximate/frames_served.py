#!/usr/bin/env python3
"""What near frames save a whole answer: frames_served.py [--frames N] [--side PIXELS] [--every K] [--model DIR]

A camera looks at a drawn scene that stands still, with a sensor's noise. Its frames go, each in turns, to
  - fovea serve, which encodes every frame, since no two are equal,
  - fovea serve --frames tolerance,
with the same model, at temperature 0: first with the same question about each frame, then with another one each time.
The model has SmolVLM-256M's shape and random weights, so what it says means nothing. Reported are the time until the
answer is there, by what the second server says of the frame in Cache-Status, and the ratio over the frames from the
first near one on, with a 95 % bootstrap interval over frames. Times are those of this machine at this moment.

    fovea model synth --like smolvlm-256m --preproc 512 --out build/models/smolvlm-256m-512
    ./dev python3 bench/approximate/frames_served.py
"""

import argparse
import base64
import io
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench/paper"), str(ROOT / "bench/serve")]
import servers  # noqa: E402
from agent_loop import ratio_with_interval  # noqa: E402

ANSWER_SECONDS_MAX = 900
SEED = 84


class Camera:
    """A scene of shapes, and frames of it with noise whose variance grows with the level."""

    def __init__(self, side, noise, seed):
        self.random, self.noise = np.random.default_rng(seed), noise
        scene = Image.new("RGB", (side, side), (120, 130, 110))
        pen = ImageDraw.Draw(scene)
        for _ in range(24):
            x, y = (int(v) for v in self.random.integers(0, side, 2))
            size = int(self.random.integers(side // 16, side // 5))
            pen.rectangle([x, y, x + size, y + size], fill=tuple(int(v) for v in self.random.integers(30, 220, 3)))
        self.scene = np.asarray(scene, np.float64)

    def frame(self):
        deviation = self.noise * np.sqrt(0.4 + 1.2 * self.scene / 255)
        seen = self.scene + deviation * self.random.standard_normal(self.scene.shape)
        out = io.BytesIO()
        Image.fromarray(np.clip(np.round(seen), 0, 255).astype(np.uint8)).save(out, "PNG", compress_level=1)
        return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def ask(url, camera, frame, question, tokens):
    """Milliseconds until the answer, and what came of the frame: the first member of Cache-Status."""
    body = json.dumps({"model": "any", "prompt_cache_key": camera, "temperature": 0, "max_tokens": tokens, "messages": [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": frame}},
                                     {"type": "text", "text": question}]}]}).encode()
    request = urllib.request.Request(url + "/v1/chat/completions", body, {"Content-Type": "application/json"})
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX) as reply:
        reply.read()
        return 1000 * (time.perf_counter() - began), reply.headers["Cache-Status"].split(",")[0]


def watch(started, questions, options, seed):
    """Of each frame: both servers' times, and what the second one says of it."""
    camera, rows = Camera(options.side, options.noise, seed), []
    for number in range(options.frames):
        frame, order = camera.frame(), list(started)[::1 if number % 2 == 0 else -1]
        question = "Is anybody there?" if questions == "the same question" else f"Is anybody there? Frame {number}."
        found = {name: ask(started[name]["url"], questions, frame, question, options.tokens) for name in order}
        rows.append((found["exact"][0], *found["near"]))
    return rows


def report(questions, rows):
    print(f"{questions[0].upper()}{questions[1:]}:\n")
    print("| the frame is | frames | every frame encoded, median ms | --frames tolerance, median ms |")
    print("|---|--:|--:|--:|")
    for outcome in sorted({outcome for *_, outcome in rows}):
        of_it = [row for row in rows if row[2] == outcome]
        exact, near = (statistics.median(row[column] for row in of_it) for column in (0, 1))
        print(f"| `{outcome}` | {len(of_it)} | {exact:.0f} | {near:.0f} |")
    first = next((i for i, row in enumerate(rows) if "approximate" in row[2]), None)
    if first is None:
        sys.exit("no frame was near: more --frames, or less --noise")
    ratio = ratio_with_interval([row[0] for row in rows[first:]], [row[1] for row in rows[first:]], SEED)
    print(f"\nFrom the first near frame (number {first + 1}) on: {ratio[0]:.2f} times as fast "
          f"({ratio[1]:.2f} to {ratio[2]:.2f}), {len(rows) - first} frames.\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--noise", type=float, default=2, help="standard deviation, about, in levels of 255")
    parser.add_argument("--every", type=int, default=30, help="--frames-exact-every (default: %(default)s)")
    parser.add_argument("--tokens", type=int, default=4, help="of an answer")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--model", type=Path, default=ROOT / "build/models/smolvlm-256m-512")
    options = parser.parse_args()
    decoder, mmproj = (next(options.model.glob(name), None) for name in ("smolvlm*.gguf", "mmproj*.gguf"))
    if decoder is None or mmproj is None:
        sys.exit(f"no model in {options.model}: fovea model synth --like smolvlm-256m --preproc 512 --out {options.model}")
    print(f"model {options.model.name}, {options.frames} frames of {options.side} x {options.side}, noise {options.noise:g}, "
          f"one of {options.every} encoded, {options.tokens} tokens, {options.threads} threads, {os.cpu_count()} processors, "
          f"load {os.getloadavg()[0]:.1f} before\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="frames-served-") as place:
        exact, near = (servers.commands(str(decoder), str(mmproj), str(options.threads))["fovea"] for _ in range(2))
        near["command"] += ["--frames", "tolerance", "--frames-exact-every", str(options.every)]
        started = {"exact": exact, "near": near}
        try:
            servers.start(Path(place), started)
            # Another scene for each: the frames of the first are known.
            for seed, questions in enumerate(("the same question", "another question each time"), SEED):
                report(questions, watch(started, questions, options, seed))
        finally:
            servers.stop({name: server for name, server in started.items() if "pid" in server})


if __name__ == "__main__":
    main()
