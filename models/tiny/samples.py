# SPDX-License-Identifier: Apache-2.0
"""The bundled sample pictures, and questions about them that the model answers rightly.

samples.py draw DIR             writes the pictures and candidates.jsonl (the format of heldout.py's questions.jsonl)
samples.py choose DIR ANSWERS   keeps in questions.json the candidates that ANSWERS gets right, and removes the list

ANSWERS has one JSON object a line: {"id", "answer"}; with a "margin" (the least distance between the best and the
second best logit of an answer) only clear answers are kept.
"""
import argparse
import json
import os
import random
from typing import NamedTuple

import numpy as np
from PIL import Image

import questions
import scenes
from heldout import image_part, text_part, user

LONGEST_SIDE = {"square": 480, "wide": 640, "tall": 640}
CANVASES = {"square": (96, 96), "wide": (96, 72), "tall": (72, 96)}
MARGIN_MIN = 2.0
QUESTIONS_MAX = 6
KIND_STRIDE = 4
EXIF_ORIENTATION = 0x0112
ROTATE_TO_VIEW = 6  # EXIF: turn the stored pixels a quarter clockwise to see the picture upright.


class Sample(NamedTuple):
    name: str
    seed: int
    things: int
    canvas: str = "square"
    background: tuple = scenes.WHITE


SAMPLES = [
    Sample("one.png", 1, 1),
    Sample("two.png", 2, 2, background=(250, 245, 232)),
    Sample("three.png", 3, 3),
    Sample("four.png", 4, 4, background=(232, 242, 250)),
    Sample("five.png", 5, 5),
    Sample("cream.png", 6, 3, background=(248, 240, 216)),
    Sample("mint.png", 7, 4, background=(226, 245, 232)),
    Sample("grey.png", 8, 3, background=(214, 214, 218)),
    Sample("wide.png", 9, 4, "wide"),
    Sample("wide-sky.png", 10, 3, "wide", (222, 236, 250)),
    Sample("tall.png", 11, 3, "tall"),
    Sample("tall-sand.png", 12, 4, "tall", (245, 236, 220)),
    Sample("photo.jpg", 13, 3, "wide", (236, 232, 226)),
    Sample("turned.jpg", 14, 3, "wide"),
    Sample("web.webp", 15, 4, background=(240, 240, 246)),
    Sample("clear.png", 16, 3),
]
PAIRS = [("one.png", "two.png"), ("three.png", "wide.png")]


def sample_scene(sample):
    return scenes.random_scene(random.Random(sample.seed), CANVASES[sample.canvas], sample.things)


def _pixels(sample, scene, background):
    scale = LONGEST_SIDE[sample.canvas] / scenes.FRAME
    return scenes.draw(scene, random.Random(0), scale, background)[0]


def _without_background(sample, scene):
    """The scene on nothing: what changes between a white and a black background shows how opaque each pixel is."""
    white, black = (_pixels(sample, scene, c).astype(np.float32) for c in (scenes.WHITE, (0, 0, 0)))
    opaque = 1 - (white - black).mean(-1, keepdims=True) / 255
    color = np.where(opaque > 0, black / np.maximum(opaque, 1e-3), 0)
    return Image.fromarray(np.concatenate([color, opaque * 255], -1).clip(0, 255).round().astype(np.uint8), "RGBA")


def write_picture(directory, sample):
    scene = sample_scene(sample)
    path = os.path.join(directory, sample.name)
    image = Image.fromarray(_pixels(sample, scene, sample.background))
    if sample.name == "clear.png":
        _without_background(sample, scene).save(path, optimize=True)
    elif sample.name == "turned.jpg":
        exif = Image.Exif()
        exif[EXIF_ORIENTATION] = ROTATE_TO_VIEW
        image.transpose(Image.Transpose.ROTATE_90).save(path, quality=90, exif=exif)
    elif sample.name.endswith(".png"):
        image.quantize(64, dither=Image.Dither.NONE).convert("RGB").save(path, optimize=True)
    else:
        image.save(path, quality=90)


def candidates():
    """Every distinct question that some seeds bring up about each sample and each pair."""
    rng = random.Random("samples")
    found = {}
    for names in [(s.name,) for s in SAMPLES] + PAIRS:
        drawn = [sample_scene(s) for name in names for s in SAMPLES if s.name == name]
        for kind in questions.KINDS * 3:
            number = rng.randrange(len(names))
            asked = questions.ask(drawn[number], rng, kind, ["first", "second"][number] if len(names) > 1 else None)
            if asked and kind != "unknown":
                found.setdefault((names, questions.plain(asked.question)), (kind, questions.plain(asked.answer)))
    return found


def draw(directory):
    os.makedirs(directory, exist_ok=True)
    for sample in SAMPLES:
        write_picture(directory, sample)
    with open(os.path.join(directory, "candidates.jsonl"), "w") as file:
        for number, ((names, question), (kind, answer)) in enumerate(candidates().items()):
            messages = [user(*(image_part(n) for n in names), text_part(question))]
            record = {"id": f"{number:04}", "type": kind, "form": "sample", "messages": messages, "answer": answer}
            file.write(json.dumps(record) + "\n")


def _pictures(record):
    """The names of the pictures that a candidate is about."""
    return tuple(p["image_url"]["url"] for p in record["messages"][0]["content"][:-1])


def choose(directory, answers_path):
    path = os.path.join(directory, "candidates.jsonl")
    with open(path) as file, open(answers_path) as answers:
        records = [json.loads(line) for line in file]
        given = {a["id"]: a for a in map(json.loads, answers)}
    # Each picture begins with another kind of question, so that together they show them all.
    pictures = list(dict.fromkeys(_pictures(r) for r in records))
    def order(record):
        at = pictures.index(_pictures(record))
        return at, (questions.KINDS.index(record["type"]) + KIND_STRIDE * at) % len(questions.KINDS)
    records.sort(key=order)
    kept, kinds = {}, {}
    for record in records:
        answer = given[record["id"]]
        names = _pictures(record)
        fresh = record["type"] not in kinds.setdefault(names, set())
        clear = answer["answer"] == record["answer"] and answer.get("margin", MARGIN_MIN) >= MARGIN_MIN
        if fresh and clear and len(kept.setdefault(names, [])) < QUESTIONS_MAX:
            kinds[names].add(record["type"])
            kept[names].append({"question": record["messages"][0]["content"][-1]["text"], "answer": record["answer"]})
    listed = {
        "note": "Only questions that the bundled model answers rightly and clearly; see models/tiny/README.md for how often it does.",
        "samples": [{"pictures": list(names), "questions": asked} for names, asked in kept.items()],
    }
    with open(os.path.join(directory, "questions.json"), "w") as file:
        json.dump(listed, file, indent=1)
        file.write("\n")
    os.remove(path)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("verb", choices=["draw", "choose"])
    arguments.add_argument("directory")
    arguments.add_argument("answers", nargs="?")
    options = arguments.parse_args()
    if options.verb == "draw":
        draw(options.directory)
    else:
        choose(options.directory, options.answers)


if __name__ == "__main__":
    main()
