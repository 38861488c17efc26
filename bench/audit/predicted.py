#!/usr/bin/env python3
"""What `fovea audit` predicts that a cache saves, beside what `fovea bench` then measures on the same load:
predicted.py [--rounds N] [--scenario NAME] [--requests N] [-- MODEL FLAGS]

A scenario's requests are sent once to `fovea serve --audit`, which records them. In each round a profile is measured, the
recorded log is audited with it, and the scenario is run by `fovea bench` with the same seed, with and without levels. Both
meet the same machine. Prints a Markdown table: for each set of levels the mean time of a request and the factor beside no
cache, predicted and measured, medians over the rounds. The exit code is 1 where a ratio is off by more than --within.
"""

import argparse
import contextlib
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# The rows of an audit's table of levels, by what `fovea bench --levels` calls them.
LEVELS = {"embedding": "embedding", "both": "embedding + response", "all": "all"}
SEED = "42"


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}")
    return done.stdout


@contextlib.contextmanager
def server(folder, model_flags):
    """The address of a server that records what it is asked."""
    command = ("fovea", "serve", "--port", "0", "--audit", str(folder), *model_flags)
    log = folder.with_suffix(".log")
    with open(log, "w", encoding="utf-8") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            yield address_in(log, process)
        finally:
            process.terminate()
            process.wait(timeout=60)


def address_in(log, process, seconds=120):
    for _ in range(10 * seconds):
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text()):
            return found.group()
        if process.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit("the server did not start:\n" + log.read_text())


def load_of(flags):
    return (flags.scenario, "--seeds", SEED, "--passes", "1", *(("--requests", str(flags.requests)) if flags.requests else ()))


def recorded(flags, folder):
    """The scenario's requests as a log for `fovea audit`, without the warm-up, which a bench does not count."""
    with server(folder / "traffic", flags.model) as address:
        run("fovea", "bench", *load_of(flags), "--url", f"log={address}/v1", "--report", str(folder / "recording"))
    lines = [line for file in sorted((folder / "traffic").glob("*.jsonl")) for line in file.read_text().splitlines()]
    log = folder / "log.jsonl"
    log.write_text("\n".join(lines[1:]) + "\n")
    return log, len(lines) - 1


def predicted(flags, log, folder):
    """Mean milliseconds of a request by levels, and of one without a cache."""
    profile = folder / "profile.json"
    run("fovea", "profile", "--json", "--no-disk", "-o", str(profile), *(("--size", flags.size) if flags.size else ()),
        *flags.model)
    found = json.loads(run("fovea", "audit", str(log), "--profile", str(profile), "--json"))
    rows = {row["name"]: row["mean_ms"] for row in found["savings"]["levels"]}
    return {"none": found["savings"]["baseline_mean_ms"]} | {name: rows[row] for name, row in LEVELS.items()}


def measured(flags, folder):
    """Likewise, and how many requests there were."""
    run("fovea", "bench", *load_of(flags), "--levels", ",".join(("none", *LEVELS)), "--report", str(folder), *flags.model)
    times = {}
    for file in (folder / "raw").glob("*.jsonl"):
        for line in file.read_text().splitlines():
            record = json.loads(line)
            if "target" in record and not record.get("error"):
                times.setdefault(record["target"], []).append(record["total_ms"])
    counts = {len(ms) for ms in times.values()}
    if len(counts) != 1:
        sys.exit(f"targets answered different numbers of requests: {counts}")
    return {target: statistics.fmean(ms) for target, ms in times.items()}, counts.pop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scenario", default="paper")
    parser.add_argument("--requests", type=int, default=0, help="default: the scenario's")
    parser.add_argument("--size", help="of the profile's pictures: WxH (default: the paper's)")
    parser.add_argument("--within", type=float, default=0.10)
    parser.add_argument("model", nargs="*", help="flags of fovea serve, profile and bench, behind --")
    flags = parser.parse_args()
    rounds = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log, requests = recorded(flags, folder)
        for number in range(flags.rounds):
            prediction = predicted(flags, log, folder)
            measurement, answered = measured(flags, folder / f"bench-{number}")
            if answered != requests:
                sys.exit(f"{answered} requests were measured and {requests} recorded")
            rounds.append((prediction, measurement))
            print(f"round {number + 1}: " + ", ".join(f"{what} {prediction[what]:.2f}/{measurement[what]:.2f}" for what in prediction),
                  file=sys.stderr, flush=True)
    print(f"{flags.scenario}, {requests} requests, {flags.rounds} rounds\n")
    print("| | predicted ms | measured ms | predicted / measured | factor: predicted, measured | predicted / measured | of the rounds |")
    print("|---|---|---|---|---|---|---|")
    wrong = 0
    for what in rounds[0][0]:
        sides = [statistics.median(side[what] for side in pair) for pair in zip(*rounds)]
        ratio = statistics.median(p[what] / m[what] for p, m in rounds)
        factors = [[side["none"] / side[what] for side in sides_of] for sides_of in zip(*rounds)]
        factor_ratios = [p / m for p, m in zip(*factors)]
        factor_ratio = statistics.median(factor_ratios)
        wrong += abs(ratio - 1) > flags.within or abs(factor_ratio - 1) > flags.within
        print(f"| {what} | {sides[0]:.2f} | {sides[1]:.2f} | {ratio:.3f} | "
              f"{statistics.median(factors[0]):.2f}, {statistics.median(factors[1]):.2f} | {factor_ratio:.3f} | "
              f"{min(factor_ratios):.2f} to {max(factor_ratios):.2f} |")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
