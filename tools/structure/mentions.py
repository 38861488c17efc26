"""Whether a test can be about a source, judged by text alone. Four things show it:

- the test includes the header that declares what the source defines,
- it mentions a name that this header declares,
- it mentions a string that the source holds, as a test does that runs the program,
- it is the test of another source, and that source includes the header.

Everyday words show nothing, and neither does what many sources have."""

import re
from collections import Counter
from functools import cached_property
from typing import NamedTuple

# A name or a string that more sources have does not tell which of them is meant.
SHARED_BY_MAX = 2
STRING_CHARACTERS_MIN = 6

LINE_COMMENT = re.compile(r"^\s*(//|#(?!\s*include)).*$|\s//\s.*$", re.MULTILINE)
STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
STRING_BREAK = re.compile(r"\{[^}]*\}|\\.|[\"']")
TELLING_STRING = re.compile(r".*[A-Za-z].*[^A-Za-z.,]|[^A-Za-z.,].*[A-Za-z]")
ANONYMOUS = re.compile(r"^namespace \{$.*?^\}  // namespace$", re.MULTILINE | re.DOTALL)

TYPE = re.compile(r"\b(?:class|struct|union|concept|enum(?: class)?)\s+(?:FOVEA_\w+(?:\([^)]*\))?\s+)?([A-Z]\w+)")
ALIAS = re.compile(r"\busing (\w+) =")
FUNCTION = re.compile(r"(?<![.>:\w])([a-z]\w+)\s*\(")
DEFINITION = re.compile(r"^(?![\s#}])[^\n;=]*?\b([a-z]\w+)\(", re.MULTILINE)
TELLING_NAME = re.compile(r"[A-Z]\w+|[a-z0-9]+_\w*[a-z0-9]")
WORD = re.compile(r"[A-Za-z_]\w*")


def without_comments(text):
    return LINE_COMMENT.sub("", text)


def names_declared(header):
    text = STRING.sub('""', without_comments(header))
    names = {*TYPE.findall(text), *ALIAS.findall(text), *FUNCTION.findall(text)}
    return {name for name in names if TELLING_NAME.fullmatch(name)}


def names_defined(source):
    """What a source without a header of its name defines for others."""
    names = DEFINITION.findall(ANONYMOUS.sub("", without_comments(source)))
    return {name for name in names if TELLING_NAME.fullmatch(name)}


def strings_of(source):
    pieces = (piece.strip() for text in STRING.findall(without_comments(source)) for piece in STRING_BREAK.split(text))
    return {piece for piece in pieces if len(piece) >= STRING_CHARACTERS_MIN and TELLING_STRING.match(piece)
            and not piece.endswith((".h", ".hpp"))}


class Evidence(NamedTuple):
    includes: bool  # the header that declares what the source defines
    names: list
    strings: list
    through: str  # the source that the test is about and that includes the header; "" if there is none

    def weight(self):
        return 8 * self.includes + 3 * len(self.names) + min(len(self.strings), 6) + 4 * bool(self.through)

    def __str__(self):
        said = [*(["includes its header"] if self.includes else []), *self.names, *(f'"{one}"' for one in self.strings)]
        return ", ".join([*said[:6], *([f"tests {self.through}, which includes it"] if self.through else [])])


class Mentions:
    """`tests_of` gives the tests of a source."""

    def __init__(self, house, tests_of):
        self.house = house
        self._tests = {}
        self._sources_of = {}
        for source in house.under("src", ".cc"):
            for test in tests_of(source):
                self._sources_of.setdefault(test, []).append(source)

    @cached_property
    def _told_by(self):
        """Of each source of src/: the names and the strings that tell it from others."""
        names, strings = {}, {}
        for source in self.house.under("src", ".cc"):
            header = self.house.own_header(source)
            text = self.house.text(source)
            names[source] = names_declared(self.house.text(header)) if header else names_defined(text)
            strings[source] = strings_of(text)
        for found in (names, strings):
            shared = Counter(one for ones in found.values() for one in ones)
            for source, ones in found.items():
                found[source] = {one for one in ones if shared[one] <= SHARED_BY_MAX}
        return {source: (names[source], strings[source]) for source in names}

    def _included(self, file):
        return [self.house.included_file(file, spelled) for spelled, _ in self.house.includes.get(file, ())]

    def _test(self, name):
        """The files of a test (itself, and what it includes of tests/ with the sources beside it), their words and
        their text."""
        if name not in self._tests:
            files, left = [], [name]
            while left:
                file = left.pop()
                if file in files:
                    continue
                files.append(file)
                support = [header for header in self._included(file) if header and header.startswith("tests/")]
                beside = [header.removesuffix(".h") + ".cc" for header in support]
                left += [*support, *(source for source in beside if source in self.house.includes)]
            text = "\n".join(without_comments(self.house.text(file)) for file in files)
            self._tests[name] = (files, set(WORD.findall(text)), text)
        return self._tests[name]

    def _through(self, source, header, test):
        for tested in self._sources_of.get(test, ()):
            if tested != source and header in [*self._included(tested), *self._included(self.house.own_header(tested))]:
                return tested
        return ""

    def of(self, source, test):
        """How the test shows that it is about the source; None if it does not."""
        names, strings = self._told_by[source]
        files, words, text = self._test(test)
        header = self.house.header_of(source)
        evidence = Evidence(
            includes=header is not None and any(header in self._included(file) for file in files),
            names=sorted(names & words),
            strings=sorted(one for one in strings if one in text),
            through=self._through(source, header, test) if header else "")
        return evidence if any(evidence) else None
