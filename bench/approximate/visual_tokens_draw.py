# SPDX-License-Identifier: Apache-2.0
"""Draws the samples of docs/results/approximate/rules.md for --visual-tokens: pictures, the questions that are measured,
and the earlier questions about the same pictures, whose attention is remembered."""
import json
import random
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "models/tiny"))
import heldout  # noqa: E402
import questions  # noqa: E402
import scenes  # noqa: E402

EARLIER = 6  # questions about each picture before the one that is measured
QUESTIONS_A_PICTURE = 4  # of the samples that ask for certain kinds
ALL, COUNTING, SMALL, PLACES, BLIND = SAMPLES = ["all", "counting", "small", "places", "blind"]
SIZES = {ALL: 3000, COUNTING: 1000, SMALL: 1000, PLACES: 1000, BLIND: 1000}
COUNTING_KINDS = ["count", "count_color", "count_shape"]
PLACE_KINDS = ["where", "place", "relation", "relation_yes_no"]
# Kinds that ask about one thing of a picture.
THING_KINDS = ["color", "shape", "size", "verify", "exist", "where", "place"]
# Kinds of the questions before a blind one: each is about something.
BEFORE_BLIND_KINDS = THING_KINDS + ["count_color", "count_shape", "relation", "relation_yes_no"]
NEAR = scenes.PATCH  # frame units between two outlines: things that are nearer than a token are near
TRIES = 60


@dataclass
class Asked:
    """A question that is measured. `earlier`: for each of its pictures, in order, the questions asked before."""
    id: str
    sample: str
    kind: str
    form: str
    cluster: str  # pictures that are drawn and asked about together
    messages: list
    answer: str
    pictures: list  # file names
    earlier: list


def named(asked):
    """The things that a question or its answer is about."""
    return {*asked.about, *asked.answers}


def is_near(one, other):
    """Whether two things' outlines are less than a token apart, or a bit more, since outlines are rough."""
    gap = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5 - 1.16 * (one.radius + other.radius)
    return gap < NEAR


def about(message_list):
    return [part["image_url"]["url"] for message in message_list if isinstance(message["content"], list)
            for part in message["content"] if part["type"] == "image_url"]


class Pictures:
    """Draws pictures into a directory, as models/tiny/heldout.py does, under names of their own."""

    def __init__(self, directory, rng, prefix):
        self.directory, self.rng, self.prefix, self.count = Path(directory), rng, prefix, 0

    def draw(self, scene):
        sides = heldout.SQUARE_SIDES if scene.width == scene.height else heldout.WIDE_SIDES
        pixels, _ = scenes.draw(scene, self.rng, self.rng.choice(sides) / scenes.FRAME)
        if self.rng.random() < 0.15:
            pixels = scenes.jpeg(pixels, self.rng.randint(60, 92))
        name = f"{self.prefix}{self.count:05}.png"
        Image.fromarray(pixels).save(self.directory / name, compress_level=1)
        self.count += 1
        return name


def earlier_questions(scene, rng, taken, kinds=None, allowed=lambda asked: True):
    """EARLIER different questions about `scene`, none of them in `taken`; None where there are too few."""
    found = []
    for _ in range(TRIES * EARLIER):
        asked = questions.ask(scene, rng, rng.choice(kinds) if kinds else None)
        if not asked or not allowed(asked):
            continue
        text = questions.plain(asked.question)
        if text not in taken and text not in found:
            found.append(text)
        if len(found) == EARLIER:
            return found
    return None


class _Remembered(heldout.HeldOut):
    """HeldOut that also says which scene a picture shows, and which pictures belong together."""

    def __init__(self, directory, seed):
        super().__init__(directory, seed)
        self.scene_of, self.cluster_of, self.round = {}, {}, 0

    def picture(self, canvas, sides):
        scene, name = super().picture(canvas, sides)
        self.scene_of[name] = scene
        return scene, name

    def scene_questions(self):
        begin = len(self.records)
        super().scene_questions()
        for record in self.records[begin:]:
            self.cluster_of[record["id"]] = f"round {self.round}"
        self.round += 1


def all_kinds(directory, count, seed):
    """All kinds and forms. Pictures of one round share questions, so a round is a cluster."""
    drawn = _Remembered(directory, f"visual tokens {seed}")
    while len(drawn.records) < count:
        drawn.scene_questions()
    records = drawn.records[:count]
    rng = random.Random(f"earlier {seed}")
    texts = {}  # by picture
    for record in records:
        words = {part["text"] for message in record["messages"] if isinstance(message["content"], list)
                 for part in message["content"] if part["type"] == "text"}
        for name in about(record["messages"]):
            texts.setdefault(name, set()).update(words)
    earlier = {name: earlier_questions(drawn.scene_of[name], rng, taken) for name, taken in texts.items()}
    return [Asked(f"all-{record['id']}", ALL, record["type"], record["form"], drawn.cluster_of[record["id"]],
                  record["messages"], record["answer"], about(record["messages"]),
                  [earlier[name] for name in about(record["messages"])]) for record in records]


def is_wanted(sample, scene, asked):
    if sample == SMALL:
        things = named(asked)
        return len(things) == 1 and scene.things[next(iter(things))].size == "small"
    return True


def of_sample(directory, sample, count, seed):
    """Questions of certain kinds, each picture asked QUESTIONS_A_PICTURE times."""
    rng = random.Random(f"visual tokens {sample} {seed}")
    pictures, found = Pictures(directory, rng, f"{sample}-"), []
    kinds = {COUNTING: COUNTING_KINDS, SMALL: THING_KINDS, PLACES: PLACE_KINDS}[sample]
    turn = 0
    while len(found) < count:
        scene, chosen = scenes.random_scene(rng), []
        for _ in range(QUESTIONS_A_PICTURE):
            kind = kinds[turn % len(kinds)]
            for _ in range(TRIES):
                asked = questions.ask(scene, rng, kind)
                if asked and is_wanted(sample, scene, asked) and asked.question not in [one.question for one in chosen]:
                    chosen.append(asked)
                    turn += 1
                    break
            else:
                turn += rng.random() < 0.2  # a kind that seldom fits would otherwise be drawn less, not never
        taken = {questions.plain(asked.question) for asked in chosen}
        earlier = earlier_questions(scene, rng, taken) if chosen else None
        if not earlier:
            continue
        name = pictures.draw(scene)
        found += [asked_once(sample, len(found) + i, name, asked, earlier) for i, asked in enumerate(chosen)]
    return found[:count]


def asked_once(sample, number, name, asked, earlier):
    parts = [heldout.image_part(name), heldout.text_part(questions.plain(asked.question))]
    return Asked(f"{sample}-{number:05}", sample, asked.kind, "picture-first", name, [heldout.user(*parts)],
                 questions.plain(asked.answer), [name], [earlier])


def blind(directory, count, seed):
    """Each question is about one thing; all earlier ones are about things that are not near it."""
    rng = random.Random(f"visual tokens {BLIND} {seed}")
    pictures, found = Pictures(directory, rng, f"{BLIND}-"), []
    while len(found) < count:
        scene = scenes.random_scene(rng, count=rng.choice([2, 3, 4, 5]))
        asked = questions.ask(scene, rng, THING_KINDS[len(found) % len(THING_KINDS)])
        if not asked or len(named(asked)) != 1:
            continue
        thing = next(iter(named(asked)))
        far = {i for i, other in enumerate(scene.things) if i != thing and not is_near(scene.things[thing], other)}
        earlier = earlier_questions(scene, rng, {questions.plain(asked.question)}, BEFORE_BLIND_KINDS,
                                    lambda before: named(before) and named(before) <= far)
        if earlier:
            found.append(asked_once(BLIND, len(found), pictures.draw(scene), asked, earlier))
    return found


def draw(directory, seed, share=1.0):
    """All samples, each `share` of its size; a list of Asked."""
    found = all_kinds(directory, round(share * SIZES[ALL]), seed)
    for sample in (COUNTING, SMALL, PLACES):
        found += of_sample(directory, sample, round(share * SIZES[sample]), seed)
    return found + blind(directory, round(share * SIZES[BLIND]), seed)


def drawn(directory, seed, share=1.0):
    """draw(), or what an earlier call drew into this directory with the same arguments."""
    path, wanted = Path(directory) / "drawn.json", [seed, share]
    if path.exists():
        known = json.loads(path.read_text())
        if known["of"] != wanted:
            raise SystemExit(f"{path} is of {known['of']}, not of {wanted}: choose another --work")
        return [Asked(**one) for one in known["asked"]]
    asked = draw(directory, seed, share)
    path.write_text(json.dumps({"of": wanted, "asked": [asdict(one) for one in asked]}))
    return asked


class Looks:
    """What the program found out about each picture before the measured question: encoder[64], embedding[64, width],
    attention[EARLIER, layers, 64]."""

    def __init__(self, asked, tokens, width, layers):
        self.lines, self.place = [], {}
        for one in asked:
            for name, earlier in zip(one.pictures, one.earlier):
                if name not in self.place:
                    self.place[name] = len(self.lines)
                    self.lines.append({"picture": name, "questions": earlier})
        self.tokens, self.width, self.layers, self.table = tokens, width, layers, None

    def save(self, path):
        Path(path).write_text("".join(json.dumps(line) + "\n" for line in self.lines))

    def bytes(self):
        """Of the file with the numbers."""
        return 4 * len(self.lines) * self.tokens * (1 + self.width + EARLIER * self.layers)

    def load(self, path):
        self.table = np.fromfile(path, np.float32).reshape(len(self.lines), -1)

    def of(self, name):
        """(encoder, embedding, attention) of a picture."""
        row, t = self.table[self.place[name]], self.tokens
        behind = t + t * self.width
        return row[:t], row[t:behind].reshape(t, self.width), row[behind:].reshape(EARLIER, self.layers, t)
