# SPDX-License-Identifier: Apache-2.0
"""Writes measured accuracy into the model card: card.py HELDOUT_DIR README.

HELDOUT_DIR holds questions.jsonl, as heldout.py writes it, and answers.jsonl with one {"id", "answer"} a line. An answer
counts as right only if it is the expected one to the letter.
"""
import json
import os
import sys
from collections import defaultdict

BEGIN, END = "<!-- accuracy: written by card.py -->\n", "<!-- end of accuracy -->"

FORMS = {
    "picture-first": "picture, then the question",
    "system": "the same after a system prompt never seen in training",
    "text-first": "question, then the picture",
    "text-first-system": "the same after a system prompt",
    "multi-turn": "after one to four earlier turns about the picture",
    "wide": "picture that is not square, then the question",
    "wide-text-first": "question, then a picture that is not square",
    "two-pictures": "two pictures, then a question about one",
    "two-pictures-text-first": "question about one of the two pictures that follow",
    "picture-each-turn": "second turn with a second picture",
    "no-picture": "a question without any picture",
}


def lines(path):
    with open(path) as file:
        return [json.loads(line) for line in file]


def table(title, records, answers, key, names=None):
    """A Markdown table of accuracy by records' `key`."""
    right, asked = defaultdict(int), defaultdict(int)
    for record in records:
        asked[record[key]] += 1
        right[record[key]] += answers[record["id"]] == record["answer"]
    out = [f"| {title} | right | of | |", "| --- | --: | --: | --: |"]
    for name in (n for n in (names or sorted(asked)) if asked[n]):
        label = f"`{name}`: {names[name]}" if names else f"`{name}`"
        out.append(f"| {label} | {right[name]} | {asked[name]} | {right[name] / asked[name]:.1%} |")
    return "\n".join(out)


def accuracy(directory):
    """The card's section for the answers in `directory`."""
    records = lines(os.path.join(directory, "questions.jsonl"))
    answers = {a["id"]: a["answer"] for a in lines(os.path.join(directory, "answers.jsonl"))}
    right = sum(answers[r["id"]] == r["answer"] for r in records)
    return (f"**{right / len(records):.1%}** of {len(records):,} held-out questions answered exactly right.\n\n"
            + table("how it is asked", records, answers, "form", FORMS) + "\n\n"
            + table("what is asked", records, answers, "type") + "\n")


def main():
    directory, card = sys.argv[1:]
    with open(card) as file:
        before, rest = file.read().split(BEGIN)
    after = rest.split(END, 1)[1]
    with open(card, "w") as file:
        file.write(before + BEGIN + accuracy(directory) + END + after)


if __name__ == "__main__":
    main()
