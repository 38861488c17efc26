"""The whole reproduction (`make paper`): the paper's load in one process with the shape of a real model, its policies
with the bundled model, and Fovea compared with llama-server over HTTP.

    ./dev python3 bench/paper/paper.py [--report DIR] [--seeds LIST] [--only levels|policies|servers|restart] [--quick]

Run it again after an interruption: complete runs are not repeated. The weights of the real shape are random, which
changes no time, but its answers mean nothing. Models go into build/models. Tables, figures, report.html and the raw
results, packed as raw.tar.xz, go into DIR (build/paper). The results of docs/results/paper were made in this way. To
measure anew, begin with an empty DIR: results of different versions of Fovea in one report would be confusing.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from pack import pack, packed
from servers import CONTEXT_TOKENS, commands, start, stop

ROOT = Path(__file__).resolve().parents[2]
SHAPE = "smolvlm-256m"
MODELS = Path("build/models")
SERVERS = Path("build/paper-servers")  # their addresses and logs
# The scenarios for both servers under the first seed, each with the size of pictures and the number of
# requests: a first request for a picture takes either of them ten seconds or more. Such a picture is two
# tiles or four and an overview, all different. A smaller one would be a tile that equals its overview. Fovea
# encodes one of them and llama-server both, but that has nothing to do with levels.
OVER_HTTP = [("paper", "1024x512", 120), ("chat", "1024x512", 24), ("retrieval", "1024x512", 10),
             ("screens", "1024x1024", 8)]
OVER_HTTP_SIDE = 1024
# In the middle of it both servers are started again, and Fovea has a disk. Before that most of the 20
# pictures must have been seen, or the second half would be about new ones, which either of them encodes.
RESTART = ("restart", "1024x512", 100)
# With --quick a picture is one tile, and an overview that equals it: Fovea encodes one of them, llama-server
# both.
QUICK_RESTART = ("restart", "512x384", 24)
QUICK_RESTART_SIDE = 512
# The paper's three policies, and two that know sizes and costs.
POLICIES = "none,both:lru,both:importance,both:cross-modal,both:cost,both:value"
# Budgets for about a fifth of what the paper's load stores with the bundled model.
TIGHT = ["--embedding-cache", "224KiB", "--response-cache", "14KiB"]


def fovea(*arguments):
    command = ["fovea", *map(str, arguments)]
    print("+", " ".join(command), file=sys.stderr, flush=True)
    subprocess.run(command, check=True)


def model_files(side):
    """The pair of files for pictures of at most `side` pixels, made once."""
    folder = MODELS / f"{SHAPE}-{side}"
    decoder, encoder = folder / f"{SHAPE}-q8_0.gguf", folder / f"mmproj-{SHAPE}-q8_0.gguf"
    if not (decoder.exists() and encoder.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        fovea("model", "synth", "--like", SHAPE, "--out", folder, "--preproc", side)
    return str(decoder), str(encoder)


def bench(arguments, seeds, *more, note=""):
    commit = printed("git", "rev-parse", "--short", "HEAD")
    fovea("bench", *more, "--report", arguments.report, "--note", f"commit {commit}{note}", "--seeds", seeds,
          "--price-per-gpu-hour", "2.0", "--price-per-1k-image-tokens", "0.01", "--watts", "65")


def printed(*command):
    """The first line that a command prints, to either of its outputs."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout.strip() else "unknown"


def in_process(arguments):
    model, mmproj = model_files(512)
    quick = ["--requests", "30"] if arguments.quick else []
    bench(arguments, arguments.seeds, "paper", "-m", model, "--mmproj", mmproj, "--levels", "none,both,all",
          "--baseline-every", "10", "--size", "512x384", *quick)
    # The response level alone encodes the pictures of nearly half of the requests: another hour with the real
    # shape.
    bench(arguments, arguments.seeds, "paper", "--levels", "none,response,both,all", *quick)


def policies(arguments):
    ten = arguments.seeds if arguments.quick else ",".join(str(seed) for seed in range(1, 11))
    for seeds, budgets in ((arguments.seeds, []), (ten, TIGHT)):
        bench(arguments, seeds, "paper", "--levels", POLICIES, "--baseline-every", "10", "--passes", "1", *budgets)


def over_http(arguments):
    for name, size, requests in OVER_HTTP:
        beside_llama_server(arguments, name, size, 8 if arguments.quick else requests, OVER_HTTP_SIDE)


def restart(arguments):
    disk = SERVERS / "disk-cache"
    shutil.rmtree(disk, ignore_errors=True)
    if arguments.quick:
        beside_llama_server(arguments, *QUICK_RESTART, QUICK_RESTART_SIDE, disk)
    else:
        beside_llama_server(arguments, *RESTART, OVER_HTTP_SIDE, disk)
    shutil.rmtree(disk, ignore_errors=True)
    print_restart(arguments.report)


def beside_llama_server(arguments, name, size, requests, side, disk_cache=None):
    llama = printed("llama-server", "--version").removeprefix("version: ")
    SERVERS.mkdir(parents=True, exist_ok=True)
    threads = str(os.cpu_count())
    note = (f"; both servers: {SHAPE}, pictures of at most {side} pixels, {threads} threads, context {CONTEXT_TOKENS}; "
            f"llama-server {llama}" + ("; fovea with --disk-cache" if disk_cache else ""))
    start(SERVERS, commands(*model_files(side), threads, disk_cache))
    try:
        addresses = json.loads((SERVERS / "servers.json").read_text())
        urls = [f"--url={who}={server['url']}/v1" for who, server in addresses.items()]
        bench(arguments, arguments.seeds.split(",")[0], name, *urls, "--size", size, "--requests", requests,
              "--passes", "1", "--restart-command", f"python3 bench/paper/servers.py restart {SERVERS}", note=note)
    finally:
        stop(json.loads((SERVERS / "servers.json").read_text()))


def print_restart(report):
    """How much faster Fovea's answers came after the restart: all, and those about pictures that it had seen before."""
    pack(report)
    for name, content in packed(report / "raw.tar.xz").items():
        if not name.startswith("raw/restart-"):
            continue
        records = [json.loads(line) for line in content.decode().splitlines()]
        after = {(each["request"], each["target"]): each for each in records if each.get("restarted")}
        pairs = [(after[request, "llama-server"], each) for (request, who), each in after.items() if who == "fovea"]
        known = [pair for pair in pairs if pair[1]["kind"] != "fresh"]
        for what, chosen in (("all", pairs), ("about known pictures", known)):
            ratio, low, high = ratio_of_means([[each["total_ms"] for each in pair] for pair in chosen])
            print(f"{name}: {len(chosen)} answers after the restart, {what}: {ratio:.2f}x [{low:.2f}, {high:.2f}] as "
                  f"fast as llama-server's")


def ratio_of_means(pairs):
    """With the 95 % interval of 2,000 resamplings of the pairs."""
    dice = random.Random(1)

    def ratio(chosen):
        return sum(above for above, _ in chosen) / sum(below for _, below in chosen)

    ratios = sorted(ratio(dice.choices(pairs, k=len(pairs))) for _ in range(2000))
    return ratio(pairs), ratios[50], ratios[1949]


PARTS = {"levels": in_process, "policies": policies, "servers": over_http, "restart": restart}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--report", default=Path("build/paper"), type=Path)
    parser.add_argument("--seeds", default="42,123,456")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--quick", action="store_true", help="a few requests of each part, to see that it works")
    arguments = parser.parse_args()
    os.chdir(ROOT)  # the report names files from here
    for name, part in PARTS.items():
        if arguments.only in (None, name):
            part(arguments)
    pack(arguments.report)


if __name__ == "__main__":
    main()
