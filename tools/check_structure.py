#!/usr/bin/env python3
"""Checks that the house stands as docs/ARCHITECTURE.md draws it, and that it stays readable.

    check_structure.py [--suggest-covered-by] [CHECKOUT]

Prints a line for each fault and exits with 1 if there is one. The checks, with their limits, are in tools/structure:

    rooms.py      rooms and includes that do not follow the plan, foreign libraries outside their folders
    files.py      sources that are not compiled, headers that nobody includes, empty names, crowded folders
    mirror.py     sources without a test and tests without a source (tests/covered_by.txt)
    comments.py   long sources without an opening note, wide comment lines
    old_words.py  words that the field has another name for

--suggest-covered-by prints lines for tests/covered_by.txt instead: for each source without a test, the tests that
seem to cover it, the likeliest first. Only text is read: no compiler and no build tree are needed.
"""

import argparse
import sys
from pathlib import Path

from structure import comments, files, mirror, old_words, rooms
from structure.house import House

CHECKS = [
    files.unregistered_sources,
    files.dead_headers,
    files.empty_names,
    files.public_headers,
    files.crowded_folders,
    rooms.unknown_rooms,
    rooms.missing_rooms,
    rooms.upward_includes,
    rooms.foreign_headers,
    mirror.missing_tests,
    mirror.wrong_lines,
    mirror.orphaned_tests,
    comments.missing_notes,
    comments.wide_comments,
    old_words.old_words,
]


def faults_of(checkout):
    house = House(checkout)
    if not house.files:
        return [f"{checkout}: no sources here"]
    return [fault for check in CHECKS for fault in check(house)]


def main():
    parser = argparse.ArgumentParser(description="Checks the structure of a checkout of Fovea.")
    parser.add_argument("checkout", nargs="?", default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--suggest-covered-by", action="store_true", help="print lines for tests/covered_by.txt")
    arguments = parser.parse_args()
    if arguments.suggest_covered_by:
        for line in mirror.suggestions(House(arguments.checkout)):
            print(line)
        return 0
    faults = faults_of(arguments.checkout)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
