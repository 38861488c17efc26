# SPDX-License-Identifier: Apache-2.0
"""Draws the questions for the loss of `--reuse moved`: moved_draw.py --out DIR --seed S [--questions N].

DIR gets PNG pictures and questions.jsonl for bench/approximate/moved.cc. The four samples are those of
docs/results/approximate/rules.md: "system" (under another system prompt), "text" (behind another text), "second" (as
second of two pictures) and "third" (behind two other pictures and a turn). N is the size of each of the first three; the
last has half of it. A line has, besides what moved.cc reads, "sample", "form", "kind", "cluster" (the pictures that it is
about) and "truth", the right answer.
"""
import argparse
import json
import os
import random
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "models/tiny"))

import heldout  # noqa: E402
import questions  # noqa: E402
import scenes  # noqa: E402
from heldout import assistant, image_part, text_part, user  # noqa: E402

SHARES = [0, 0.02, 0.05, 0.10, 0.20]  # of a picture's tokens, computed anew
LANES = 4  # requests in a batch of moved.cc
QUESTIONS_PER_GROUP = 2  # of a sample, about the same pictures

# Each has 200 tokens or more of the bundled model.
LONG_SYSTEM_PROMPTS = [
    "You work for a museum that shows drawings to children. Be kind and patient. Look at the picture before you answer, "
    "and look at it once more when you think that you are done. Name what you see with the words that a child knows. Never "
    "make up things that are not in the picture. If a question has nothing to do with the picture, say so in one short "
    "sentence. Do not speak about prices, opening times or other visitors. Do not give advice about health, money or law. "
    "Keep each answer short, since it is printed on a small card next to the drawing.",
    "# Task\nYou check pictures that come from a printing machine. Each picture shows some shapes on paper.\n# Rules\n1. Answer "
    "only what is asked.\n2. Use lower case.\n3. Do not add an explanation.\n4. Say how many, which color, which shape or "
    "where, depending on the question.\n5. If something is missing, say that it is not there.\n6. If two things look the "
    "same, count both.\n7. The left side is the left side of the picture and not of the paper.\n# Notes\nThe machine was "
    "repaired in May. Older reports may use other names for the same things. Ignore the serial number at the edge.",
    "The following conversation is between a customer and an assistant of a shop that sells toys made of wood. The assistant "
    "can see pictures. The customer may send one picture or several, and may ask about any of them. Orders arrive between "
    "Monday and Friday. A return is free of charge within thirty days, and the box need not be opened for it. The assistant "
    "never promises a date. The assistant answers in English even where the customer writes in another language. The "
    "assistant is honest: what cannot be seen in the picture is not claimed, and what can be seen is not denied.",
    "You are one of several programs that look at the same picture. Another program has found its edges, a third one has "
    "measured its brightness, and you answer questions about its contents. Your answers are compared with those of people, "
    "so they must be exact. Think about the whole picture first, then about its parts: top left, top, top right, left, "
    "center, right, bottom left, bottom, bottom right. A large thing may reach over several of them; what counts is its "
    "middle. Small things count as much as large ones. Write only the answer itself, without the question, without a list.",
]

DIFFERENCE_QUESTIONS = [
    "How do the two pictures differ?", "What is different in the second picture?", "Compare the two pictures.",
    "What do the pictures have in common?", "Which picture has more shapes?", "Are the two pictures equal?",
]


class Drawing:
    """Draws groups of three pictures, and from each group the questions of all samples that still need some."""

    def __init__(self, directory, seed, sources):
        self.sources = sources
        self.held_out = heldout.HeldOut(directory, f"moved {seed}")
        self.rng = random.Random(f"moved questions {seed}")
        self.records, self.groups = [], 0
        self.turns = {}
        self.earlier = [self._picture() for _ in range(2)]  # pictures of another group

    def next_of(self, name, choices):
        """The choices in turns, so that each comes equally often."""
        self.turns[name] = self.turns.get(name, -1) + 1
        return choices[self.turns[name] % len(choices)]

    def group(self, counts):
        """`counts`: sample -> questions that it still needs; lowered by what is drawn."""
        pictures = [self._picture() for _ in range(3)]
        makers = {"system": self._system, "text": self._text, "second": self._second, "third": self._third}
        for sample, make in makers.items():
            for _ in range(min(QUESTIONS_PER_GROUP, counts[sample])):
                counts[sample] -= 1
                make(pictures)
        self.groups += 1
        self.earlier = pictures[:2]

    def _picture(self):
        square = self.rng.random() < 0.5
        canvas = (scenes.FRAME, scenes.FRAME) if square else self.held_out.wide_canvas()
        return self.held_out.picture(canvas, heldout.SQUARE_SIDES if square else heldout.WIDE_SIDES)

    def _add(self, sample, form, kind, messages, truth, image, alike):
        """`alike`: messages of another prompt of this form with the same picture in the same place."""
        names = [part["image_url"]["url"] for message in messages if isinstance(message["content"], list)
                 for part in message["content"] if part["type"] == "image_url"]
        alone = [user(image_part(names[image]), text_part("Describe the picture."))]
        prompts = [message["content"] for message in messages if message["role"] == "system"]
        other = self.rng.choice([prompt for prompt in heldout.SYSTEM_PROMPTS if prompt not in prompts])
        every = {"head": {"messages": alone, "shares": SHARES},
                 "alike": {"messages": alike, "image": image, "shares": [SHARES[0], SHARES[-1]]},
                 "system": {"messages": [{"role": "system", "content": other}] + alone, "shares": SHARES},
                 "first": {"messages": [], "shares": SHARES},
                 "same": {"messages": messages, "image": image, "shares": SHARES[:1]}}
        self.records.append({
            "id": f"{sample}-{len(self.records):05}", "sample": sample, "form": form, "kind": kind, "cluster": self.groups,
            "messages": messages, "truth": truth, "image": image,
            "sources": [{"name": name, **every[name]} for name in self.sources]})

    def _system(self, pictures):
        scene, name = pictures[0]
        prompt = self.next_of("system", heldout.SYSTEM_PROMPTS + LONG_SYSTEM_PROMPTS)
        kind, question, truth = self.held_out.ask(scene)
        of_its_length = LONG_SYSTEM_PROMPTS if prompt in LONG_SYSTEM_PROMPTS else heldout.SYSTEM_PROMPTS
        other = self.rng.choice([each for each in of_its_length if each != prompt])

        def messages(system, words):
            return [{"role": "system", "content": system}, user(image_part(name), text_part(words))]
        self._add("system", "long" if prompt in LONG_SYSTEM_PROMPTS else "short", kind, messages(prompt, question), truth, 0,
                  messages(other, "Describe the picture."))

    def _text(self, pictures):
        scene, name = pictures[1]
        form = self.next_of("text", ["question-first", "other-question-first", "turn"])
        kind, question, truth = self.held_out.ask(scene)
        _, earlier, _ = self.held_out.ask(scene)
        others = [words + "?" for words in self.rng.sample(questions.UNKNOWN_QUESTIONS, 2)]

        def messages(words, other):
            if form == "question-first":
                return [user(text_part(words), image_part(name))]
            if form == "other-question-first":
                return [user(text_part(other + " "), image_part(name), text_part(words))]
            return [user(text_part(other)), assistant(questions.REFUSAL), user(image_part(name), text_part(words))]
        self._add("text", form, kind, messages(question, others[0]), truth, 0, messages(earlier, others[1]))

    def _second(self, pictures):
        first, second, other = pictures
        about = self.next_of("second", ["about-first", "about-second", "difference"])
        images = [image_part(first[1]), image_part(second[1])]
        alike_images = [image_part(other[1]), image_part(second[1])]
        alike = [user(*alike_images, text_part("Describe the second picture."))]
        if about == "difference" and self.next_of("difference", [True, False]):
            messages = [user(*images, text_part(self.rng.choice(DIFFERENCE_QUESTIONS)))]
            return self._add("second", about, "difference", messages, questions.REFUSAL, 1, alike)
        if about == "difference":
            return self._same_question_of_both(first, second, images, alike)
        chosen = 0 if about == "about-first" else 1
        kind, question, truth = self.held_out.ask((first, second)[chosen][0], ("first", "second")[chosen])
        if self.next_of(about, [False, False, True]):
            _, earlier, _ = self.held_out.ask(second[0], "second")
            return self._add("second", about + "-text-first", kind, [user(text_part(question), *images)], truth, 1,
                             [user(text_part(earlier), *alike_images)])
        return self._add("second", about, kind, [user(*images, text_part(question))], truth, 1, alike)

    def _same_question_of_both(self, first, second, images, alike):
        """The same kind of question about one picture, and then about the other."""
        while True:
            kind, asked, answer = self.held_out.ask(first[0], "first")
            for _ in range(heldout.TRIES):
                if again := questions.ask(second[0], self.rng, kind, "second"):
                    question, truth = questions.plain(again.question), questions.plain(again.answer)
                    messages = [user(*images, text_part(asked)), assistant(answer), user(text_part(question))]
                    return self._add("second", "both-in-turn", kind, messages, truth, 1, alike)

    def _third(self, pictures):
        first, second, third = pictures

        def turn(one, two):
            chosen = self.rng.randrange(2)
            _, asked, answer = self.held_out.ask((one, two)[chosen][0], ("first", "second")[chosen])
            return [user(image_part(one[1]), image_part(two[1]), text_part(asked)), assistant(answer)]
        kind, question, truth = self.held_out.ask(third[0])
        alike = turn(*self.earlier) + [user(image_part(third[1]), text_part("Describe the picture."))]
        messages = turn(first, second) + [user(image_part(third[1]), text_part(question))]
        self._add("third", "new-picture", kind, messages, truth, 2, alike)


def in_batches(records, rng):
    """The records in fours of one sample and, by drawing, of several groups of pictures, the samples in turns."""
    fours = []
    for sample in ("system", "text", "second", "third"):
        own = [record for record in records if record["sample"] == sample]
        rng.shuffle(own)
        fours += [(at / len(own), own[at:at + LANES]) for at in range(0, len(own), LANES)]
    return [record for _, four in sorted(fours, key=lambda each: each[0]) for record in four]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--seed", type=int, required=True)
    arguments.add_argument("--questions", type=int, default=300, help="of each sample; the last has half (default: %(default)s)")
    arguments.add_argument("--sources", default="head,alike,same",
                           help="of head, alike, system, first and same (default: %(default)s)")
    options = arguments.parse_args()
    if options.questions < 8 or options.questions % 8:
        sys.exit(f"--questions {options.questions}: write a multiple of 8, so that the lines can be batched by {LANES}")
    os.makedirs(options.out, exist_ok=True)
    drawing = Drawing(options.out, options.seed, options.sources.split(","))
    counts = {"system": options.questions, "text": options.questions, "second": options.questions,
              "third": options.questions // 2}
    while any(counts.values()):
        drawing.group(counts)
    with_lanes = in_batches(drawing.records, drawing.rng)
    with open(os.path.join(options.out, "questions.jsonl"), "w", encoding="utf-8") as file:
        for record in with_lanes:
            file.write(json.dumps(record) + "\n")
    print(f"{drawing.held_out.pictures} pictures, {len(drawing.records)} questions")


if __name__ == "__main__":
    main()
