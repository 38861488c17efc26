#!/usr/bin/env python3
"""Makes the report of docs/results/paper again from its archive of raw results, and compares all files byte for byte.

gnuplot's figures differ from version to version. If this gnuplot is another version than the one that drew the figures,
all is compared but them. FOVEA_PROGRAM is the program, FOVEA_SOURCE_DIR the checkout.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

RESULTS = Path(os.environ["FOVEA_SOURCE_DIR"]) / "docs/results/paper"
ARCHIVE = "raw.tar.xz"
# As docs/results/README.md gives them.
PRICES = ["--price-per-gpu-hour", "2.0", "--price-per-1k-image-tokens", "0.01", "--watts", "65"]
DRAWN_BY = re.compile(r"Produced by GNUPLOT (\S+) patchlevel (\S+)")
FIGURE_IN_PAGE = re.compile(rb'src="data:image/svg[^"]*"')


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file()}


def same_gnuplot():
    drawn_by = {DRAWN_BY.search(path.read_text("utf-8")).groups() for path in RESULTS.glob("figures/*.svg")}
    version = subprocess.run(["gnuplot", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"gnuplot (\S+) patchlevel (\S+)", version)
    return len(drawn_by) == 1 and found is not None and found.groups() in drawn_by


def without_figures(files):
    """The files but for what gnuplot drew."""
    return {name: FIGURE_IN_PAGE.sub(b"", content) for name, content in files.items() if not name.endswith(".svg")}


def main():
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder)
        shutil.copy(RESULTS / ARCHIVE, again)
        subprocess.run([os.environ["FOVEA_PROGRAM"], "bench", "--report", folder, "--no-run", *PRICES],
                       stdout=subprocess.DEVNULL, check=True)
        here, made = files_of(RESULTS), files_of(again)
    if not same_gnuplot():
        print("another version of gnuplot: its figures are not compared")
        here, made = without_figures(here), without_figures(made)
    if len(here) < 50:
        sys.exit(f"{RESULTS} has {len(here)} files only")
    differ = sorted(name for name in here.keys() | made.keys() if here.get(name) != made.get(name))
    for name in differ:
        print(f"{name}: " + ("not made" if name not in made else "not there" if name not in here else "differs"))
    if differ:
        sys.exit("docs/results/README.md has the command that makes the report again")
    print(f"{len(here)} files are the same")


if __name__ == "__main__":
    main()
