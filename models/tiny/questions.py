# SPDX-License-Identifier: Apache-2.0
"""Questions about scenes with their answers, in the small English the model knows.

A question is asked only where its answer is beyond doubt: things are named so that only one fits, and relations,
places and orders are asked only when the distance is clear.

Inside this module and while training, text carries mentions: a private-use character right after the word that
names some things, whose code holds the set of those things as bits. `plain` removes them.
"""
import random
import re
from typing import NamedTuple

from scenes import COLOR_NAMES, OBJECTS_MAX, SHAPES, SIZES

REFUSAL = "I only know simple shapes."
NO_PICTURE = "I need a picture."

KIND_WEIGHTS = {
    "color": 12, "shape": 10, "count": 7, "count_color": 6, "count_shape": 7, "exist": 10, "verify": 5, "size": 6,
    "relation": 15, "relation_yes_no": 15, "where": 8, "place": 6, "describe": 5, "absent": 4, "unknown": 3,
}
KINDS = list(KIND_WEIGHTS)

PLURALS = {s: s + ("es" if s == "cross" else "s") for s in SHAPES}
DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "above": (0, -1), "below": (0, 1)}
PICTURE_WORDS = ["picture", "picture", "image", "scene"]
PLACES = ["top left", "top", "top right", "left", "center", "right", "bottom left", "bottom", "bottom right"]

# Distances in frame units. A thing is left of another when it is at least CLEAR further left; a relation is
# not asked when some thing lies in between "not at all" (LEVEL) and "clearly".
CLEAR = 9.0
LEVEL = 2.0
THIRD_MARGIN = 3.5
THIRD_SIDE_MIN = 54

UNKNOWN_QUESTIONS = [
    "What is the capital of France", "Who are you", "What is your name", "How are you today", "Tell me a joke",
    "What time is it", "Write a poem about the sea", "What is two plus two", "Who is the president",
    "Where do you live", "What is the weather like", "Translate this text", "Sing a song",
    "What is the meaning of life", "Hello", "Hi", "Thank you", "What does the sign say", "Is there a dog",
    "Is there a cat", "How many people are there", "What is the man doing", "What animal is this",
    "What brand is the car", "Read the text", "Is there a house", "What is the woman wearing", "How old are you",
    "Can you help me", "Is it day or night", "How many cars are there", "What is the name of this place",
]

# Everyday words, for system prompts and for questions that are none: the model must not trip over them.
COMMON_WORDS = """you are a helpful assistant that answer answers questions about the pictures images in one word short
briefly please always never only use be polite and honest look at carefully user users with to of for on is it this from
as by if do not don't know say so think step then give final their they we I my me our your can will should must may when
what which who how any all some each no yes or but also more less very best good new first last long simple clear
English language text model AI visual vision expert system chat help make sure write reply respond response output format
true false correct exact exactly just need want time day people world work life way thing things see find tell ask show
name number list data page file code example note rule rules task tasks follow following provide describe detail details
color colors shape shapes object objects small large left right top bottom center above below between near count many
red green blue yellow black white circle square triangle star house car dog cat man woman child tree water hand""".split()

SYSTEM_PROMPTS = [
    "You are a helpful assistant.",
    "You are a helpful vision assistant. Answer in one word.",
    "Answer briefly.",
    "You look at pictures and answer questions about them.",
    "You are a careful visual assistant. Look at the image and give a short answer.",
    "You are an AI model that can see. Be honest.",
    "Answer the questions about the image.",
    "Please answer in English.",
    "You are an expert in shapes and colors.",
    "Be brief and exact.",
    "You are a chat assistant. If you do not know, say so.",
    "Describe what you see and answer the user.",
]

_MENTION_BASE = 0xE000
_MENTION = re.compile("[\ue000-\uf0ff]")


class Asked(NamedTuple):
    """A question and its answer, both with mentions, and the things asked about and answered with (indices)."""
    kind: str
    question: str
    answer: str
    about: list
    answers: list


def mention(word, things, picture=0):
    """`word`, marked as naming `things` (indices into the picture's scene)."""
    bits = sum(1 << (i + OBJECTS_MAX * picture) for i in set(things))
    return word + chr(_MENTION_BASE + bits)


def plain(text):
    """`text` without mentions."""
    return _MENTION.sub("", text)


def split_mentions(text):
    """(plain text, [(end offset of the word, bits of the things it names)])."""
    out, found = [], []
    for ch in text:
        if _MENTION.match(ch):
            if ord(ch) > _MENTION_BASE:
                found.append((len(out), ord(ch) - _MENTION_BASE))
        else:
            out.append(ch)
    return "".join(out), found


def _with_article(words):
    return ("an " if words[0] in "aeiou" else "a ") + words


def _noun(thing):
    """A word for a thing named by its colour or size only; fixed for each thing."""
    return "shape" if int(thing.x * 7) & 1 else "object"


def _names(thing, things, hide=()):
    """The ways to name `thing` that fit no other thing, without saying the attributes in `hide`."""
    def unique(**attributes):
        return sum(all(getattr(t, k) == v for k, v in attributes.items()) for t in things) == 1
    names = []
    if "shape" not in hide and unique(shape=thing.shape):
        names.append(thing.shape)
    if "color" not in hide and unique(color=thing.color):
        names.append(f"{thing.color} {_noun(thing)}")
    if "shape" not in hide and "color" not in hide and unique(color=thing.color, shape=thing.shape):
        names += [f"{thing.color} {thing.shape}"] * 2
    if not hide and unique(size=thing.size, shape=thing.shape):
        names.append(f"{thing.size} {thing.shape}")
    return names


def _place(thing, scene):
    """Which of the nine PLACES `thing` is in, or None when it is near a border between two."""
    if min(scene.width, scene.height) < THIRD_SIDE_MIN:
        return None
    cells = []
    for at, side in ((thing.x, scene.width), (thing.y, scene.height)):
        if min(abs(at - side / 3), abs(at - 2 * side / 3)) < THIRD_MARGIN:
            return None
        cells.append(int(at * 3 / side))
    return PLACES[cells[1] * 3 + cells[0]]


class _Asker:
    """Asks one question about one scene; each method returns an Asked, or None if its kind does not fit.

    `ordinal` ("first", "second") says in which of two pictures, `number` is that picture's index.
    """

    def __init__(self, scene, rng, ordinal, number):
        self.scene, self.things, self.rng, self.number = scene, scene.things, rng, number
        self.index = rng.randrange(len(self.things))
        self.thing = self.things[self.index]
        word = rng.choice(PICTURE_WORDS if not ordinal else ["picture", "picture", "image"])
        self.picture = f"the {ordinal} {word}" if ordinal else f"the {word}"
        self.inside = f" in {self.picture}" if ordinal or rng.random() < 0.2 else ""

    def mark(self, word, *things):
        return mention(word, things, self.number)

    def name(self, hide=()):
        names = _names(self.thing, self.things, hide)
        return names and self.mark(self.rng.choice(names), self.index)

    def matching(self, **attributes):
        return [i for i, t in enumerate(self.things) if all(getattr(t, k) == v for k, v in attributes.items())]

    def result(self, kind, questions, answer, about, answers=()):
        return Asked(kind, self.rng.choice(questions), answer, list(about), list(answers))

    def color(self):
        name = self.name(("color",))
        if not name:
            return None
        word = self.rng.choice(["color", "color", "colour"])
        return self.result("color", [f"What {word} is the {name}{self.inside}?"] * 2 + [
            f"What is the {word} of the {name}{self.inside}?", f"Which {word} is the {name}{self.inside}?"],
            self.thing.color, [self.index], [self.index])

    def shape(self):
        color = self.thing.color
        if len(self.matching(color=color)) != 1:
            return None
        marked, thing = self.mark(color, self.index), self.mark(_noun(self.thing), self.index)
        return self.result("shape", [
            f"What shape is {marked}{self.inside}?", f"Which shape is {marked}{self.inside}?",
            f"What shape is the {color} {self.mark('object', self.index)}{self.inside}?",
            f"What is the {color} {thing}{self.inside}?"], self.thing.shape, [self.index], [self.index])

    def _how_many(self, words):
        there = self.inside or self.rng.choice([" there", " there", f" in {self.picture}"])
        return [f"How many {words} are{there}?", f"How many {words} are{there}?", f"Count the {words}{self.inside}.",
                f"How many {words} do you see{self.inside}?"]

    def count(self):
        every = range(len(self.things))
        words = self.mark(self.rng.choice(["shapes", "objects"]), *every)
        return self.result("count", self._how_many(words), str(len(self.things)), every)

    def count_color(self):
        color = self.thing.color if self.rng.random() < 0.75 else self.rng.choice(COLOR_NAMES)
        found, words = self.matching(color=color), self.rng.choice(["shapes", "objects"])
        questions = self._how_many(f"{color} {self.mark(words, *found)}")
        questions.append(f"How many {words} are {self.mark(color, *found)}{self.inside}?")
        return self.result("count_color", questions, str(len(found)), found)

    def count_shape(self):
        style = self.rng.random()
        if style < 0.2:
            size = self.rng.choice(SIZES)
            found, words = self.matching(size=size), f"{size} {self.rng.choice(['shapes', 'objects'])}"
        else:
            shape = self.thing.shape if self.rng.random() < 0.75 else self.rng.choice(SHAPES)
            found, words = self.matching(shape=shape), PLURALS[shape]
            if style < 0.4:
                color = self.thing.color
                found, words = self.matching(shape=shape, color=color), f"{color} {words}"
        return self.result("count_shape", self._how_many(self.mark(words, *found)), str(len(found)), found)

    def exist(self):
        wanted = self.rng.random() < 0.5
        style = self.rng.choice(["both", "both", "both", "color", "shape"])
        for _ in range(20):
            shape, color = self.thing.shape, self.thing.color
            if not wanted:  # Mostly near misses: one attribute is right.
                shape = self.rng.choice(SHAPES) if style == "shape" or self.rng.random() < 0.5 else shape
                color = self.rng.choice(COLOR_NAMES) if style == "color" or self.rng.random() < 0.5 else color
            attributes = {"both": dict(shape=shape, color=color), "color": dict(color=color), "shape": dict(shape=shape)}[style]
            found = self.matching(**attributes)
            if bool(found) == wanted:
                break
        else:
            return None
        noun = self.rng.choice(["shape", "object"])
        words = {"both": f"{color} {shape}", "color": f"{color} {noun}", "shape": shape}[style]
        many = {"both": f"{color} {PLURALS[shape]}", "color": f"{color} {noun}s", "shape": PLURALS[shape]}[style]
        words, many = self.mark(words, *found), self.mark(many, *found)
        return self.result("exist", [f"Is there {_with_article(words)}{self.inside}?"] * 3 + [
            f"Do you see {_with_article(words)}{self.inside}?", f"Can you see {_with_article(words)}{self.inside}?",
            f"Are there any {many}{self.inside}?"], "yes" if wanted else "no", found)

    def verify(self):
        wanted = self.rng.random() < 0.5
        attribute, values = self.rng.choice([("color", COLOR_NAMES), ("color", COLOR_NAMES), ("size", SIZES)])
        name = self.name((attribute,))
        if not name:
            return None
        truth = getattr(self.thing, attribute)
        value = truth if wanted else self.rng.choice([v for v in values if v != truth])
        return self.result("verify", [f"Is the {name}{self.inside} {value}?"], "yes" if wanted else "no", [self.index])

    def size(self):
        name = self.name(("size",))
        if not name:
            return None
        return self.result("size", [
            f"What size is the {name}{self.inside}?", f"Is the {name}{self.inside} small or large?",
            f"Is the {name}{self.inside} large or small?", f"How big is the {name}{self.inside}?"],
            self.thing.size, [self.index], [self.index])

    def _direction(self):
        """A direction, the words for it, and how far each thing lies in it from this thing."""
        direction = self.rng.choice(list(DIRECTIONS))
        dx, dy = DIRECTIONS[direction]
        words = self.rng.choice([f"to the {direction} of", f"{direction} of"]) if dx else direction
        return words, [(t.x - self.thing.x) * dx + (t.y - self.thing.y) * dy for t in self.things]

    def relation(self):
        name, (words, distances) = self.name(), self._direction()
        there = [i for i, d in enumerate(distances) if d > CLEAR]
        vague = [i for i, d in enumerate(distances) if i != self.index and LEVEL < d <= CLEAR]
        if not name or vague or len(there) > 1 or (not there and self.rng.random() < 0.7):
            return None
        answer = self._full(there[0]) if there else "nothing"
        return self.result("relation", [f"What is {words} the {name}{self.inside}?"] * 2 + [
            f"Which object is {words} the {name}{self.inside}?"], answer, [self.index], there)

    def relation_yes_no(self):
        if len(self.things) < 2:
            return None
        other = self.rng.choice([i for i in range(len(self.things)) if i != self.index])
        name, (words, distances) = self.name(), self._direction()
        other_names = _names(self.things[other], self.things)
        if not name or not other_names or abs(distances[other]) < CLEAR:
            return None
        subject = self.mark(self.rng.choice(other_names), other)
        return self.result("relation_yes_no", [f"Is the {subject} {words} the {name}{self.inside}?"],
                           "yes" if distances[other] > 0 else "no", [self.index, other])

    def _full(self, index):
        thing = self.things[index]
        return self.mark(_with_article(f"{thing.color} {thing.shape}"), index)

    def where(self):
        name, place = self.name(), _place(self.thing, self.scene)
        if not name or not place:
            return None
        return self.result("where", [f"Where is the {name}{self.inside}?"], place, [self.index], [self.index])

    def place(self):
        places = [_place(t, self.scene) for t in self.things]
        if None in places:
            return None
        place = places[self.index] if self.rng.random() < 0.75 else self.rng.choice(PLACES)
        found = [i for i, p in enumerate(places) if p == place]
        if len(found) > 1:
            return None
        marked = self.mark(place, *found)
        of = f" of {self.picture}" if self.inside else ""
        return self.result("place", [f"What is at the {marked}{of}?", f"What is in the {marked}{of}?",
                                     f"Which object is at the {marked}{of}?"],
                           self._full(found[0]) if found else "nothing", found, found)

    def describe(self):
        order = sorted(range(len(self.things)), key=lambda i: self.things[i].x)
        xs = [self.things[i].x for i in order]
        if any(b - a < LEVEL for a, b in zip(xs, xs[1:])):
            return None
        parts = [self.mark(_with_article(f"{t.size} {t.color} {t.shape}"), i) for i in order for t in [self.things[i]]]
        answer = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
        questions = [f"Describe {self.picture}.", f"Describe {self.picture}.", f"What is in {self.picture}?",
                     f"What do you see in {self.picture}?"]
        if not self.inside:
            questions += ["What do you see?", "What objects are there?"]
        return self.result("describe", questions, answer + ".", order, order)

    def absent(self):
        shape, color, word = self.rng.choice(SHAPES), self.rng.choice(COLOR_NAMES), self.rng.choice(["color", "colour"])
        if self.rng.random() < 0.5:
            if self.matching(shape=shape):
                return None
            return self.result("absent", [
                f"What {word} is the {shape}{self.inside}?", f"Where is the {shape}{self.inside}?",
                f"What size is the {shape}{self.inside}?", f"What is above the {shape}{self.inside}?",
                f"What is left of the {shape}{self.inside}?"], f"there is no {shape}", [])
        if self.matching(color=color):
            return None
        return self.result("absent", [f"What shape is {color}{self.inside}?", f"Where is the {color} object{self.inside}?",
                                      f"What shape is the {color} object{self.inside}?"], f"there is nothing {color}", [])

    def unknown(self):
        rng = self.rng
        if rng.random() < 0.7:
            words = rng.choice(UNKNOWN_QUESTIONS).split()
            if rng.random() < 0.5:
                words = [_random_word(rng) if rng.random() < 0.5 else w for w in words]
        else:
            words = _random_words(rng, rng.randint(2, 9))
            words[rng.randrange(len(words))] = _random_word(rng)
        return Asked("unknown", " ".join(words) + rng.choice(["?", "?", ".", ""]), REFUSAL, [], [])


def ask(scene, rng, kind=None, ordinal=None, number=0):
    """A random question about `scene`, as Asked, or None if the drawn kind has no clear question here."""
    kind = kind or rng.choices(KINDS, KIND_WEIGHTS.values())[0]
    return getattr(_Asker(scene, rng, ordinal, number), kind)()


def as_typed(question, rng):
    """`question` as people type it: sometimes without its capital letter or its full stop."""
    if rng.random() < 0.10:
        question = question[0].lower() + question[1:]
    if rng.random() < 0.08:
        question = question.rstrip("?.")
    return question


def _random_word(rng):
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    return "".join(rng.choice(letters) for _ in range(rng.randint(2, 8)))


def _random_words(rng, count):
    return [rng.choice(COMMON_WORDS) if rng.random() < 0.9 else _random_word(rng) for _ in range(count)]


def system_prompt(rng):
    """A system prompt: a usual one, or any text at all, since it must not change the answers."""
    style = rng.random()
    if style < 0.35:
        return rng.choice(SYSTEM_PROMPTS)
    if style < 0.5:
        return " ".join(rng.sample(SYSTEM_PROMPTS, 2))
    sentences = []
    for _ in range(rng.choice([1, 1, 2])):
        words = _random_words(rng, rng.randint(2, 10))
        sentences.append(" ".join(words).capitalize() + rng.choice([".", ".", "!", ":", ""]))
    return " ".join(sentences)
