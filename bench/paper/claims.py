#!/usr/bin/env python3
"""What the paper says beside what was found: docs/results/claims.md, made from bench/paper/claims.toml.

  claims.py            writes the page
  claims.py --check    says what differs, and fails, where the page is not what claims.toml and the results make

No number of the page is typed. Each stands in claims.toml as a place: a file of the repository, and where in it. So a
result that is measured again changes the page, and a result that moves away makes this program fail. A place is one of

  { csv = FILE, row = [CELLS...], column = HEAD }      of the only row that has all of these cells
  { json = FILE, path = [KEYS...], as = ".1f" }        the number there, in this format
  { text = FILE, like = PATTERN }                      what the group of the pattern finds. It must match once

and `part = PATTERN` takes the group of that pattern from what was found. In `like`, a space stands for any white space,
since pages break their lines. It needs Python 3.11 alone.
"""

import argparse
import csv
import difflib
import json
import re
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DATA = "bench/paper/claims.toml"
PAGE = "docs/results/claims.md"
VERDICTS = ("holds", "holds in part", "corrected", "not here", "answered", "differs")


class Broken(Exception):
    """A sentence that says which number of which claim cannot be had, and why."""


def from_csv(file, place):
    rows = list(csv.DictReader(file.read_text().splitlines()))
    if rows and place["column"] not in rows[0]:
        raise Broken(f"has no column \"{place['column']}\"")
    found = [row for row in rows if all(cell in row.values() for cell in place["row"])]
    if len(found) != 1:
        raise Broken(f"has {len(found)} rows with {place['row']}, and one is needed")
    return found[0][place["column"]]


def from_json(file, place):
    value = json.loads(file.read_text())
    for key in place["path"]:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError) as error:
            raise Broken(f"has nothing at {place['path']}") from error
    return format(value, place.get("as", ""))


def from_text(file, place):
    found = re.findall(place["like"].replace(" ", r"\s+"), file.read_text())
    if len(found) != 1:
        raise Broken(f"has {len(found)} texts like {place['like']}, and one is needed")
    return found[0]


READERS = {"csv": from_csv, "json": from_json, "text": from_text}


def number(root, place):
    """The text of the number that stands at `place`."""
    kind = next((kind for kind in READERS if kind in place), None)
    if kind is None:
        raise Broken(f"{place} names no csv, json or text")
    try:
        text = READERS[kind](root / place[kind], place)
        if "part" in place:
            part = re.search(place["part"], text)
            if part is None:
                raise Broken(f"has \"{text}\" there, which is not like {place['part']}")
            text = part.group(1)
    except OSError as error:
        raise Broken(f"{place[kind]}: {error.strerror}") from error
    except Broken as why:
        raise Broken(f"{place[kind]} {why}") from why
    return " ".join(text.split())


def filled(root, claim, field):
    """The sentence in `field` with its numbers in place."""
    numbers, problems = {}, []
    for name in set(re.findall(r"{(\w+)}", claim[field])):
        try:
            numbers[name] = number(root, claim["numbers"][name])
        except KeyError:
            problems.append(f"{{{name}}} has no place")
        except Broken as why:
            problems.append(f"{{{name}}}: {why}")
    if problems:
        raise Broken(f"{claim['about']}: " + "; ".join(sorted(problems)))
    return claim[field].format(**numbers).replace("|", "\\|")


def row(root, claim, number_of_row):
    if claim["verdict"] not in VERDICTS:
        raise Broken(f"{claim['about']}: \"{claim['verdict']}\" is none of {', '.join(VERDICTS)}")
    page = claim["page"].split("#")[0]
    if not (root / "docs/results" / page).exists():
        raise Broken(f"{claim['about']}: there is no page {page}")
    unused = set(claim.get("numbers", {})) - set(re.findall(r"{(\w+)}", claim["paper"] + claim["found"]))
    if unused:
        raise Broken(f"{claim['about']}: nothing uses {', '.join(sorted(unused))}")
    cells = [str(number_of_row), claim["about"], filled(root, claim, "paper"), filled(root, claim, "found"),
             claim["verdict"], f"[{claim['link']}]({claim['page']})", f"{claim['rerun']}"]
    return "| " + " | ".join(cells) + " |"


def page(root, document):
    """The whole page. Raises Broken with a sentence for each claim that cannot be filled."""
    rows, problems = [], []
    for count, claim in enumerate(document["claim"], start=1):
        try:
            rows.append(row(root, claim, count))
        except Broken as why:
            problems.append(str(why))
    if problems:
        raise Broken("\n".join(problems))
    verdicts = [claim["verdict"] for claim in document["claim"]]
    counts = ", ".join(f"{verdicts.count(verdict)} \"{verdict}\"" for verdict in VERDICTS if verdict in verdicts)
    table = ["| | about | the paper says | we found | | where | again |", "|--:|---|---|---|---|---|---|", *rows]
    parts = [document["before"].strip(), f"{len(rows)} claims: {counts}.", "\n".join(table), document["after"].strip()]
    return "\n\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare the page, and write nothing")
    parser.add_argument("--root", type=Path, default=CHECKOUT, help="the checkout")
    flags = parser.parse_args()
    try:
        made = page(flags.root, tomllib.loads((flags.root / DATA).read_text()))
    except Broken as why:
        sys.exit(f"claims.py: {why}")
    file = flags.root / PAGE
    if not flags.check:
        file.write_text(made)
        return
    stands = file.read_text() if file.exists() else ""
    if stands != made:
        sys.stdout.writelines(difflib.unified_diff(stands.splitlines(True), made.splitlines(True), "the page", "the results"))
        sys.exit(f"claims.py: {PAGE} is not what the results say: run bench/paper/claims.py")


if __name__ == "__main__":
    main()
