# SPDX-License-Identifier: Apache-2.0
"""Training rows: conversations about pictures, packed so that one look at a picture teaches many answers.

A row is a sequence of fixed length with one or two runs of picture slots. What comes before the last picture is the
trunk; after it come either the turns of one conversation, or branches: questions that all see the trunk but not each
other, each at the positions it would have alone. Branches from NO_PICTURE_BRANCH on do not see the pictures either.

The layouts (see LAYOUTS) differ in what stands where: system prompt or none, text before or after the picture, one or
two pictures, one question or several turns. Rows of `tool` and `tool_pair` are written by tool_rows.py.
"""
import random
from dataclasses import dataclass

import numpy as np

import questions
import scenes
import tokenizer as tokens
from model import PATCHES

NO_TARGET = -100
PADDING, TRUNK, NO_PICTURE_BRANCH = -1, 0, 64


@dataclass(frozen=True)
class Layout:
    """Slots of a row: `head`, then for each picture PATCHES slots, `middle` between two pictures, `tail` at the end.

    Head and middle are aligned right, so the text ends where the picture starts.
    """
    head: int
    tail: int
    pictures: int = 1
    middle: int = 0

    @property
    def length(self):
        return self.head + self.pictures * PATCHES + (self.pictures - 1) * self.middle + self.tail

    @property
    def picture_starts(self):
        return [self.head + n * (PATCHES + self.middle) for n in range(self.pictures)]


LAYOUTS = {
    "plain": Layout(head=2, tail=120),
    "system": Layout(head=44, tail=120),
    "text_first": Layout(head=22, tail=44),
    "text_first_system": Layout(head=60, tail=44),
    "pair": Layout(head=3, tail=112, pictures=2, middle=1),
    "pair_system": Layout(head=44, tail=112, pictures=2, middle=1),
    "pair_text_first": Layout(head=26, tail=34, pictures=2, middle=1),
    "pair_turns": Layout(head=3, tail=88, pictures=2, middle=40),
    "tool": Layout(head=116, tail=96),
    "tool_pair": Layout(head=116, tail=36, pictures=2, middle=110),
}

# Fields of a row and their types; `bits_early` and `bits_late` name the things that the attention of an early
# and of a late layer is taught to look at.
FIELDS = {"token": np.int16, "position": np.int16, "branch": np.int8, "target": np.int16,
          "bits_early": np.int16, "bits_late": np.int16}


class _Text:
    """A run of tokens with the per-token fields that training needs."""

    def __init__(self):
        self.token, self.target, self.early, self.late = [], [], [], []

    def __len__(self):
        return len(self.token)

    def add(self, ids, early=None, late=None, target=None):
        self.token += ids
        self.early += early or [0] * len(ids)
        self.late += late or [0] * len(ids)
        self.target += target or [NO_TARGET] * len(ids)
        return self

    def extend(self, other):
        return self.add(other.token, other.early, other.late, other.target)

    def without_last(self):
        return _Text().add(self.token[:-1], self.early[:-1], self.late[:-1], self.target[:-1])

    def answer(self, ids, bits, late):
        """Adds an answer, teaching each of its tokens to the position before it."""
        self.target[-1] = ids[0]
        self.late[-1] = late[0]
        self.add(ids, bits, late[1:] + [0], ids[1:] + [NO_TARGET])


class Packer:
    """Writes rows of every layout for scenes; owns the tokenizer and the random source."""

    def __init__(self, tokenizer, rng):
        self.tokenizer, self.rng = tokenizer, rng
        self.user, self.assistant, self.end, self.system = (
            tokenizer.ids[t] for t in (tokens.USER, tokens.ASSISTANT, tokens.END, tokens.SYSTEM))
        self.newline = tokenizer.encode("\n")[0]

    # --- pieces of a conversation

    def _open_user(self, system_max):
        """The start of a conversation, up to where the user's content begins, with a system prompt if it fits."""
        text = _Text()
        if system_max:
            for _ in range(8):
                ids = self.tokenizer.encode(questions.system_prompt(self.rng))
                if len(ids) <= system_max:
                    text.add([self.system, self.newline] + ids + [self.end, self.newline])
                    break
        return text.add([self.user, self.newline])

    def _separator(self, before):
        """What clients put between picture and text: nothing, a new line or a space."""
        return self.rng.choices(["", "\n", " "], [6, 4, 0 if before else 1])[0]

    def _question(self, asked, after_picture):
        text = questions.as_typed(asked.question, self.rng)
        if after_picture:
            text = self._separator(False) + text
        return self.tokenizer.encode_marked(text)

    @staticmethod
    def _about(asked, number):
        return sum(1 << (i + scenes.OBJECTS_MAX * number) for i in set(asked.about))

    def _answer(self, asked, number):
        """(ids, early bits, late bits): `late` says for each predicted token what to look at while predicting it."""
        ids, bits = self.tokenizer.encode_marked(asked.answer)
        if any(bits):
            late, following = [], 0
            for b in reversed(bits):
                following = b or following
                late.append(following)
            late.reverse()
            last = max(i for i, b in enumerate(bits) if b)
            late[last + 1:] = [0] * (len(late) - last - 1)
        else:
            things = asked.answers or asked.about
            late = [sum(1 << (i + scenes.OBJECTS_MAX * number) for i in set(things))] * len(ids)
        return ids + [self.end], bits + [0], late + [0]

    def _turn(self, asked, number, after_picture, follows=False, ask_bits=True):
        """A question and its answer, after the picture(s); `follows` puts the end of the turn before in front."""
        text = _Text()
        if follows:
            text.add([self.newline, self.user, self.newline])
        ids, bits = self._question(asked, after_picture)
        if not ask_bits:
            # Which picture is meant shows only at the question's end, so that is where it can be looked for.
            bits = [0] * len(bits)
            text.add(ids, bits)
            text.add([self.end], [self._about(asked, number)])
        else:
            text.add(ids, bits).add([self.end])
        text.add([self.newline, self.assistant, self.newline])
        text.answer(*self._answer(asked, number))
        return text

    def _ask(self, scene, ordinal=None, number=0):
        while True:
            asked = questions.ask(scene, self.rng, ordinal=ordinal, number=number)
            if asked:
                return asked

    def _ask_pair(self, pair, latest=False):
        """A question about the first or second of two pictures; `latest` allows one that just means the second."""
        number = self.rng.randrange(2)
        if latest and self.rng.random() < 0.4:
            return self._ask(pair[1], None, 1), 1, True
        asked = self._ask(pair[number], ["first", "second"][number], number)
        return asked, number, False

    # --- rows

    def row(self, kind, pair):
        """A row (dict of FIELDS arrays) of layout `kind` about the scenes of `pair`, of which it uses one or both."""
        layout = LAYOUTS[kind]
        writer = _RowWriter(layout)
        if kind in ("plain", "system"):
            self._picture_first(writer, layout, pair[0], turns=kind == "system" and self.rng.random() < 0.6)
        elif kind.startswith("text_first"):
            self._text_first(writer, layout, pair[0], "system" in kind)
        elif kind == "pair_text_first":
            self._pair_text_first(writer, layout, pair)
        else:
            self._pair(writer, layout, pair, kind)
        return writer.fields

    def _picture_first(self, writer, layout, scene, turns):
        with_system = layout.head > 2 and (not turns or self.rng.random() < 0.6)
        head = self._open_user(layout.head - 6 if with_system else 0)
        writer.head(head)
        if turns:
            return self._conversation(writer, lambda first: self._turn(self._ask(scene), 0, first, not first))
        base = writer.next_position
        failures = 0
        while failures < 4:
            asked = self._ask(scene)
            blind = self.rng.random() < 0.03
            if blind:
                asked = asked._replace(question=questions.plain(asked.question), answer=questions.NO_PICTURE, about=[], answers=[])
            position = base - PATCHES if blind else base
            failures += not writer.branch(self._turn(asked, 0, not blind), position, blind)

    def _conversation(self, writer, turn):
        first = True
        while writer.trunk(turn(first)):
            first = False

    def _text_first(self, writer, layout, scene, with_system):
        for _ in range(20):
            asked = self._ask(scene)
            head = self._open_user(layout.head - 26 if with_system else 0)
            ids, _ = self._question(asked, False)
            head.add(ids + self.tokenizer.encode(self._separator(True)))
            if writer.head(head):
                break
        opening = _Text().add([self.end], [self._about(asked, 0)]).add([self.newline, self.assistant, self.newline])
        opening.answer(*self._answer(asked, 0))
        writer.trunk(opening)
        self._conversation(writer, lambda first: self._turn(self._ask(scene), 0, False, follows=True))

    def _pair(self, writer, layout, pair, kind):
        writer.head(self._open_user(layout.head - 6 if kind == "pair_system" else 0))
        latest = kind == "pair_turns"
        if latest:
            while True:
                middle = self._turn(self._ask(pair[0]), 0, True).add([self.newline, self.user, self.newline])
                if writer.middle(middle):
                    break
        elif self.rng.random() < 0.4:
            writer.middle(_Text().add([self.newline]))
        base, failures = writer.next_position, 0
        if kind == "pair_system" and self.rng.random() < 0.4:
            def turn(first):
                asked, number, _ = self._ask_pair(pair)
                return self._turn(asked, number, first, not first, ask_bits=False)
            return self._conversation(writer, turn)
        while failures < 4:
            asked, number, plain = self._ask_pair(pair, latest)
            failures += not writer.branch(self._turn(asked, number, True, ask_bits=plain), base, False)

    def _pair_text_first(self, writer, layout, pair):
        for _ in range(20):
            asked, number, _ = self._ask_pair(pair)
            head = self._open_user(0)
            head.add(self._question(asked, False)[0] + self.tokenizer.encode(self._separator(True)))
            if writer.head(head):
                break
        if self.rng.random() < 0.4:
            writer.middle(_Text().add([self.newline]))
        opening = _Text().add([self.end], [self._about(asked, number)]).add([self.newline, self.assistant, self.newline])
        opening.answer(*self._answer(asked, number))
        writer.trunk(opening)


class _RowWriter:
    """Fills the slots of one row from left to right."""

    def __init__(self, layout):
        self.layout = layout
        self.fields = {name: np.zeros(layout.length, kind) for name, kind in FIELDS.items()}
        self.fields["branch"][:] = PADDING
        self.fields["target"][:] = NO_TARGET
        self.at = layout.length - layout.tail
        self.next_position = 0
        self.branches = 0

    def _put(self, at, text, position, branch):
        span = slice(at, at + len(text))
        self.fields["token"][span] = text.token
        self.fields["target"][span] = text.target
        self.fields["bits_early"][span] = text.early
        self.fields["bits_late"][span] = text.late
        self.fields["position"][span] = np.arange(position, position + len(text))
        self.fields["branch"][span] = branch

    def _picture(self, start):
        self.fields["position"][start:start + PATCHES] = np.arange(self.next_position, self.next_position + PATCHES)
        self.fields["branch"][start:start + PATCHES] = TRUNK
        self.next_position += PATCHES

    def head(self, text):
        """Writes the head and the pictures after it; False, and nothing written, if it is too long."""
        if len(text) > self.layout.head:
            return False
        self._put(self.layout.head - len(text), text, 0, TRUNK)
        self.next_position = len(text)
        self._picture(self.layout.head)
        if self.layout.pictures == 2:
            self._picture(self.layout.picture_starts[1])
        return True

    def middle(self, text):
        """Writes what stands between two pictures; False, and nothing written, if it is too long."""
        if len(text) > self.layout.middle:
            return False
        second = self.layout.picture_starts[1]
        self.next_position -= PATCHES
        self._put(second - len(text), text, self.next_position, TRUNK)
        self.next_position += len(text)
        self._picture(second)
        return True

    def trunk(self, text):
        """Appends a turn that all that follows sees; False if it does not fit."""
        if self.at + len(text) > self.layout.length:
            return False
        self._put(self.at, text, self.next_position, TRUNK)
        self.at += len(text)
        self.next_position += len(text)
        return True

    def branch(self, text, position, blind):
        """Appends a question that only sees the trunk (without the pictures if `blind`); False if it does not fit."""
        text = text.without_last()  # Nothing follows, so nothing is learnt from the answer's end.
        if self.at + len(text) > self.layout.length:
            return False
        self.branches += 1
        self._put(self.at, text, position, self.branches + (NO_PICTURE_BRANCH if blind else 0))
        self.at += len(text)
        return True


# How many rows of each layout a scene gets; fractions are chances.
ROWS_PER_SCENE = {"plain": 1.0, "system": 1.0, "text_first": 2.0, "text_first_system": 1.0,
                  "pair": 0.25, "pair_system": 0.25, "pair_text_first": 0.5, "pair_turns": 0.25}


def make_shard(tokenizer, seed, count, packer_type=Packer, rows_per_scene=None):
    """`count` scenes as arrays: "frame", "cover", "attributes" and "centres" of each, and the rows of each layout as
    "<layout>/<field>" and "<layout>/picture".

    `picture` holds the indices of a row's frames inside the shard.
    """
    rng = random.Random(seed)
    packer = packer_type(tokenizer, rng)
    rows_per_scene = rows_per_scene or ROWS_PER_SCENE
    all_scenes = [scenes.random_scene(rng) for _ in range(count)]
    frames, covers = zip(*(scenes.training_frame(s, rng) for s in all_scenes))
    shard = {"frame": np.stack(frames), "cover": np.stack(covers),
             "attributes": np.stack([scenes.patch_attributes(s, c) for s, c in zip(all_scenes, covers)]),
             "centres": np.stack([scenes.centres(s) for s in all_scenes])}
    for kind, share in rows_per_scene.items():
        layout, rows, pictures = LAYOUTS[kind], [], []
        for index in range(count):
            for _ in range(int(share) + (rng.random() < share % 1)):
                other = (index + 1 + rng.randrange(count - 1)) % count
                rows.append(packer.row(kind, (all_scenes[index], all_scenes[other])))
                pictures.append([index, other][:layout.pictures])
        for name in FIELDS:
            shard[f"{kind}/{name}"] = np.stack([r[name] for r in rows])
        shard[f"{kind}/picture"] = np.array(pictures, np.int32)
    return shard
