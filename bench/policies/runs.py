"""What the study replays, and how: one call of `fovea replay` for each trace, seed and plan of budgets.

A result is a plain dictionary: group, trace, seed, plan ("shared" or "split"), label (the capacity of a split), and the
program's document under "replay".
"""

import gzip
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CAPACITIES = ["1%", "2%", "5%", "10%", "25%", "50%"]
WORKLOAD_SEEDS = 10
SHORT_SEEDS = 100  # of a recipe below SHORT_REQUESTS: chance matters more there, and it costs little
SHORT_REQUESTS = 1000
QUESTION_SEEDS = 5  # of up to 60,000 requests each: they vary little
PROFILES = ["smolvlm-256m", "llava-1.5-7b"]
SPLIT_POLICIES = "lru,cost,value"
EMBEDDING_SHARE = 10 / 11  # the paper gives 10 GiB to embeddings and 1 GiB to responses

# In the sample recipes importance says nothing about popularity. These get a correlation of the two.
IMPORTANCE_RECIPES = ["paper-pressure", "bursts", "drift", "scans"]
CORRELATIONS = [0.0, 0.5, 0.9]

# Name, and where the files are below FOVEA_DATA. Those of one name are one trace.
QUESTION_FILES = {
    "vqa-v2": "vqa/vqa_v2_subset/*.gzip",
    "pope": "vqa/pope/*.json",
    "vizwiz": "vqa/vizwiz/*.jsonl",
}


def run_all(program, samples, data, seeds_max):
    """The results of all runs, in order. `data` is None where there are no question files."""
    if data is None:
        print("FOVEA_DATA names no folder: leaving out the question files", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        planned = [*workload_runs(samples, seeds_max), *importance_runs(samples, Path(folder), seeds_max)]
        if data is not None:
            planned += question_runs(samples, Path(data), Path(folder), seeds_max)
        return [replayed(program, run) for run in shown(planned)]


def workload_runs(samples, seeds_max):
    for recipe in sorted((samples / "workloads").glob("*.json")):
        short = json.loads(recipe.read_text()).get("requests", 0) < SHORT_REQUESTS
        seeds = min(SHORT_SEEDS if short else WORKLOAD_SEEDS, seeds_max)
        yield from both_plans("workload", recipe.stem, [recipe], [], seeds)


def importance_runs(samples, folder, seeds_max):
    for name in IMPORTANCE_RECIPES:
        recipe = json.loads((samples / "workloads" / f"{name}.json").read_text())
        for correlation in CORRELATIONS:
            file = folder / f"{name}-{correlation}.json"
            file.write_text(json.dumps(recipe | {"importance_correlation": correlation}))
            for seed in range(1, min(WORKLOAD_SEEDS, seeds_max) + 1):
                flags = ["--capacity", ",".join(CAPACITIES)]
                yield planned_run("importance", f"{name} {correlation}", [file], flags, seed, "shared")


def question_runs(samples, data, folder, seeds_max):
    for name, pattern in QUESTION_FILES.items():
        files = [unpacked(file, folder) for file in sorted(data.glob(pattern))]
        if not files:
            sys.exit(f"study.py: FOVEA_DATA: nothing matches {data / pattern}")
        for profile in PROFILES:
            flags = ["--order", "shuffle", "--model-profile", str(samples / "profiles" / f"{profile}.json")]
            yield from both_plans("questions", f"{name}, {profile}", files, flags, min(QUESTION_SEEDS, seeds_max))


def unpacked(file, folder):
    if file.suffix != ".gzip":
        return file
    document = folder / f"{file.stem}.json"
    if not document.exists():
        document.write_bytes(gzip.decompress(file.read_bytes()))
    return document


def both_plans(group, trace, files, flags, seeds):
    """One budget for all levels, every policy; and the paper's split of the same bytes, capacity by capacity."""
    for seed in range(1, seeds + 1):
        shared = ["--capacity", ",".join(CAPACITIES)]
        yield planned_run(group, trace, files, flags + shared, seed, "shared")
        for capacity in CAPACITIES:
            split = ["--policy", SPLIT_POLICIES, "--budget", split_of(capacity)]
            yield planned_run(group, trace, files, flags + split, seed, "split", capacity)


def split_of(capacity):
    percent = float(capacity.removesuffix("%"))
    embedding = percent * EMBEDDING_SHARE
    return f"embedding={embedding:.10f}%,response={percent - embedding:.10f}%"


def planned_run(group, trace, files, flags, seed, plan, label=""):
    result = {"group": group, "trace": trace, "seed": seed, "plan": plan, "label": label}
    return {"result": result, "arguments": [*map(str, files), "--json", "--seed", str(seed), *flags]}


def replayed(program, run):
    done = subprocess.run([program, "replay", *run["arguments"]], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"study.py: {program} replay {' '.join(run['arguments'])}: {done.stderr.strip()}")
    return run["result"] | {"replay": json.loads(done.stdout)}


def shown(planned):
    """The runs one by one. Shows the time left on a terminal."""
    planned = list(planned)
    weights = [weight(run) for run in planned]
    began, done = time.monotonic(), 0
    for count, (run, its_weight) in enumerate(zip(planned, weights)):
        if sys.stderr.isatty():
            text = f"\r{count}/{len(planned)} {left(began, done, sum(weights)):<24}"
            print(text, end="", file=sys.stderr, flush=True)
        yield run
        done += its_weight
    if sys.stderr.isatty():
        print(f"\r{len(planned)} replays in {time.monotonic() - began:.0f} s{'':<24}", file=sys.stderr)


def weight(run):
    """About the time of a run, in runs of a workload: a MiB of questions takes as long as one."""
    mib = sum(Path(file).stat().st_size for file in run["arguments"] if Path(file).is_file()) / (1 << 20)
    return (1 if run["result"]["plan"] == "shared" else 0.4) * (1 + mib)


def left(began, done, all_weights):
    if done == 0:
        return ""
    seconds = (time.monotonic() - began) * (all_weights - done) / done
    return f"{seconds / 60:.0f} min left" if seconds > 90 else f"{seconds:.0f} s left"
