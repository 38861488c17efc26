# SPDX-License-Identifier: Apache-2.0
"""The loss of `--reuse moved` by its rules: moved.py DIR [--source head] [--write FILE.md].

DIR has questions.jsonl (moved_draw.py) and answers.jsonl (moved_answers). Prints the tables of
docs/results/approximate/moved.md and which share passes, by the rules of docs/results/approximate/rules.md that were
written before anything was measured.
"""
import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import paired  # noqa: E402

SAMPLES = {"system": "another system prompt", "text": "behind another text", "second": "second of two",
           "third": "behind two and a turn"}
SHARES = [0.0, 0.02, 0.05, 0.10, 0.20]
ACCURACY_ALL, ACCURACY_SAMPLE = 0.005, 0.010  # non-inferior by these (rule 1)
CHANGED_MORE_MAX = 0.005                      # rule 2
KL_FLOOR = 0.001                              # rule 3


class Answers:
    """What was measured, joined with what was asked; one row a question."""

    def __init__(self, directory):
        with open(Path(directory) / "questions.jsonl", encoding="utf-8") as file:
            asked = {record["id"]: record for record in map(json.loads, file)}
        with open(Path(directory) / "answers.jsonl", encoding="utf-8") as file:
            rows = list(map(json.loads, file))
        if len(rows) != len(asked):
            sys.exit(f"{directory}: {len(rows)} answers to {len(asked)} questions")
        self.asked = [asked[row["id"]] for row in rows]
        self.rows = rows
        self.sample = np.array([record["sample"] for record in self.asked])
        self.cluster = np.array([record["cluster"] for record in self.asked])
        self.truth = np.array([record["truth"] for record in self.asked])
        self.exact = np.array([row["answer"] for row in rows])
        self.right = self.exact == self.truth
        self.batched_changed = np.array([row["batched"]["changed"] for row in rows])
        self.batched_kl = np.array([row["batched"]["kl"] for row in rows])

    def moved(self, source, share):
        """(right, changed, kl) with the block of `source` and this share computed anew."""
        found = [next(m for m in row["moved"] if m["source"] == source and m["share"] == share) for row in self.rows]
        answers = np.array([m.get("answer") if m["changed"] else row["answer"] for m, row in zip(found, self.rows)])
        return answers == self.truth, np.array([m["changed"] for m in found]), np.array([m["kl"] for m in found])


def percent(interval, signed=True):
    """An interval in points."""
    value = f"{100 * interval.value:+.2f}" if signed else f"{100 * interval.value:.2f}"
    return f"{value} ({100 * interval.low:+.2f} to {100 * interval.high:+.2f})"


class Outcome:
    """One sample (or all of them) with one source and share: the three quantities of the rules."""

    def __init__(self, answers, chosen, source, share, margin):
        right, changed, kl = answers.moved(source, share)
        cluster = answers.cluster[chosen]
        self.count, self.margin = int(chosen.sum()), margin
        self.exact_right, self.moved_right = answers.right[chosen].mean(), right[chosen].mean()
        self.accuracy = paired.difference(answers.right[chosen], right[chosen], cluster)
        self.changed, self.batched_changed = changed[chosen].mean(), answers.batched_changed[chosen].mean()
        self.changed_more = paired.difference(answers.batched_changed[chosen], changed[chosen], cluster)
        self.kl, self.batched_kl = (np.quantile(values[chosen], 0.95) for values in (kl, answers.batched_kl))
        self.kl_max, self.batched_kl_max = kl[chosen].max(), answers.batched_kl[chosen].max()
        self.passes = [paired.non_inferior(self.accuracy, margin), self.changed_more.high <= CHANGED_MORE_MAX,
                       bool(self.kl <= max(self.batched_kl, KL_FLOOR))]

    def row(self, name, share):
        verdict = ", ".join(f"{number}: {'yes' if passed else 'no'}" for number, passed in enumerate(self.passes, 1))
        return (f"| {name} | {share * 100:g} % | {100 * self.exact_right:.2f} | {percent(self.accuracy)} | "
                f"{100 * self.changed:.2f} | {percent(self.changed_more)} | {self.kl:.2g} | {self.kl_max:.2g} | {verdict} |")


def outcomes(answers, source, share):
    """name -> Outcome: of each sample, and of all questions for rule 1."""
    found = {sample: Outcome(answers, answers.sample == sample, source, share, ACCURACY_SAMPLE) for sample in SAMPLES}
    found["all"] = Outcome(answers, np.full(len(answers.rows), True), source, share, ACCURACY_ALL)
    return found


def passes(found):
    """Rules 1 to 3: on each sample, and rule 1 on all with its own margin."""
    return all(all(found[sample].passes) for sample in SAMPLES) and found["all"].passes[0]


def batching_table(answers):
    lines = ["| sample | questions | right, % | changed, % | 95th percentile of KL | largest KL |", "|---|--:|--:|--:|--:|--:|"]
    for sample, name in SAMPLES.items():
        chosen = answers.sample == sample
        kl = answers.batched_kl[chosen]
        lines.append(f"| {name} | {chosen.sum():,} | {100 * answers.right[chosen].mean():.2f} | "
                     f"{100 * answers.batched_changed[chosen].mean():.2f} | {np.quantile(kl, 0.95):.2g} | {kl.max():.2g} |")
    return "\n".join(lines)


def loss_table(answers, source):
    lines = ["| sample | computed anew | exact right, % | moved - exact, points | changed, % | "
             "changed more than by batching, points | 95th percentile of KL | largest KL | rules 1, 2, 3 |",
             "|---|--:|--:|--:|--:|--:|--:|--:|---|"]
    smallest = None
    for share in SHARES:
        found = outcomes(answers, source, share)
        for sample, outcome in found.items():
            lines.append(outcome.row(SAMPLES.get(sample, "all"), share))
        if smallest is None and passes(found):
            smallest = share
    return "\n".join(lines), smallest


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("directory")
    arguments.add_argument("--source", action="append", help="head, system or first (default: all)")
    options = arguments.parse_args()
    answers = Answers(options.directory)
    print(f"Noise of batching:\n\n{batching_table(answers)}\n")
    for source in options.source or ["head", "system", "first"]:
        table, smallest = loss_table(answers, source)
        print(f"Block from `{source}`:\n\n{table}\n")
        print("No share passes rules 1 to 3.\n" if smallest is None
              else f"The smallest share that passes rules 1 to 3: {100 * smallest:g} %.\n")


if __name__ == "__main__":
    main()
