#!/usr/bin/env python3
"""How long `fovea audit` takes for a drawn log, and how much memory: speed.py [--requests N] [--runs N] [--log FILE] [-- FLAGS]

The log is drawn by draw_log.py unless --log names one. Prints a Markdown table with the median of the runs. FLAGS are those of
fovea audit. The exit code is 1 where a run takes longer than --seconds or more memory than --mib.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DRAW = Path(__file__).resolve().parent / "draw_log.py"


def drawn(requests, folder):
    log = folder / "drawn.jsonl"
    with open(log, "w", encoding="utf-8") as out:
        subprocess.run([sys.executable, str(DRAW), "--requests", str(requests)], stdout=out, check=True)
    return log


def measured(log, flags):
    """Seconds by the clock and of the processors, and the most memory in MiB, of one run."""
    began = time.monotonic()
    child = subprocess.Popen(["fovea", "audit", str(log), "--json", *flags], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    took = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"fovea audit ended with {child.returncode}")
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--log", type=Path, help="a log of one's own")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--mib", type=float, default=1024)
    parser.add_argument("flags", nargs="*", help="flags of fovea audit, behind --")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = given.log or drawn(given.requests, Path(folder))
        size = log.stat().st_size / (1 << 20)
        runs = [measured(log, given.flags) for _ in range(given.runs)]
    seconds, processor, mib = (statistics.median(column) for column in zip(*runs))
    print("| log | seconds | of processors | most memory |\n|---|---|---|---|")
    print(f"| {size:.0f} MiB | {seconds:.1f} | {processor:.1f} s | {mib:.0f} MiB |")
    sys.exit(1 if seconds > given.seconds or mib > given.mib else 0)


if __name__ == "__main__":
    main()
