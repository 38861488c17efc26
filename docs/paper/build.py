#!/usr/bin/env python3
"""Builds the paper: build/paper-pdf/paper.pdf. `make paper-pdf` runs it with what it needs (./dev --paper).

It makes the numbers and figures first (values.py), runs pdflatex until references stand, and then fails, with what it
found in the log, where a line is too wide, a reference or citation is missing, a letter has no glyph, or the pages are
not six to eight. The same sources give the same bytes: the file has no date.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
OUT = CHECKOUT / "build/paper-pdf"
PAGES = range(6, 9)
RUNS = 4  # two are usual; a float that moves may need a third
POINTS = 1.0  # how much wider than its column a line may be: less is not seen

COMMAND = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"-output-directory={OUT}", "paper.tex"]


def run():
    """One pass. Returns its log, or ends the program with TeX's own words."""
    ran = subprocess.run(COMMAND, cwd=HERE, capture_output=True, text=True, errors="replace",
                         env=os.environ | {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "1000"})
    log = (OUT / "paper.log").read_text(errors="replace") if (OUT / "paper.log").exists() else ran.stdout
    if ran.returncode != 0:
        begin = log.find("\n!")
        sys.exit(f"build.py: pdflatex failed; the whole log is {OUT / 'paper.log'}\n{log[begin:begin + 1500]}")
    return log


def faults(log):
    """What a reader of the paper would stumble over, by TeX's log."""
    said = [line for line in log.splitlines() if re.search(r"(Reference|Citation) .* undefined|multiply.defined|Missing character", line)]
    for width, where in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\) (.*)", log):
        if float(width) > POINTS:
            said.append(f"a line is {width} pt too wide: {where}")
    pages = re.search(r"Output written on .*\((\d+) pages?", log)
    if pages is None or int(pages.group(1)) not in PAGES:
        said.append(f"it has {pages.group(1) if pages else 'no'} pages, and should have {PAGES[0]} to {PAGES[-1]}")
    return said


def main():
    subprocess.run([sys.executable, "-B", HERE / "values.py"], check=True)
    OUT.mkdir(parents=True, exist_ok=True)
    for _ in range(RUNS):
        log = run()
        if "Rerun to get" not in log and "undefined references" not in log:
            break
    said = faults(log)
    if said:
        sys.exit("\n".join(["build.py: paper.pdf is there, but:", *said]))
    print(OUT / "paper.pdf")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
