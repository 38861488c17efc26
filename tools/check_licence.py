#!/usr/bin/env python3
"""Checks that no question about licences is left: check_licence.py [CHECKOUT]

REUSE.toml says under which licence each file is, and whose it is. This fails, with a line for each fault,
- on a file that no entry covers, and on an entry that covers no file;
- on a licence whose text is missing, and on a text that no entry names;
- on a file that names another owner or another licence than its entry does;
- on a file that should name its licence itself and does not.
It needs nothing but Python and, in a git checkout, git. `reuse lint` checks the same file by the rules of REUSE.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

# Files that leave the repository one by one, or that people copy: these name their licence in their first
# lines.
NAME_THEIR_LICENCE = [
    "include/fovea/*.h", "examples/*.c", "examples/*.cc", "cmake/*.in", "models/tiny/*.py", "models/tiny/*.sh",
    "Dockerfile", "dev", ".ci/run",
]
FIRST_LINES = 5

IDENTIFIER = "SPDX-License-" "Identifier:"  # in two parts, so that this file names no licence by accident
TAG = re.compile(IDENTIFIER + r"\s*([A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*)")
OWNER = re.compile(
    r"(?:\bcopyright\s+(?:\(c\)\s*)?(?=[12]\d{3})|\xa9\s*|SPDX-FileCopyrightText:[ ])(.*)", re.IGNORECASE)


def pattern_of(glob):
    """REUSE's globs: * stays within a folder, ** does not."""
    parts = re.split(r"(\*\*/|\*\*|\*)", glob)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return re.compile("".join(meaning.get(part) or re.escape(part) for part in parts))


def files_of(checkout):
    """Every file that is committed or added; outside git, every file."""
    if (checkout / ".git").exists():
        command = ["git", "-c", "safe.directory=*", "-C", str(checkout), "ls-files", "-z"]
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    else:
        names = [path.relative_to(checkout).as_posix() for path in checkout.rglob("*") if path.is_file()]
    return sorted(name for name in names if name and (checkout / name).is_file())


class Entry:
    """One [[annotations]] of REUSE.toml."""

    def __init__(self, table):
        paths = table["path"]
        self.globs = {glob: pattern_of(glob) for glob in ([paths] if isinstance(paths, str) else paths)}
        self.owner = table["SPDX-FileCopyrightText"]
        self.licence = table["SPDX-License-Identifier"]

    def globs_for(self, name):
        return [glob for glob, pattern in self.globs.items() if pattern.fullmatch(name)]


def faults_of_file(name, data, entry):
    if name == "package.json" or name.endswith("/package.json"):
        if (named := json.loads(data).get("license")) != entry.licence:
            yield f"{name}: its field \"license\" is {named}, and REUSE.toml says {entry.licence}"
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    for named in TAG.findall(text):
        if named != entry.licence:
            yield f"{name}: names the licence {named}, and REUSE.toml says {entry.licence}"
    for owner in OWNER.findall(text):
        if entry.owner not in owner:
            yield f"{name}: names another owner than REUSE.toml does: {owner[:60].strip()}"
    if any(pattern_of(glob).fullmatch(name) for glob in NAME_THEIR_LICENCE):
        if not TAG.search("\n".join(text.split("\n")[:FIRST_LINES])):
            yield f"{name}: its first lines must say {IDENTIFIER} {entry.licence}"


def faults_of_texts(checkout, texts, entries):
    used = {word for entry in entries for word in re.split(r" (?:AND|OR|WITH) ", entry.licence)}
    there = {Path(name).stem for name in texts}
    yield from (f"REUSE.toml names {missing}, and LICENSES has no text of it" for missing in sorted(used - there))
    yield from (f"LICENSES has the text of {unused}, which REUSE.toml does not name" for unused in sorted(there - used))
    main = checkout / "LICENSE"
    if not main.is_file():
        yield "there is no LICENSE"
    elif main.read_bytes() not in [(checkout / name).read_bytes() for name in texts]:
        yield "LICENSE is not one of the texts in LICENSES"


def faults_of(checkout):
    checkout = Path(checkout)
    with open(checkout / "REUSE.toml", "rb") as file:
        entries = [Entry(table) for table in tomllib.load(file)["annotations"]]
    faults, texts, covering = [], [], set()
    for name in files_of(checkout):
        if name == "LICENSE" or name.startswith("LICENSES/"):
            texts += [name] if name != "LICENSE" else []
            continue
        entry = next((entry for entry in reversed(entries) if entry.globs_for(name)), None)  # the last one counts
        if entry is None:
            faults.append(f"{name}: REUSE.toml has no entry for it: say there who made it and its licence")
            continue
        covering |= {(id(each), glob) for each in entries for glob in each.globs_for(name)}
        faults += faults_of_file(name, (checkout / name).read_bytes(), entry)
    for entry in entries:
        faults += [f"REUSE.toml: {glob} is no file" for glob in entry.globs if (id(entry), glob) not in covering]
    return faults + list(faults_of_texts(checkout, texts, entries))


def main():
    faults = faults_of(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
