"""The whole reproduction (`make paper`): the paper's load in this process, and Fovea beside llama-server over HTTP, with a real model's shape.

    ./dev python3 bench/paper/paper.py [--report DIR] [--seeds LIST] [--only levels|servers] [--quick]

Run it again after an interruption: runs that are whole are not repeated. The model's weights are random, which changes no time;
what it answers means nothing. Writes raw results, tables, figures and report.html into DIR (docs/results/paper).
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from servers import start, stop, commands

ROOT = Path(__file__).resolve().parents[2]
SHAPE = "smolvlm-256m"
# Scenarios that are asked of both servers under the first seed, each with the pictures' longest side that the model takes, and how many requests: llama-server
# encodes most pictures of them every time, which takes it seconds each.
OVER_HTTP = [("paper", 512, 60), ("chat", 512, 40), ("retrieval", 512, 16), ("restart", 512, 40), ("screens", 1024, 10)]


def fovea(*arguments):
    command = ["fovea", *map(str, arguments)]
    print("+", " ".join(command), file=sys.stderr, flush=True)
    subprocess.run(command, check=True)


def model_files(side):
    """The pair of files for pictures of at most `side` pixels, made once."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fovea" / "models" / f"{SHAPE}-{side}"
    decoder, encoder = folder / f"{SHAPE}-q8_0.gguf", folder / f"mmproj-{SHAPE}-q8_0.gguf"
    if not (decoder.exists() and encoder.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        fovea("model", "synth", "--like", SHAPE, "--out", folder, "--preproc", side)
    return str(decoder), str(encoder)


def bench(arguments, seeds, *more):
    fovea("bench", *more, "--report", arguments.report, "--note", f"commit {commit()}", "--seeds", seeds,
          "--price-per-gpu-hour", "2.0", "--price-per-1k-image-tokens", "0.01", "--watts", "65")


def commit():
    done = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def in_process(arguments):
    model, mmproj = model_files(512)
    requests = ["--requests", "30"] if arguments.quick else []
    bench(arguments, arguments.seeds, "paper", "-m", model, "--mmproj", mmproj, "--levels", "none,response,both,all",
          "--baseline-every", "10", *requests)


def over_http(arguments):
    folder = Path(arguments.report) / "servers"
    folder.mkdir(parents=True, exist_ok=True)
    for name, side, requests in OVER_HTTP:
        servers = commands(*model_files(side), str(os.cpu_count()))
        start(folder, servers)
        try:
            addresses = json.loads((folder / "servers.json").read_text())
            urls = [f"--url={who}={server['url']}/v1" for who, server in addresses.items()]
            again = f"{sys.executable} {Path(__file__).with_name('servers.py')} restart {folder}"
            bench(arguments, arguments.seeds.split(",")[0], name, *urls, "--requests", 8 if arguments.quick else requests, "--passes", "1", "--restart-command", again)
        finally:
            stop(json.loads((folder / "servers.json").read_text()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--report", default=ROOT / "docs" / "results" / "paper", type=Path)
    parser.add_argument("--seeds", default="42,123,456")
    parser.add_argument("--only", choices=["levels", "servers"])
    parser.add_argument("--quick", action="store_true", help="a few requests of everything, to see that it works")
    arguments = parser.parse_args()
    if arguments.only != "servers":
        in_process(arguments)
    if arguments.only != "levels":
        over_http(arguments)


if __name__ == "__main__":
    main()
