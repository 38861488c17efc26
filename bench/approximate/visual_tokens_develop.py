#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares ways to choose visual tokens on a seed of its own, from which visual_tokens.py's are taken.

  visual_tokens_develop.py [--share S] [--samples NAMES] [--work DIR]    writes docs/results/approximate/visual-tokens/development.json.gz

Layers, merging, the part for diversity and its kind, and the norm of embeddings beside the encoder's attention. All with
three earlier questions. `--table` prints the table of the page.
"""
import argparse
import tempfile
from pathlib import Path

import numpy as np

import visual_tokens
import visual_tokens_choice as choice
import visual_tokens_draw as draw
import visual_tokens_report as report

SEED = "development"
BEFORE = 3
LAYERS = {"1,3": [1, 3], "3": [3], "1,3,5": [1, 3, 5], "all": list(range(visual_tokens.LAYERS))}
MERGES = {"mean": choice.merged_by_mean, "eq. 3": choice.merged_by_equation_3}
DIVERSE = [0, 0.25, 0.5, 0.75]


def kept_of_share(look, share):
    """The choices at one share: name -> kept tokens."""
    encoder, embedding, attention = look
    count = choice.kept_count(share, visual_tokens.TOKENS)

    def memory(layers, merge):
        return MERGES[merge](choice.looked_at(attention[:BEFORE], LAYERS[layers]))
    kept = {"encoder": choice.highest(encoder, count),
            "norm of embeddings": choice.highest(np.linalg.norm(embedding, axis=1), count),
            "diversity alone, embeddings": choice.spread_over(embedding, count),
            "diversity alone, grid": choice.spread_over_grid(count)}
    for diverse in DIVERSE:
        kept[f"layers 1,3, eq. 3, diverse {diverse}"] = choice.remembered(memory("1,3", "eq. 3"), embedding, share, diverse)
    for layers in LAYERS:
        for merge in MERGES:
            name = f"layers {layers}, {merge}, diverse 0.5"
            kept[name] = choice.remembered(memory(layers, merge), embedding, share, 0.5)
    kept["layers 1,3, eq. 3, grid 0.5"] = choice.remembered(memory("1,3", "eq. 3"), embedding, share, 0.5, over="grid")
    kept["encoder, diverse 0.5"] = choice.remembered(encoder, embedding, share, 0.5)
    return kept


def settings_of(asked, chooser, _):
    found = {}
    for share in visual_tokens.SHARES:
        pictures = [kept_of_share(chooser.looks.of(name), share) for name in asked.pictures]
        for which in (pictures[0] if pictures else ()):
            found[f"{which}@{share}"] = "".join(choice.as_text(kept[which], visual_tokens.TOKENS) for kept in pictures)
    return found


def table(results):
    names = list(dict.fromkeys(name.split("@")[0] for name in results.right if "@" in name))
    rows = [["exact"] + [report.percent(overall(results, "exact"))] * len(visual_tokens.SHARES)]
    rows += [[name] + [report.percent(overall(results, f"{name}@{share}")) for share in visual_tokens.SHARES] for name in names]
    return report.table(["which, % right"] + [report.label(share) for share in visual_tokens.SHARES], rows)


def overall(results, name):
    marks = [mark for mark, compared in zip(results.right[name], results.right[f"encoder@{visual_tokens.SHARES[0]}"])
             if compared != "-"]
    return sum(mark == "1" for mark in marks) / len(marks)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=0.1, help="of the samples' sizes (0.1)")
    parser.add_argument("--samples", default="all,counting", help="of " + ",".join(draw.SAMPLES) + " (all,counting)")
    parser.add_argument("--program", default="visual_tokens_answers")
    parser.add_argument("--work", help="a folder for pictures and answers (a temporary one)")
    parser.add_argument("--table", action="store_true", help="prints the table of the raw results that there are")
    flags = parser.parse_args()
    out = visual_tokens.RAW / f"{SEED}.json.gz"
    if not flags.table:
        with tempfile.TemporaryDirectory() as scratch:
            work = Path(flags.work or scratch)
            work.mkdir(parents=True, exist_ok=True)
            visual_tokens.save(visual_tokens.measure(flags.program, work, SEED, flags.share, settings_of, fewer=0,
                                                     samples=flags.samples.split(",")), out)
    print(table(report.Results(out)))


if __name__ == "__main__":
    main()
