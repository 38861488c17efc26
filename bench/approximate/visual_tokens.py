#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What fewer visual tokens on later looks cost in right answers: docs/results/approximate/visual-tokens.md.

  visual_tokens.py measure --seed NAME [--work DIR]   draws, asks, writes the raw results of that seed
  visual_tokens.py report                             the page's tables and decision, from the raw results of `held-out`

The rules are in docs/results/approximate/rules.md. Earlier questions about each picture are asked in the exact way,
and their attention is read. From it, tokens are chosen (visual_tokens_choice.py). Then the measured question is asked
in the exact way and with each choice. The raw results say of every question and setting whether the answer was right.

Needs numpy and Pillow: `./dev python3 bench/approximate/visual_tokens.py`. Everything runs on one thread; a whole
measurement takes some 20 minutes of a processor.
"""
import argparse
import gzip
import json
import random
import subprocess
import tempfile
from pathlib import Path

import numpy as np

import visual_tokens_choice as choice
import visual_tokens_draw as draw
import visual_tokens_report as report

TOKENS, WIDTH, LAYERS = 64, 128, 6  # of the bundled model
SHARES = [0.5, 0.25, 0.12]
MILD_SHARE = 0.75  # not in the rules
MILD_CHOICES = ["remembered-3", "encoder", "uniform", "diverse", "random-0"]
# These choices decide, and are run on all questions. The others are run on the first FEWER of all kinds.
DECIDING = ["remembered-1", "remembered-3", "remembered-6", "encoder", "encoder-diverse", "diverse", "uniform"]
FEWER = 1000
RANDOM_DRAWS = 5  # the first of them on all questions of all kinds
CAPTURES = [4, 16]  # one request in so many is captured
CHOICES = DECIDING + ["first"] + [f"random-{n}" for n in range(RANDOM_DRAWS)] + [f"captured-{n}" for n in CAPTURES]
# Chosen on the seed `development`.
LOOKING_LAYERS = [1, 3]
DIVERSE = {0.75: 0.5, 0.5: 0.5, 0.25: 0.75, 0.12: 0.75}  # of the kept tokens, by share
COMPACT_CHOICES = ["remembered-3", "encoder", "uniform"]  # also with kept tokens prefilled alone
RAW = draw.CHECKOUT / "docs/results/approximate/visual-tokens"


def memory_of(attention, asked_before):
    """Scores of a picture's tokens after so many earlier questions."""
    return choice.merged_by_equation_3(choice.looked_at(attention[:asked_before], LOOKING_LAYERS))


def captured(attention, one_in, name):
    """The attention of those earlier questions that were captured, of one request in `one_in`."""
    rng = random.Random(f"capture {name} {one_in}")
    return attention[[number for number in range(len(attention)) if rng.random() < 1 / one_in]]


def kept_after_capture(look, share, one_in, name):
    """As remembered after all earlier questions; all tokens where none of them was captured."""
    _, embedding, attention = look
    attention = captured(attention, one_in, name)
    if not len(attention):
        return np.arange(TOKENS)
    return choice.remembered(memory_of(attention, len(attention)), embedding, share, DIVERSE[share])


class Chooser:
    """Choices for pictures, each made once. Those by chance are drawn anew for each question."""

    def __init__(self, looks):
        self.looks, self.known = looks, {}

    def kept(self, picture, question, which, share):
        if which.startswith(("random", "captured")):
            return self.chosen(picture, question, which, share)
        if (picture, which, share) not in self.known:
            self.known[picture, which, share] = self.chosen(picture, question, which, share)
        return self.known[picture, which, share]

    def chosen(self, picture, question, which, share):
        encoder, embedding, attention = look = self.looks.of(picture)
        count = choice.kept_count(share, TOKENS)
        kind, _, number = which.rpartition("-")
        if kind == "remembered":
            return choice.remembered(memory_of(attention, int(number)), embedding, share, DIVERSE[share])
        if kind == "random":
            return choice.at_random(share, TOKENS, random.Random(f"{question} {picture} {share} {number}"))
        if kind == "captured":
            return kept_after_capture(look, share, int(number), f"{question} {picture}")
        return {"encoder": lambda: choice.highest(encoder, count),
                "encoder-diverse": lambda: choice.remembered(encoder, embedding, share, DIVERSE[share]),
                "diverse": lambda: choice.spread_over(embedding, count),
                "uniform": lambda: choice.every_nth(share, TOKENS),
                "first": lambda: choice.highest(memory_of(attention, 1), count)}[which]()


def is_run(which, share, sample, among_first):
    """Whether a choice is run on a question; `among_first`: it is one of the first FEWER of all kinds."""
    if share == MILD_SHARE:
        return among_first and which in MILD_CHOICES
    return among_first or which in DECIDING or (which == "random-0" and sample == draw.ALL)


def settings_of(asked, chooser, among_first):
    """setting -> kept set of the whole prompt, as text. A setting is "choice@share"."""
    wanted = [(which, share) for share in SHARES + [MILD_SHARE] for which in CHOICES
              if asked.pictures and is_run(which, share, asked.sample, among_first)]
    return {f"{which}@{share}": "".join(choice.as_text(chooser.kept(name, asked.id, which, share), TOKENS)
                                        for name in asked.pictures) for which, share in wanted}


def compact_of(settings):
    """Those settings that are also run with the kept tokens alone prefilled."""
    return {name: kept for name, kept in settings.items() if name.split("@")[0] in COMPACT_CHOICES
            and float(name.split("@")[1]) in SHARES}


def run(program, *arguments, out=None):
    with open(out, "w") if out else open("/dev/null", "w") as file:
        subprocess.run([program, *map(str, arguments)], check=True, stdout=file)


def looked(program, directory, sample, asked):
    """What the earlier questions of a sample attended to."""
    looks, numbers = draw.Looks(asked, TOKENS, WIDTH, LAYERS), directory / f"looks-{sample}.bin"
    if not numbers.exists() or numbers.stat().st_size != looks.bytes():
        looks.save(directory / f"looks-{sample}.jsonl")
        run(program, "looks", directory / f"looks-{sample}.jsonl", numbers)
    looks.load(numbers)
    return looks


def plans_of(asked, looks, settings_of, fewer):
    """By question: its settings, and the different sets that they keep."""
    plans, chooser = {}, Chooser(looks)
    for number, one in enumerate(asked):
        among_first = one.sample == draw.ALL and number < fewer
        settings = settings_of(one, chooser, among_first)
        alone = compact_of(settings) if among_first else {}
        plans[one.id] = {"settings": settings, "kept": sorted(set(settings.values())),
                         "compact_settings": alone, "compact": sorted(set(alone.values()))}
    return plans


def measure(program, directory, seed, share, settings_of=settings_of, fewer=FEWER, samples=draw.SAMPLES):
    """The raw results of one seed. `settings_of` chooses tokens for a question. Goes on behind the last sample that was
    finished in `directory`."""
    asked = [one for one in draw.drawn(directory, seed, share) if one.sample in samples]
    plans, told = {}, {}
    for sample in samples:
        part = [one for one in asked if one.sample == sample]
        plans |= plans_of(part, looked(program, directory, sample, part), settings_of, round(share * fewer))
        lines, answers = directory / f"asked-{sample}.jsonl", directory / f"answers-{sample}.jsonl"
        text = "".join(json.dumps({"id": one.id, "messages": one.messages, "kept": plans[one.id]["kept"],
                                   "compact": plans[one.id]["compact"]}) + "\n" for one in part)
        if not answers.exists() or not lines.exists() or lines.read_text() != text:
            lines.write_text(text)
            run(program, "answers", lines, out=directory / "answers.part")
            (directory / "answers.part").replace(answers)
        told |= {line["id"]: line for line in map(json.loads, answers.read_text().splitlines())}
    return results_of(asked, plans, told, seed)


def results_of(asked, plans, answers, seed):
    """What is kept of a run: of every question what it was, and of every setting where it was right (1), wrong (0), or
    was not run (-), where its answer was another than the exact one, and the divergence of the first token."""
    right, other, divergences = {"exact": ["-"] * len(asked)}, {}, {}
    for at, one in enumerate(asked):
        told, plan = answers[one.id], plans[one.id]
        right["exact"][at] = str(int(told["answer"] == one.answer))
        for way, prefix in (("kept", ""), ("compact", "compact ")):
            chosen = plan["settings"] if way == "kept" else plan["compact_settings"]
            place = {text: number for number, text in enumerate(plan[way])}
            for setting, text in chosen.items():
                answer = told[way][place[text]]
                right.setdefault(prefix + setting, ["-"] * len(asked))[at] = str(int(answer == one.answer))
                other.setdefault(prefix + setting, ["-"] * len(asked))[at] = str(int(answer != told["answer"]))
                divergences.setdefault(prefix + setting, []).append(told[way + "_kl"][place[text]])
    return {"seed": seed,
            "questions": [[one.sample, one.kind, one.form, one.cluster, len(one.pictures)] for one in asked],
            "right": {name: "".join(values) for name, values in right.items()},
            "other": {name: "".join(values) for name, values in other.items()},
            "divergence": {name: [float(f"{number:.3g}") for number in (np.mean(values), *np.percentile(values, [50, 95]))]
                           for name, values in divergences.items()}}


def save(results, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        file.write(json.dumps(results, separators=(",", ":")).encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    measuring = verbs.add_parser("measure", help="draws and asks, and writes the raw results")
    measuring.add_argument("--seed", required=True)
    measuring.add_argument("--share", type=float, default=1.0, help="of the samples' sizes (1)")
    measuring.add_argument("--program", default="visual_tokens_answers")
    measuring.add_argument("--work", help="a folder for pictures and answers, to go on in (a temporary one)")
    measuring.add_argument("--out", help="raw results (docs/results/approximate/visual-tokens/SEED.json.gz)")
    verbs.add_parser("report")
    flags = parser.parse_args()
    if flags.verb == "report":
        return report.write(RAW)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(flags.work or scratch)
        work.mkdir(parents=True, exist_ok=True)
        save(measure(flags.program, work, flags.seed, flags.share), Path(flags.out or RAW / f"{flags.seed}.json.gz"))
    return None


if __name__ == "__main__":
    main()
