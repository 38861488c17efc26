#!/usr/bin/env python3
"""Runs clang-tidy over the sources of src/ that a configured build tree compiles: tidy.py BUILD_TREE

A source that was clean is not read again until something changes that clang-tidy's answer depends on: the source, one of our
headers that it includes, .clang-tidy, the flags, or the installed packages. What was clean is noted by a hash of these, in
$XDG_CACHE_HOME/fovea/tidy, so that it counts in every checkout and build tree.

Sources are read without precompiled headers: an include that is missing is an error here.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
KEPT_DAYS = 60
CLANG_TIDY = "clang-tidy-22"

INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)


def without_precompiled_headers(arguments):
    """A compiler's arguments without those by which CMake brings in precompiled headers."""
    kept = []
    rest = iter(arguments)
    for argument in rest:
        if argument != "-Xclang":
            kept.append(argument)
            continue
        option = next(rest)
        if option in ("-include-pch", "-include"):
            next(rest), next(rest)  # -Xclang FILE
        elif option != "-fno-pch-timestamp":
            kept += ["-Xclang", option]
    return [argument for argument in kept if argument != "-Winvalid-pch"]


class Unit:
    """A source and how it is compiled."""

    def __init__(self, entry):
        self.source = Path(entry["directory"], entry["file"]).resolve()
        self.directory = entry["directory"]
        self.arguments = without_precompiled_headers(shlex.split(entry["command"]))

    def include_folders(self):
        folders = [argument[2:] for argument in self.arguments if argument.startswith("-I")]
        return [Path(folder) for folder in folders if Path(folder).is_relative_to(CHECKOUT)]

    def own_files(self):
        """The source and all of our headers that it includes, directly or not."""
        folders = self.include_folders()
        found = {}
        waiting = [self.source]
        while waiting:
            file = waiting.pop()
            if file in found:
                continue
            found[file] = file.read_bytes()
            for spelled in INCLUDE.findall(found[file].decode("utf-8", "replace")):
                candidates = [folder / spelled for folder in (file.parent, *folders)]
                waiting += [path.resolve() for path in candidates if path.is_file()][:1]
        return found

    def key(self, surroundings, build_tree):
        """One name for everything that decides what clang-tidy says about this source."""
        places = {str(build_tree): "BUILD", str(CHECKOUT): "CHECKOUT"}

        def placeless(text):
            for place, name in places.items():
                text = text.replace(place, name)
            return text

        hashed = hashlib.sha256(surroundings)
        hashed.update(placeless("\n".join(self.arguments)).encode())
        for path, content in sorted((placeless(str(path)), content) for path, content in self.own_files().items()):
            hashed.update(f"\n{path} {len(content)}\n".encode() + content)
        return hashed.hexdigest()[:32]


def units_of(build_tree):
    entries = json.loads((build_tree / "compile_commands.json").read_text("utf-8"))
    units = [Unit(entry) for entry in entries]
    return [unit for unit in units if unit.source.is_relative_to(CHECKOUT / "src")]


def surroundings():
    """What decides for every source: the tool, its settings, and the installed packages with the foreign headers."""
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
    packages = Path("/var/lib/dpkg/status")
    return version + (CHECKOUT / ".clang-tidy").read_bytes() + (packages.read_bytes() if packages.is_file() else b"")


def remove_old(folder):
    oldest = time.time() - KEPT_DAYS * 86400
    for note in folder.iterdir():
        if note.stat().st_mtime < oldest:
            note.unlink(missing_ok=True)


def is_clean(unit, database, note):
    run = subprocess.run(
        [CLANG_TIDY, "-p", database, "--quiet", unit.source], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if run.returncode == 0:
        note.touch()
    else:
        print(run.stdout, end="", flush=True)
    return run.returncode == 0


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: tools/tidy.py BUILD_TREE")
    build_tree = Path(sys.argv[1]).resolve()
    notes = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "fovea/tidy")
    notes.mkdir(parents=True, exist_ok=True)
    remove_old(notes)

    units = units_of(build_tree)
    database = build_tree / "tidy"
    database.mkdir(exist_ok=True)
    commands = [{"directory": u.directory, "file": str(u.source), "arguments": u.arguments} for u in units]
    (database / "compile_commands.json").write_text(json.dumps(commands), "utf-8")

    common = surroundings()
    wanted = []
    for unit in units:
        note = notes / unit.key(common, build_tree)
        if note.exists():
            note.touch()
        else:
            wanted.append((unit, note))
    print(f"clang-tidy: {len(units)} sources, {len(wanted)} of them to read", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        clean = list(pool.map(lambda pair: is_clean(pair[0], database, pair[1]), wanted))
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
