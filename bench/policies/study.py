#!/usr/bin/env python3
"""Which eviction policy saves most: the study behind docs/policies.md.

  study.py run [--program FOVEA] [--out RAW]    replays every workload, and FOVEA_DATA's question files, over seeds
  study.py render [RAW]                         writes the tables and plots of docs/policies.md from what run saved

There are two commands so that tables can change without a new run. A run takes some minutes on one core: replays come
one after another because their speed is part of the result. It needs numpy, and gnuplot for the plots:
`./dev python3 bench/policies/study.py run`.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import plots
import report
import runs
from cells import Cells

CHECKOUT = Path(__file__).resolve().parents[2]
RAW = CHECKOUT / "build" / "policies.json"


def arguments():
    parser = argparse.ArgumentParser(description="Which eviction policy saves most.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="replay everything and save the results")
    run.add_argument("--program", type=Path, default=CHECKOUT / "build/release/bin/fovea", help="the fovea to run")
    run.add_argument("--out", type=Path, default=RAW, help="where the raw results go (build/policies.json)")
    run.add_argument("--seeds", type=int, default=runs.SHORT_SEEDS, help="seeds of a trace, at most")
    render = verbs.add_parser("render", help="write docs/policies.md's tables and plots from raw results")
    render.add_argument("raw", type=Path, nargs="?", default=RAW, help="what run saved (build/policies.json)")
    render.add_argument("--page", type=Path, default=CHECKOUT / "docs/policies.md", help="the page with the markers")
    render.add_argument("--plots", type=Path, default=CHECKOUT / "docs/policies", help="the folder of the plots")
    return parser.parse_args()


def run(program, out, seeds_max):
    if not os.access(program, os.X_OK):
        sys.exit(f"study.py: there is no program {program}: build it, or name one with --program")
    results = runs.run_all(program, CHECKOUT / "samples", os.environ.get("FOVEA_DATA"), seeds_max)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(results))
    print(f"{len(results)} replays saved in {out}", file=sys.stderr)


def render(raw, page, plot_folder):
    try:
        cells = Cells(json.loads(raw.read_text()))
    except OSError as error:
        sys.exit(f"study.py: {raw}: {error.strerror}; `study.py run` makes it")
    report.write(cells, page)
    plots.draw(cells, plot_folder)


def main():
    flags = arguments()
    if flags.verb == "run":
        run(flags.program, flags.out, flags.seeds)
    else:
        render(flags.raw, flags.page, flags.plots)


if __name__ == "__main__":
    main()
