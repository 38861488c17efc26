#!/usr/bin/env python3
"""What drafted answers gain and cost: drafts.py [--quick] [--rounds N] [--model DIR] [--draft FILE] [--load NAME ...]

Two servers of the same model, fovea serve --drafts off and --drafts auto, get the same requests in turns, one at a time.
Reported are generated tokens per second of generating (timings.predicted_n and predicted_ms), the ratio with a 95 %
bootstrap interval over requests, the median ratio of a request, which a disturbed machine moves less, and how many drafted
tokens were right. Loads:
  - captions: each picture is described again and again, each time under another system prompt, so that no stored answer
    fits and the answers are near repeats;
  - options: the same question with other options (stop texts that never come), so that the answers are repeats;
  - questions: other questions about the same pictures, whose answers have nothing in common;
  - fresh: each request has a new picture.
The bundled model answers as trained. One with random weights (--model) has the costs of its shape, but what it says means
nothing: its captions under another system prompt are other texts. widened.py writes one that has both.

With --draft, two more servers draft with this model: fovea serve --drafts auto --draft, and llama-server -md. All are compared to
fovea serve --drafts off.
"""

import argparse
import base64
import http.client
import io
import json
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench/paper"))
import servers  # noqa: E402  (starts and stops them)

BUNDLED = ["-m", str(ROOT / "models/tiny/fovea-tiny.gguf"), "--mmproj", str(ROOT / "models/tiny/fovea-tiny-mmproj.gguf")]
SECONDS_MAX = 900
BOOTSTRAPS = 4000
TOKENS_MIN = 4  # of an answer whose own ratio counts
COLORS = "red orange yellow green blue purple pink black".split()
PERSONS = "teacher guide painter judge friend clerk pilot nurse".split()
QUESTIONS = ["What color is the {}?", "Where is the {}?", "How big is the {}?", "Is there a {}?", "How many shapes are there?",
             "What is left of the {}?", "Count the {} shapes.", "Is the {} small?"]
SHAPES = "circle square triangle star cross diamond".split()


def picture(rng, size):
    """Three to five plain shapes on a light ground, as the bundled model knows them."""
    image = Image.new("RGB", (size, size), "white")
    pen = ImageDraw.Draw(image)
    cell = size // 3
    for place in rng.sample(range(9), rng.randint(3, 5)):
        x, y, r = (place % 3) * cell + cell // 2, (place // 3) * cell + cell // 2, rng.choice([cell // 4, cell // 3])
        color = rng.choice(COLORS)
        if rng.random() < 0.5:
            pen.ellipse([x - r, y - r, x + r, y + r], fill=color)
        else:
            pen.rectangle([x - r, y - r, x + r, y + r], fill=color)
    out = io.BytesIO()
    image.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def asked(image, question, system=None, **options):
    parts = [{"type": "image_url", "image_url": {"url": image}}, {"type": "text", "text": question}]
    messages = [{"role": "system", "content": system}] if system else []
    return {"messages": [*messages, {"role": "user", "content": parts}], "temperature": 0, "timings_per_token": True,
            **options}


def requests_of(load, rng, options):
    """The load's requests; the first about a picture are not counted where the load is about repeats."""
    pictures = [picture(rng, options.size) for _ in range(options.pictures)]
    for number in range(options.rounds):
        for image in pictures:
            match load:
                case "captions":
                    system = f"You are a {PERSONS[number % len(PERSONS)]}, number {number}."
                    yield asked(image, "Describe the picture.", system, max_tokens=options.tokens), number > 0
                case "options":
                    yield asked(image, "Describe the picture.", stop=[f"<never {number}>"], max_tokens=options.tokens), number > 0
                case "questions":
                    question = QUESTIONS[number % len(QUESTIONS)].format(rng.choice(SHAPES)) + " " * (number // len(QUESTIONS))
                    yield asked(image, question, max_tokens=options.tokens), True
                case "fresh":
                    yield asked(picture(rng, options.size), "Describe the picture.", max_tokens=options.tokens), True


def ask(url, body):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=SECONDS_MAX)
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    reply = connection.getresponse()
    said = reply.read()
    connection.close()
    if reply.status != 200:
        sys.exit(f"drafts.py: {reply.status} {said[:500].decode(errors='replace')}")
    said = json.loads(said)
    return said["timings"], said["choices"][0]["message"]["content"]


def run(load, urls, options):
    """By server, the timings of the counted requests; and which of its answers are those without drafts."""
    rng = random.Random(options.seed)
    timings, equal = {name: [] for name in urls}, {name: [] for name in urls}
    for number, (body, counted) in enumerate(requests_of(load, rng, options)):
        texts = {}
        for name in sorted(urls, reverse=number % 2 == 1):
            timing, texts[name] = ask(urls[name], body)
            if counted:
                timings[name].append(timing)
        for name in urls:
            equal[name].append(texts[name] == texts["off"])
    return timings, equal


def speed(timings):
    return 1000 * sum(t["predicted_n"] for t in timings) / sum(t["predicted_ms"] for t in timings)


def report(load, name, timings, equal, seed):
    rng, pairs = random.Random(seed), list(zip(timings["off"], timings[name], strict=True))
    draws = sorted(speed([a for _, a in drawn]) / speed([o for o, _ in drawn])
                   for drawn in (rng.choices(pairs, k=len(pairs)) for _ in range(BOOTSTRAPS)))
    low, high = draws[int(0.025 * BOOTSTRAPS)], draws[int(0.975 * BOOTSTRAPS)]
    each = [speed([a]) / speed([o]) for o, a in pairs if min(o["predicted_n"], a["predicted_n"]) >= TOKENS_MIN]
    middle = f"{statistics.median(each):.2f}" if each else "-"
    drafted, right = (sum(t.get(field, 0) for t in timings[name]) for field in ("draft_n", "draft_n_accepted"))
    tokens = sum(t["predicted_n"] for t in timings[name])
    print(f"| {load} | {name} | {len(pairs)} | {tokens} | {speed(timings['off']):.1f} | {speed(timings[name]):.1f} | "
          f"{speed(timings[name]) / speed(timings['off']):.2f} ({low:.2f} to {high:.2f}) | {middle} | {drafted} | {right} | "
          f"{sum(equal)} of {len(equal)} |", flush=True)


def files(folder):
    """The decoder and the vision encoder in a folder."""
    vision = next(folder.glob("*mmproj*.gguf"))
    return ["-m", str(next(path for path in folder.glob("*.gguf") if path != vision)), "--mmproj", str(vision)]


def commands(options):
    model, threads, parallel = files(options.model) if options.model else [], str(options.threads), str(options.parallel)
    drafts = {"off": ["--drafts", "off"], "auto": ["--drafts", "auto"]}
    if options.draft:
        drafts["draft"] = ["--drafts", "auto", "--draft", str(options.draft)]
    started = {}
    for name, flags in drafts.items():
        port = servers.free_port()
        started[name] = {"command": [options.program, "serve", *model, "--port", str(port), *flags, "--parallel", parallel,
                                     "--threads", threads],
                         "url": f"http://127.0.0.1:{port}"}
    if options.draft:
        port = servers.free_port()
        started["llama-server"] = {"command": ["llama-server", *(model or BUNDLED), "--port", str(port), "-np", parallel,
                                               "-t", threads, "--no-webui", "-md", str(options.draft), "--spec-type",
                                               "draft-simple"],
                                   "url": f"http://127.0.0.1:{port}"}
    return started


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--load", nargs="*", default=["captions", "options", "questions", "fresh"])
    arguments.add_argument("--rounds", type=int, default=8, help="questions about each picture")
    arguments.add_argument("--pictures", type=int, default=6)
    arguments.add_argument("--tokens", type=int, default=96, help="the longest answer")
    arguments.add_argument("--size", type=int, default=192, help="of a picture, in pixels")
    arguments.add_argument("--parallel", type=int, default=4)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--model", type=Path, help="a folder of `fovea model synth` or widened.py; default: the bundled model")
    arguments.add_argument("--draft", type=Path, help="a small model with the same vocabulary, which drafts")
    arguments.add_argument("--program", default="fovea")
    arguments.add_argument("--quick", action="store_true", help="few requests: to see that it works")
    options = arguments.parse_args()
    if options.quick:
        options.rounds, options.pictures = 2, 2
    print(f"model {options.model.name if options.model else 'bundled'}, {options.pictures} pictures, {options.rounds} questions "
          f"each, at most {options.tokens} tokens, --parallel {options.parallel}, {options.threads} threads, load "
          f"{os.getloadavg()[0]:.1f} before\n")
    print("| load | server | requests | tokens | tokens/s, off | tokens/s | ratio | median | drafted | right | same answers |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    for load in options.load:
        with tempfile.TemporaryDirectory(prefix="drafts-") as place:
            started = commands(options)
            try:
                servers.start(Path(place), started)
                timings, equal = run(load, {name: server["url"] for name, server in started.items()}, options)
                for name in started:
                    if name != "off":
                        report(load, name, timings, equal[name], options.seed)
            finally:
                servers.stop({name: server for name, server in started.items() if "pid" in server})


if __name__ == "__main__":
    main()
