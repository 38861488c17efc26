"""The checkout as the checks see it: its files, their text, and what each source includes."""

import os
import posixpath
import re
from pathlib import Path

SOURCE_FOLDERS = ("src", "tests", "bench", "fuzz")
# Projects of their own that stand in for somebody else's.
FOREIGN_PROJECTS = ("tests/install/",)

# Where people read and write text. Only files of these kinds are read.
TEXT_FOLDERS = (*SOURCE_FOLDERS, "include", "examples", "tools", "cmake", "docs", "models", ".ci")
TEXT_SUFFIXES = (
    ".c", ".cc", ".cmake", ".css", ".h", ".html", ".in", ".js", ".md", ".mjs", ".py", ".sh", "CMakeLists.txt",
)
TEXT_WITHOUT_SUFFIX = (".ci/run", "dev", "Makefile", "Dockerfile")
FOLDERS_OF_OTHERS = {"node_modules", "__pycache__"}

# tests/setup tests the house itself.
TEST = re.compile(r"tests/(?!setup/).*(_test\.(cc|py)|\.test\.mjs)$")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


class House:
    """The files of a checkout. Paths are relative, with forward slashes. `files` are the sources and headers of
    C++, `texts` all that people wrote, `tests` the sources and scripts that test Fovea's code."""

    def __init__(self, checkout):
        self.checkout = Path(checkout)
        self._read = {}
        self.texts = sorted([*self._top_level(), *self._below(TEXT_FOLDERS)])
        self.files = [
            name for name in self.texts
            if name.split("/")[0] in (*SOURCE_FOLDERS, "include") and name.endswith((".cc", ".h"))
            and not name.startswith(FOREIGN_PROJECTS)
        ]
        self.tests = [name for name in self.texts if TEST.match(name)]
        # Of each file: what is included, as spelled, with the line.
        self.includes = {name: self._includes_of(name) for name in self.files}
        self._rooms_of_stem = {}
        for name in self.under("src", ".cc"):
            self._rooms_of_stem.setdefault(Path(name).stem, set()).add(name.split("/")[1])

    def _top_level(self):
        for path in self.checkout.iterdir():
            if path.is_file() and (path.name.endswith(TEXT_SUFFIXES) or path.name in TEXT_WITHOUT_SUFFIX):
                yield path.name

    def _below(self, folders):
        for folder in folders:
            for where, below, names in os.walk(self.checkout / folder):
                below[:] = [name for name in below if name not in FOLDERS_OF_OTHERS]
                relative = Path(where).relative_to(self.checkout).as_posix()
                paths = [f"{relative}/{name}" for name in names]
                yield from (path for path in paths if path.endswith(TEXT_SUFFIXES) or path in TEXT_WITHOUT_SUFFIX)

    def _includes_of(self, name):
        text = self.text(name)
        return [(found[1], text.count("\n", 0, found.start(1)) + 1) for found in INCLUDE.finditer(text)]

    def text(self, name):
        if name not in self._read:
            self._read[name] = (self.checkout / name).read_text("utf-8")
        return self._read[name]

    def under(self, folder, suffix=""):
        return [name for name in self.files if name.startswith(folder + "/") and name.endswith(suffix)]

    def rooms_of_stem(self, stem):
        """The rooms that have a source of this name."""
        return self._rooms_of_stem.get(stem, set())

    def included_file(self, includer, spelled):
        """The file of this house that an include names, or None if it is foreign."""
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(includer), spelled))
        for candidate in (beside, "src/" + spelled, "include/" + spelled, "tests/" + spelled):
            if candidate in self.includes:
                return candidate
        return None

    def own_header(self, source):
        """The header of a source's name; None if there is none."""
        for header in (source.removesuffix(".cc") + ".h", f"include/fovea/{Path(source).stem}.h"):
            if header in self.includes:
                return header
        return None

    def header_of(self, source):
        """The header that declares what a source defines: the one of its name, or else the first that it
        includes, if that is of its own folder; None if there is neither."""
        first = next((self.included_file(source, spelled) for spelled, _ in self.includes[source]), None)
        beside = first if first and Path(first).parent == Path(source).parent else None
        return self.own_header(source) or beside
