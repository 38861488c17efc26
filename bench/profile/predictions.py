#!/usr/bin/env python3
"""What `fovea profile` predicts beside what `fovea bench` then measures: predictions.py [--rounds N] [--requests N] [-- MODEL FLAGS]

In each round a profile is measured and then the paper's load is run, so that both meet the same machine. Prints a
Markdown table: for each level, and for the mean of the load, the median over the rounds of predicted / measured. The
exit code is 1 where one of them is off by more than --within.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

LEVELS = ("none", "embedding", "both", "all")

# What a request of a kind finds, by the levels that are on.
FINDS = {
    "none": {"fresh": "no cache", "known": "no cache", "repeat": "no cache"},
    "embedding": {"fresh": None, "known": "embedding hit", "repeat": "embedding hit"},
    "both": {"fresh": None, "known": "embedding hit", "repeat": "response hit"},
    "all": {"fresh": "first request", "known": "prefix hit", "repeat": "response hit"},
}


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}")
    return done.stdout


def predicted(model_flags, folder):
    output = json.loads(run("fovea", "profile", "--json", "-o", str(folder / "profile.json"), *model_flags))
    return output["models"][0]["request_ms"], output["profile"]["took_ms"]


def measured(model_flags, folder, requests):
    """Records of the first pass without controls."""
    run("fovea", "bench", "paper", "--report", str(folder), "--seeds", "42", "--passes", "1", "--requests", str(requests),
        "--levels", ",".join(LEVELS), *model_flags)
    records = []
    for file in (folder / "raw").glob("*.jsonl"):
        records += [json.loads(line) for line in file.read_text().splitlines()]
    return [r for r in records if r.get("kind") in ("fresh", "known", "repeat") and not r.get("error")]


def one_round(model_flags, requests):
    """Predicted and measured mean milliseconds by what is compared."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        times, took_ms = predicted(model_flags, folder)
        records = measured(model_flags, folder / "bench", requests)
    pairs = defaultdict(list)
    for record in records:
        found = FINDS[record["target"]][record["kind"]]
        if found is None:  # a first request without the prefix level has no state to copy
            found = "first request"
        pair = (times[found], record["total_ms"])
        pairs[found].append(pair)
        pairs[f"mean, {record['target']}"].append(pair)
    return {what: tuple(statistics.fmean(side) for side in zip(*list_of)) for what, list_of in pairs.items()}, took_ms


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--within", type=float, default=0.15)
    parser.add_argument("model", nargs="*", help="flags of fovea profile and fovea bench, behind --")
    flags = parser.parse_args()
    rounds, took = [], []
    for number in range(flags.rounds):
        result, took_ms = one_round(flags.model, flags.requests)
        rounds.append(result)
        took.append(took_ms)
        print(f"round {number + 1}: " + ", ".join(f"{what} {p:.2f}/{m:.2f}" for what, (p, m) in result.items()),
              file=sys.stderr, flush=True)
    print(f"{flags.rounds} rounds of {flags.requests} requests; a profile took {statistics.median(took) / 1000:.0f} s\n")
    print("| | predicted ms | measured ms | predicted / measured | of the rounds |\n|---|---|---|---|---|")
    wrong = 0
    for what in rounds[0]:
        ratios = [r[what][0] / r[what][1] for r in rounds]
        ratio = statistics.median(ratios)
        wrong += abs(ratio - 1) > flags.within
        sides = [statistics.median(r[what][side] for r in rounds) for side in (0, 1)]
        print(f"| {what} | {sides[0]:.2f} | {sides[1]:.2f} | {ratio:.3f} | {min(ratios):.2f} to {max(ratios):.2f} |")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
