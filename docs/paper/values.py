#!/usr/bin/env python3
"""The numbers and figures of the paper: values.tex and figures/*.dat, made from what docs/results has.

  values.py            writes them
  values.py --check    fails, and says why, where they are not what the results make, or where the text is at fault

No number of the paper is typed. Each has a name and a place in places.toml, and the text says \\val{name}. A place is one of

  { claim = ABOUT, number = NAME }                      a number of bench/paper/claims.toml, under its name there
  { csv = FILE, row = [CELLS...], column = HEAD }       of the only row that has all of these cells
  { json = FILE, path = [KEYS...], as = ".1f" }         the number there, in this format; FILE may end in .xz
  { page = FILE, under = HEADING, row = [CELLS...], column = HEAD or NUMBER }
                                                        a cell of the only such row in a page's tables under a heading
  { text = FILE, like = PATTERN }                       what the group of the pattern finds. It must match once
  { sum = [NAMES...] }, { quotient = [A, B], as = ".1f" }
                                                        of other names here

`part = PATTERN` takes the group of that pattern from what was found, and `round = N` rounds a number to N places behind
the point. FILE lies in docs/results, or is a page that
docs/results/README.md lists as one of results. How figures are made of results is said in figures.toml, likewise.

What the text may not do is said in sources.py, which this program asks too. It needs Python 3.11 alone.
"""

import argparse
import csv
import io
import json
import lzma
import re
import statistics
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(CHECKOUT / "bench/paper")]

import claims  # noqa: E402  the readers of csv, json and text, and the paper's claims
import sources  # noqa: E402  what is wrong with the text

Broken = claims.Broken


def cells(line):
    """The cells of a line of a table in Markdown, as text."""
    parts = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [re.sub(r"[*`\\]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", part)).strip() for part in parts]


def tables_under(text, heading):
    """The tables behind the heading, up to the next one: lists of rows, of which the first is the head."""
    begin = re.search(rf"^#+ {re.escape(heading)}$", text, re.MULTILINE)
    if begin is None:
        raise Broken(f"has no heading \"{heading}\"")
    end = re.search(r"^#+ ", text[begin.end():], re.MULTILINE)
    part = text[begin.end():begin.end() + end.start()] if end else text[begin.end():]
    tables, rows = [], []
    for line in [*part.splitlines(), ""]:
        if line.startswith("|"):
            rows.append(cells(line))
        elif rows:
            tables.append([rows[0], *rows[2:]])
            rows = []
    return tables


def from_page(file, place):
    found = []
    for head, *rows in tables_under(file.read_text(), place["under"]):
        column = place["column"]
        if isinstance(column, str):
            if column not in head:
                continue
            column = head.index(column)
        found += [row[column] for row in rows if column < len(row) and all(cell in row for cell in place["row"])]
    if len(found) != 1:
        raise Broken(f"has {len(found)} rows with {place['row']} under \"{place['under']}\", and one is needed")
    return found[0]


def loaded(file):
    return json.loads(lzma.decompress(file.read_bytes()) if file.suffix == ".xz" else file.read_text())


def from_json(file, place):
    value = loaded(file)
    for key in place["path"]:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError) as error:
            raise Broken(f"has nothing at {place['path']}") from error
    return format(value * place.get("times", 1), place.get("as", ""))


READERS = claims.READERS | {"page": from_page, "json": from_json}


class Results:
    """What docs/results says. Every look goes through read(), which refuses other files."""

    def __init__(self, root):
        self.root = root
        self.claims = {claim["about"]: claim for claim in tomllib.loads((root / claims.DATA).read_text())["claim"]}
        index = (root / "docs/results/README.md").read_text()
        self.pages = {(root / "docs/results" / link).resolve() for link in re.findall(r"\]\((\.\./[\w/-]+\.md)[#)]", index)}

    def file(self, name):
        file = (self.root / name).resolve()
        if not file.is_relative_to((self.root / "docs/results").resolve()) and file not in self.pages:
            raise Broken(f"{name} is no page of docs/results, nor one that its README.md lists")
        if not file.exists():
            raise Broken(f"{name} does not exist")
        return file

    def read(self, place):
        """The text at the place, as it stands there."""
        if "claim" in place:
            return self.claimed(place)
        kind = next((kind for kind in READERS if kind in place), None)
        if kind is None:
            raise Broken(f"{place} names no claim, csv, json, page or text")
        try:
            text = READERS[kind](self.file(place[kind]), place)
        except Broken as why:
            raise Broken(f"{place[kind]} {why}") from why
        return self.part(text, place)

    def claimed(self, place):
        try:
            there = self.claims[place["claim"]]["numbers"][place["number"]]
        except KeyError as error:
            raise Broken(f"claims.toml has no number {place['number']} of \"{place['claim']}\"") from error
        return self.part(claims.number(self.root, there), place)

    @staticmethod
    def part(text, place):
        if "part" in place:
            found = re.search(place["part"], text)
            if found is None:
                raise Broken(f"has \"{text}\" there, which is not like {place['part']}")
            text = found.group(1)
        text = " ".join(text.split())
        return f"{plain_number(text):,.{place['round']}f}" if "round" in place else text


def plain_number(text):
    """The first number of a text such as "1,176 ± 12"."""
    found = re.search(r"[-+]?\d[\d,]*\.?\d*", text)
    if found is None:
        raise Broken(f"\"{text}\" is no number")
    return float(found.group().replace(",", ""))


def values(results, places):
    """Name to text, in the order of places.toml. Raises Broken with a sentence for each that cannot be had."""
    found, problems = {}, []
    for name, place in places.items():
        try:
            if "sum" in place:
                found[name] = f"{sum(plain_number(found[part]) for part in place['sum']):,.0f}"
            elif "quotient" in place:
                above, below = (plain_number(found[part]) for part in place["quotient"])
                found[name] = format(above / below, place["as"])
            else:
                found[name] = results.read(place)
        except Broken as why:
            problems.append(f"{name}: {why}")
        except KeyError as missing:
            problems.append(f"{name}: no value {missing}")
    if problems:
        raise Broken("\n".join(problems))
    return found


def tex(text):
    """A value as TeX: signs, units that belong to the number, and ranges."""
    for before, after in (("\\", ""), ("&lt;", "<"), ("µ", "\\textmu{}"), ("%", "\\%"), ("_", "\\_"), ("#", "\\#"), ("&", "\\&")):
        text = text.replace(before, after)
    text = re.sub(r"(?<=\d)x\b", r"$\\times$", text)
    text = re.sub(r"(?<![\w.])-(?=\d)", "$-$", text)
    text = re.sub(r"(?<![\w.])\+(?=\d)", "+", text)
    text = text.replace(" ± ", "\\,$\\pm$\\,").replace("<", "$<$")
    return re.sub(r"(?<=[\d.]) (?=\\%|ms\b|s\b|ns\b|[KMG]i?B\b|\\textmu)", "\\\\,", text)


def values_file(found):
    lines = ["% Made by values.py from docs/results. Not to be changed by hand: change places.toml."]
    lines += [f"\\setval{{{name}}}{{{tex(text)}}}" for name, text in found.items()]
    return "\n".join(lines) + "\n"


# ---- Figures: tables of numbers that pgfplots reads.

def picked(rows, figure):
    """Columns of rows, in another order, under plain names; of a cell such as "5.16x [4.74, 5.64]", parts."""
    wanted = figure.get("where", {}).items()
    return [[column["to"] for column in figure["columns"]],
            *([part_of(row[column["from"]], column) for column in figure["columns"]]
              for row in rows if all(row.get(name) in names for name, names in wanted))]


def picked_csv(results, figure):
    return picked(csv.DictReader(io.StringIO(results.file(figure["csv"]).read_text())), figure)


def picked_page(results, figure):
    """The same of the tables of a page under a heading that have all these columns."""
    tables = tables_under(results.file(figure["page"]).read_text(), figure["under"])
    names = {column["from"] for column in figure["columns"]} | set(figure.get("where", {}))
    return picked((dict(zip(head, row)) for head, *rows in tables if names <= set(head) for row in rows), figure)


def part_of(cell, column):
    if "part" not in column:
        return cell.replace(" ", "-") if not re.fullmatch(r"[-+.\d,]+", cell) else cell.replace(",", "")
    found = re.search(column["part"], cell)
    if found is None:
        raise Broken(f"\"{cell}\" is not like {column['part']}")
    return found.group(1).replace(",", "")


def turned_csv(results, figure):
    """A table whose columns become rows: what the head says under `x`, and a column for each row that is named. With
    `rest`, a column of that name is the sum of the rows that are not."""
    head, *rows = csv.reader(io.StringIO(results.file(figure["turned"]).read_text()))
    by_name = {row[0]: [plain_number(cell) for cell in row[1:]] for row in rows}
    named = {name.replace(" ", "-"): by_name[name] for name in figure["rows"]}
    if "rest" in figure:
        named[figure["rest"]] = [sum(cells) for cells in zip(*(by_name[name] for name in by_name if name not in figure["rows"]))]
    return [["x", *named], *([x.removesuffix(" %"), *(f"{column[place]:g}" for column in named.values())]
                             for place, x in enumerate(head[1:]))]


def long_csv(results, figure):
    """A file of `x,series,value`, as gnuplot draws it: a column for each series, at most `points` lines."""
    series = {}
    for row in csv.DictReader(io.StringIO(results.file(figure["series"]).read_text())):
        series.setdefault(row["series"], {})[row["x"]] = row["value"]
    xs = sorted({x for points in series.values() for x in points}, key=float)
    step = max(1, len(xs) // figure.get("points", len(xs)))
    names = figure.get("names", {})
    head = ["x", *(names.get(name, name).replace(" ", "-") for name in series)]
    return [head, *([x, *(points.get(x, "nan") for points in series.values())] for x in xs[::step])]


def windows(results, figure):
    """Means over seeds, window by window, of raw results that are lists of seeds, of windows, of numbers."""
    raw = loaded(results.file(figure["windows"]))[figure["load"]]
    lines = [["x", *figure["rows"]]]
    count = len(raw[figure["rows"][0]][0])
    for window in range(count):
        means = (statistics.fmean(seed[window][figure["number"]] for seed in raw[name]) for name in figure["rows"])
        lines.append([str((window + 1) * figure["width"]), *(f"{mean:.2f}" for mean in means)])
    return lines


MAKERS = {"csv": picked_csv, "page": picked_page, "turned": turned_csv, "series": long_csv, "windows": windows}


def figure_files(results, figures):
    made, problems = {}, []
    for name, figure in figures.items():
        maker = next((MAKERS[kind] for kind in MAKERS if kind in figure), None)
        try:
            if maker is None:
                raise Broken(f"names none of {', '.join(MAKERS)}")
            lines = maker(results, figure)
            if len(lines) < 2:
                raise Broken("has no rows")
            made[f"figures/{name}.dat"] = "\n".join(" ".join(line) for line in lines) + "\n"
        except (Broken, KeyError) as why:
            problems.append(f"figure {name}: {why}")
    if problems:
        raise Broken("\n".join(problems))
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--root", type=Path, default=CHECKOUT, help="the checkout")
    flags = parser.parse_args()
    folder = flags.root / "docs/paper"
    try:
        results = Results(flags.root)
        places = tomllib.loads((folder / "places.toml").read_text())
        found = values(results, places)
        made = {"values.tex": values_file(found)}
        made |= figure_files(results, tomllib.loads((folder / "figures.toml").read_text()))
    except Broken as why:
        sys.exit(f"values.py: {why}")
    said = []
    if flags.check:
        for name, text in made.items():
            if not (folder / name).exists() or (folder / name).read_text() != text:
                said.append(f"{name} is not what the results make: run docs/paper/values.py")
        stale = {str(file.relative_to(folder)) for file in folder.glob("figures/*.dat")} - set(made)
        said += [f"{name} is made by nothing in figures.toml" for name in sorted(stale)]
    else:
        for name, text in made.items():
            (folder / name).write_text(text)
    said += sources.faults(folder, places)
    if said:
        sys.exit("\n".join(["values.py:", *said]))


if __name__ == "__main__":
    main()
