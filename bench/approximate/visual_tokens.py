#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What fewer visual tokens on later looks cost in right answers: docs/results/approximate/visual-tokens.md.

  visual_tokens.py measure --seed NAME [--work DIR]   draws, asks, writes the raw results of that seed
  visual_tokens.py look --seed NAME --work DIR        its first half, which needs no choice: pictures, earlier questions
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
MILD_SHARE = 0.75  # not in the rules: on the sample of all kinds alone
MILD_CHOICES = ["remembered-3", "encoder", "uniform", "diverse", "random-0"]
# Chosen on the seed `development`.
LOOKING_LAYERS = [1, 3]
DIVERSE = {0.75: 0.5, 0.5: 0.5, 0.25: 0.75, 0.12: 0.75}  # of the kept tokens, by share
RANDOM_DRAWS = {draw.ALL: 5}  # one for the other samples
COMPACT_QUESTIONS = 1000  # of the sample of all kinds
COMPACT_CHOICES = ["remembered-3", "encoder", "uniform"]
CAPTURES = [4, 16]  # one request in so many is captured
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


def kept_of_share(look, share, name, sample):
    """The choices at one share, for one picture: name -> kept tokens."""
    encoder, embedding, attention = look
    kept = {}
    for before in (1, 3, 6):
        kept[f"remembered-{before}"] = choice.remembered(memory_of(attention, before), embedding, share, DIVERSE[share])
    kept["encoder"] = choice.highest(encoder, choice.kept_count(share, TOKENS))
    kept["encoder-diverse"] = choice.remembered(encoder, embedding, share, DIVERSE[share])
    kept["uniform"] = choice.every_nth(share, TOKENS)
    kept["diverse"] = choice.spread_over(embedding, choice.kept_count(share, TOKENS))
    for number in range(RANDOM_DRAWS.get(sample, 1)):
        kept[f"random-{number}"] = choice.at_random(share, TOKENS, random.Random(f"{name} {share} {number}"))
    kept["first"] = choice.highest(memory_of(attention, 1), choice.kept_count(share, TOKENS))
    if sample == draw.ALL:
        for one_in in CAPTURES:
            kept[f"captured-{one_in}"] = kept_after_capture(look, share, one_in, name)
    return kept


def settings_of(asked, looks):
    """setting -> kept set of the whole prompt, as text. A setting is "choice@share"."""
    shares = SHARES + ([MILD_SHARE] if asked.sample == draw.ALL else [])
    found = {}
    for share in shares:
        pictures = [kept_of_share(looks.of(name), share, f"{asked.id} {name}", asked.sample) for name in asked.pictures]
        for which in (pictures[0] if pictures else ()):
            if share != MILD_SHARE or which in MILD_CHOICES:
                found[f"{which}@{share}"] = "".join(choice.as_text(kept[which], TOKENS) for kept in pictures)
    return found


def compact_of(settings):
    """Those settings that are also run with the kept tokens alone prefilled."""
    return {name: kept for name, kept in settings.items() if name.split("@")[0] in COMPACT_CHOICES
            and float(name.split("@")[1]) in SHARES}


def run(program, *arguments, out=None):
    with open(out, "w") if out else open("/dev/null", "w") as file:
        subprocess.run([program, *map(str, arguments)], check=True, stdout=file)


def look(program, directory, seed, share):
    """The questions of a seed, and what the earlier ones attended to; goes on where it was interrupted."""
    asked = draw.drawn(directory, seed, share)
    looks = draw.Looks(asked, TOKENS, WIDTH, LAYERS)
    numbers = directory / "looks.bin"
    if not numbers.exists() or numbers.stat().st_size != looks.bytes():
        looks.save(directory / "looks.jsonl")
        run(program, "looks", directory / "looks.jsonl", numbers)
    looks.load(numbers)
    return asked, looks


def measure(program, directory, seed, share, settings_of=settings_of, compact=COMPACT_QUESTIONS):
    """The raw results of one seed. `settings_of` chooses tokens for a question."""
    asked, looks = look(program, directory, seed, share)
    plans, compact_left = {}, round(share * compact)
    with open(directory / "asked.jsonl", "w") as file:
        for one in asked:
            settings = settings_of(one, looks)
            alone = compact_of(settings) if one.sample == draw.ALL and compact_left > 0 else {}
            compact_left -= bool(alone)
            plans[one.id] = plan = {"settings": settings, "kept": sorted(set(settings.values())),
                                    "compact_settings": alone, "compact": sorted(set(alone.values()))}
            file.write(json.dumps({"id": one.id, "messages": one.messages, "kept": plan["kept"],
                                   "compact": plan["compact"]}) + "\n")
    run(program, "answers", directory / "asked.jsonl", out=directory / "answers.jsonl")
    return results_of(asked, plans, directory / "answers.jsonl", seed)


def results_of(asked, plans, path, seed):
    """What is kept of a run: of every question what it was, and of every setting where it was right (1), wrong (0), or
    was not run (-), where its answer was another than the exact one, and the divergence of the first token."""
    by_id = {}
    with open(path) as lines:
        for line in lines:
            told = json.loads(line)
            by_id[told["id"]] = told
    right, other, divergences = {"exact": ["-"] * len(asked)}, {}, {}
    for at, one in enumerate(asked):
        told, plan = by_id[one.id], plans[one.id]
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
    looking = verbs.add_parser("look", help="draws, and asks the earlier questions alone, into --work")
    for verb in (measuring, looking):
        verb.add_argument("--seed", required=True)
        verb.add_argument("--share", type=float, default=1.0, help="of the samples' sizes (1)")
        verb.add_argument("--program", default="visual_tokens_answers")
        verb.add_argument("--work", help="a folder for pictures and answers (a temporary one)")
    measuring.add_argument("--out", help="raw results (docs/results/approximate/visual-tokens/SEED.json.gz)")
    verbs.add_parser("report")
    flags = parser.parse_args()
    if flags.verb == "report":
        return report.write(RAW)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(flags.work or scratch)
        work.mkdir(parents=True, exist_ok=True)
        if flags.verb == "look":
            look(flags.program, work, flags.seed, flags.share)
            return None
        save(measure(flags.program, work, flags.seed, flags.share), Path(flags.out or RAW / f"{flags.seed}.json.gz"))
    return None


if __name__ == "__main__":
    main()
