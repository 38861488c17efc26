# SPDX-License-Identifier: Apache-2.0
"""Measures what near frames lose, as docs/results/approximate/rules.md asks for (`--frames tolerance`).

  frames.py run --seed S --out DIR [--share F]   draws camera frames, shows them to near_frames_bench, and writes
                                                 appearances.jsonl, still.jsonl, others.jsonl and
                                                 first.jsonl into DIR
  frames.py tables DIR                           the tables and what the rules say of them, as Markdown
  frames.py faint --seed S [--runs N]            things of little contrast: what is missed, without a model's answers

A run is a scene that stands still, seen by a camera of its own: noise, light and JPEG as the rules say, at 96 to 192
pixels a side. Rerun with `./dev python3`, since near_frames_bench is of that system.
"""
import argparse
import json
import os
import random
import subprocess
import sys
from collections import Counter

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "models", "tiny"))
import questions  # noqa: E402
import scenes  # noqa: E402
import frames_report  # noqa: E402
from frames_report import EVERY, NOISES, SIZES, conditions  # noqa: E402

SIDES = [96, 128, 160, 192]
DRIFT = 0.10 / 300  # a frame
OUTCOMES = ["near", "first", "learning", "too_noisy", "changed", "lighter", "due", "unsettled"]
APPEARANCES = 30  # of each noise, light, JPEG and size: 1,080
KINDS = ["exist", "color", "shape", "where"]  # of questions about the thing
STILL_RUNS, STILL_ASKED, STILL_FRAMES = 250, 12, 115
OTHERS = 500
FIRST_FRAMES = 720  # of things of the smallest size, with questions of each kind
LEARNT = 12  # frames after which a question about a still scene is asked


class Bench:
    """near_frames_bench, to which frames are shown."""

    def __init__(self, program, every=EVERY):
        self.process = subprocess.Popen([program, "--every", ",".join(map(str, every))], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def show(self, source, frame, asked=(), distances=False, every=EVERY):
        """What near_frames_bench says of a frame (uint8 [height, width, 3]); `every`: whose answers are wanted."""
        height, width, _ = frame.shape
        which = "".join(str(int(k in every)) for k in EVERY)
        head = f"frame {source} {width} {height} {len(asked)} {which} {int(distances)}\n".encode()
        text = "".join(question + "\n" for question in asked).encode()
        self.process.stdin.write(head + frame.tobytes() + text)
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def purge(self):
        self.process.stdin.write(b"purge\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == b"purged\n"

    def close(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise SystemExit("near_frames_bench failed")


class Camera:
    """Frames of a picture (float [height, width, 3]) with noise, drifting light and JPEG."""

    def __init__(self, rng, noise, light, jpeg):
        self.noise, self.jpeg = noise, jpeg
        self.slope = rng.choice([-DRIFT, DRIFT]) if light else 0.0
        self.generator = np.random.default_rng(rng.getrandbits(63))
        self.time = 0

    def skip(self, frames):
        self.time += frames

    def frame(self, picture):
        lit = picture * np.float32(1 + self.slope * self.time)
        self.time += 1
        # Of the variance, two fifths do not depend on the level; at the middle level it is noise^2.
        deviation = self.noise * np.sqrt(np.float32(0.4) + np.float32(1.2 / 255) * np.clip(lit, 0, 255))
        noisy = lit + deviation * self.generator.standard_normal(lit.shape, dtype=np.float32)
        frame = np.clip(noisy + 0.5, 0, 255).astype(np.uint8)
        return np.ascontiguousarray(scenes.jpeg(frame, 85)) if self.jpeg else frame


def overlay(picture, thing, scale, rng, color=None):
    """`picture` with one more thing drawn on it, as scenes.draw draws things."""
    picture = picture.copy()
    height, width, _ = picture.shape
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (xs + 0.5) / scale - thing.x, (ys + 0.5) / scale - thing.y
    c, s = np.cos(thing.angle), np.sin(thing.angle)
    distance = scenes.signed_distance(thing.shape, c * x + s * y, c * y - s * x, thing.radius)
    cover = np.clip(0.5 - distance * scale, 0, 1).astype(np.float32)
    if color is None:
        color = np.array(scenes.COLORS[thing.color], np.float32) + [rng.uniform(-16, 16) for _ in range(3)]
    return (picture + (color - picture) * cover[..., None]).astype(np.float32)


def free_place(scene, rng, radius):
    """(x, y) where a thing of this radius touches no other, or None."""
    margin = radius * 1.16 + 1
    for _ in range(300):
        x, y = rng.uniform(margin, scene.width - margin), rng.uniform(margin, scene.height - margin)
        if all((x - o.x) ** 2 + (y - o.y) ** 2 > (1.12 * (radius + o.radius) + 2) ** 2 for o in scene.things):
            return x, y
    return None


def draw_scene(rng, side, count=None):
    """(scene, picture as float32) of a square scene."""
    scene = scenes.random_scene(rng, (scenes.FRAME, scenes.FRAME), count)
    picture, _ = scenes.draw(scene, rng, side / scenes.FRAME)
    return scene, picture.astype(np.float32)


def new_thing(scene, rng, percent):
    """A thing of `percent` of the side that is like none of the scene's, in a free place; None where there is none."""
    radius = percent / 200 * scenes.FRAME
    place = free_place(scene, rng, radius)
    taken = {(t.shape, t.color) for t in scene.things}
    kinds = [(s, c) for s in scenes.SHAPES for c in scenes.COLOR_NAMES if (s, c) not in taken]
    shape, color = rng.choice(kinds)
    return place and scenes.Thing(shape, color, "small", *place, radius, rng.uniform(-0.2, 0.2))


def ask_about(scene, rng, index, kinds=KINDS):
    """(kind, question, answer) whose answer depends on thing `index` alone; None if no kind fits."""
    for _ in range(2000):
        asked = questions.ask(scene, rng, rng.choice(kinds))
        if asked and list(asked.about) == [index] and asked.answer != "no":
            return asked.kind, questions.plain(asked.question), questions.plain(asked.answer)
    return None


def ask_anything(scene, rng):
    kinds = [kind for kind in questions.KINDS if kind not in ("absent", "unknown")]
    while True:
        kind = rng.choice(kinds)
        if asked := questions.ask(scene, rng, kind):
            return kind, questions.plain(asked.question), questions.plain(asked.answer)


def draw_appearance(rng, name, condition):
    """(scene with the thing as its last, pictures without and with it, camera, frames before it, what is told of it)."""
    noise, light, jpeg, size = condition
    while True:
        side = rng.choice(SIDES)
        scene, before = draw_scene(rng, side, rng.randint(1, scenes.OBJECTS_MAX - 1))
        if thing := new_thing(scene, rng, size):
            break
    after = overlay(before, thing, side / scenes.FRAME, rng)
    scene.things.append(thing)
    camera, moment = Camera(rng, noise, light, jpeg), rng.randint(12, 32)
    told = {"run": name, "noise": noise, "light": light, "jpeg": jpeg, "size": size, "side": side, "moment": moment,
            "shape": thing.shape, "color": thing.color, "asked": []}
    return scene, before, after, camera, moment, told


def appearance(bench, rng, name, condition):
    """One run in which a thing appears: at which frame, what was near then and later, and the answers.

    Behind the fifth frame after it, only those that are asked about are shown, unless an embedding from before the
    thing is still in use then. That encodes no more and nothing earlier than showing all: an embedding that is taken is
    as old as it would be or older, and what is missed stays missed until a frame is seen as changed or is due.
    """
    scene, before, after, camera, moment, result = draw_appearance(rng, name, condition)
    index = len(scene.things) - 1
    bench.purge()
    for _ in range(moment):
        bench.show(name, camera.frame(before))
    missing, shown = True, 0
    for offset in range(max(EVERY) + 1):
        if offset > 5 and offset not in EVERY and not missing:
            camera.skip(1)
            continue
        asked = [ask_about(scene, rng, index)] if offset in (0, 1, 5, *EVERY) else []
        told = bench.show(name, camera.frame(after), [question for _, question, _ in asked],
                          every=[offset] if offset in EVERY else EVERY)
        shown += 1
        # The embedding that is used is of a frame before the thing was there.
        missed = [age >= shown for age in told["age"]]
        missing = any(missed)
        for kind, question, truth in asked:
            result["asked"].append({
                "offset": offset, "kind": kind, "question": question, "truth": truth, "exact": told["exact"][0],
                "near": [answers[0] if answers else None for answers in told["near"]],
                "outcome": [OUTCOMES[o] for o in told["outcome"]], "missed": missed})
    return result


def first_frame(bench, rng, name, condition):
    """A run that ends where the thing appears, with a question of each kind."""
    scene, before, after, camera, moment, result = draw_appearance(rng, name, condition)
    bench.purge()
    for _ in range(moment):
        bench.show(name, camera.frame(before))
    asked = [q for kind in KINDS if (q := ask_about(scene, rng, len(scene.things) - 1, [kind]))]
    told = bench.show(name, camera.frame(after), [question for _, question, _ in asked])
    for number, (kind, question, truth) in enumerate(asked):
        result["asked"].append({"offset": 0, "kind": kind, "question": question, "truth": truth,
                                "exact": told["exact"][number], "near": [answers[number] for answers in told["near"]],
                                "outcome": [OUTCOMES[o] for o in told["outcome"]], "missed": [age > 0 for age in told["age"]]})
    return result


def still(bench, rng, name, condition):
    """One run in which nothing happens: questions, distances of embeddings, and how much was encoded."""
    noise, light, jpeg = condition
    side = rng.choice(SIDES)
    scene, picture = draw_scene(rng, side)
    camera = Camera(rng, noise, light, jpeg)
    asked_at = set(rng.sample(range(LEARNT, STILL_FRAMES), STILL_ASKED))
    outcomes = [Counter() for _ in EVERY]
    result = {"run": name, "noise": noise, "light": light, "jpeg": jpeg, "side": side, "asked": []}
    bench.purge()
    for time in range(STILL_FRAMES):
        asked = [ask_anything(scene, rng)] if time in asked_at else []
        told = bench.show(name, camera.frame(picture), [question for _, question, _ in asked], bool(asked))
        for i, outcome in enumerate(told["outcome"]):
            outcomes[i][OUTCOMES[outcome]] += 1
        if not asked:
            continue
        kind, question, truth = asked[0]
        result["asked"].append({
            "time": time, "kind": kind, "question": question, "truth": truth, "exact": told["exact"][0],
            "near": [answers[0] for answers in told["near"]], "outcome": [OUTCOMES[o] for o in told["outcome"]],
            "age": told["age"], "taken": [round(d, 6) for d in told["taken"]],
            "consecutive": round(told["consecutive"], 6)})
    result["outcomes"] = [dict(sorted(counter.items())) for counter in outcomes]
    return result


def other(bench, rng, name, condition):
    """Two sources whose scenes differ in one thing, in turns: the second must get nothing of the first."""
    noise, light, jpeg = condition
    side = rng.choice(SIDES)
    while True:
        scene, first = draw_scene(rng, side, rng.randint(1, scenes.OBJECTS_MAX - 1))
        if thing := new_thing(scene, rng, rng.choice(SIZES)):
            break
    second = overlay(first, thing, side / scenes.FRAME, rng)
    scene.things.append(thing)
    one, two = Camera(rng, noise, light, jpeg), Camera(rng, noise, light, jpeg)
    bench.purge()
    own, crossed, frames = set(), 0, 11
    for time in range(2 * frames):
        if time < frames or time % 2:  # the first alone, then both in turns
            bench.show(name + "-first", one.frame(first))
        if time >= frames:
            asked = [ask_about(scene, rng, len(scene.things) - 1)] if time == 2 * frames - 1 else []
            told = bench.show(name + "-second", two.frame(second), [question for _, question, _ in asked])
            own.add(told["frame"])
            # Ages count the source's own frames; the first of a source has nothing to take.
            crossed += sum(age >= len(own) for age in told["age"])
    kind, question, truth = asked[0]
    return {"run": name, "noise": noise, "light": light, "jpeg": jpeg, "crossed": crossed, "kind": kind,
            "question": question, "truth": truth, "exact": told["exact"][0],
            "near": [answers[0] for answers in told["near"]], "outcome": [OUTCOMES[o] for o in told["outcome"]]}


def run(options):
    os.makedirs(options.out, exist_ok=True)
    bench = Bench(options.program)
    kinds = conditions()
    plans = {
        "appearances": [(appearance, (*kind, size)) for _ in range(APPEARANCES) for kind in kinds for size in SIZES],
        "still": [(still, kinds[i % len(kinds)]) for i in range(STILL_RUNS)],
        "others": [(other, kinds[i % len(kinds)]) for i in range(OTHERS)],
        "first": [(first_frame, (*kinds[i % len(kinds)], SIZES[0])) for i in range(FIRST_FRAMES)],
    }
    for name, plan in plans.items():
        if options.only and name not in options.only:
            continue
        plan = plan[:max(len(kinds), round(len(plan) * options.share))]
        with open(os.path.join(options.out, f"{name}.jsonl"), "w") as file:
            for index, (draw, condition) in enumerate(plan):
                rng = random.Random(f"near frames {options.seed} {name} {index}")
                file.write(json.dumps(draw(bench, rng, f"{name}-{index}", condition)) + "\n")
                file.flush()
    bench.close()


FAINT = [5, 10, 15, 20, 30, 40, 60]  # levels of 255 by which a thing differs from what is behind it


def faint(options):
    bench = Bench(options.program)
    print("| noise | size | " + " | ".join(f"{contrast} levels" for contrast in FAINT) + " |")
    print("|--:|--:|" + "--:|" * len(FAINT))
    for noise in options.noise:
        for size in options.size:
            cells = []
            for contrast in FAINT:
                missed = 0
                for index in range(options.runs):
                    rng = random.Random(f"faint {options.seed} {noise} {size} {contrast} {index}")
                    side = rng.choice(SIDES)
                    scene, before = draw_scene(rng, side, 2)
                    thing = new_thing(scene, rng, size)
                    if thing is None:
                        continue
                    behind = before[int(thing.y * side / scenes.FRAME), int(thing.x * side / scenes.FRAME)]
                    after = overlay(before, thing, side / scenes.FRAME, rng, behind - contrast)
                    camera, moment = Camera(rng, noise, False, index % 2 == 1), 24
                    bench.purge()
                    for time in range(moment + 1):
                        told = bench.show("faint", camera.frame(before if time < moment else after))
                    missed += told["outcome"][1] == 0
                cells.append(frames_report.percent(missed / options.runs, 0))
            print(f"| {noise} | {size} % | " + " | ".join(cells) + " |", flush=True)
    bench.close()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = arguments.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run")
    runs.add_argument("--seed", required=True)
    runs.add_argument("--out", required=True)
    runs.add_argument("--share", type=float, default=1.0, help="of the runs")
    runs.add_argument("--only", nargs="*", help="appearances, still, others, first")
    table = commands.add_parser("tables")
    table.add_argument("folder")
    faints = commands.add_parser("faint")
    faints.add_argument("--seed", required=True)
    faints.add_argument("--runs", type=int, default=40)
    faints.add_argument("--noise", type=int, nargs="*", default=NOISES)
    faints.add_argument("--size", type=int, nargs="*", default=SIZES)
    for parser in (runs, faints):
        parser.add_argument("--program", default=os.path.join(ROOT, "build", "release", "bin", "near_frames_bench"))
    options = arguments.parse_args()
    {"run": run, "tables": lambda given: frames_report.tables(given.folder), "faint": faint}[options.command](options)


if __name__ == "__main__":
    main()
