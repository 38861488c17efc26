#!/usr/bin/env python3
"""Prints a public header with its comments in Doxygen's form: doxygen_filter.py HEADER

The headers keep the house's style: plain comments before a declaration or behind it. Doxygen reads them through
this (FILTER_PATTERNS in docs/reference/Doxyfile). What it knows of the style:

- The comment that opens a header is about the file. Where it begins with a name ("Blob: ..."), and the declaration
  of this name has no comment of its own, the opening is that declaration's comment.
- A comment directly before a declaration is about it, and so is one behind it on its line. Overloads that follow
  without a comment share the comment of the first.
- In a comment, lines with more than one space before them are code; "REQUIRES:" begins a precondition, "Faults:"
  the faults of a Result, "Cost:" what a call costs.
- Copies that are deleted, moves and destructors need no comment: they say the same everywhere. Destructors without
  one are left out.
"""

import re
import sys
from pathlib import Path

NOTE = re.compile(r"^(\s*)//(?: ?(.*))$")
BEHIND = re.compile(r"^(\s*[^\s/}#].*?\S)\s*//\s?(.*)$")
KEYWORD = re.compile(r"(?:^|(?<=[.;:] ))(REQUIRES|Faults|Cost): ")
FUNCTION = re.compile(r"(~?\w+|operator\s*\S+?)\s*\(")
DESTRUCTOR = re.compile(r"^\s*~\w+\(\);$")
SPECIAL = [
    (re.compile(r"^\s*(\w+)\(const \1&\) = delete;|operator=\(const \w+&\) = delete;"), "Not copyable."),
    (re.compile(r"^\s*(\w+)\(\1&&[^)]*\)|operator=\(\w+&&[^)]*\)"),
     "Movable: what was moved from may only be destroyed or assigned to."),
]


def plain(source):
    """The lines of a header, with the comments of C as comments of C++."""
    lines, inside = [], False
    for line in source.split("\n"):
        if inside:
            inside = "*/" not in line
            text = re.sub(r"^\s*\*? ?", "", re.sub(r"\s*\*/\s*$", "", line))
            if text or inside:
                lines.append(f"// {text}".rstrip())
            continue
        line = re.sub(r"/\* (.*?) ?\*/\s*$", r"// \1", line)
        if match := re.match(r"^(\s*)/\* ?(.*)$", line):
            line, inside = f"{match[1]}// {match[2]}", True
        lines.append(line)
    return lines


def rendered(texts):
    """The lines of one comment in Doxygen's words."""
    lines, code = [], False
    for text in texts:
        if text.startswith("  ") != code:
            code = not code
            lines.append("@code{.cpp}" if code else "@endcode")
        if code:
            lines.append(text)
            continue
        before, *said = KEYWORD.split(text)
        lines.append(before.rstrip())
        for word, rest in zip(said[::2], said[1::2]):
            lines += ["@pre" if word == "REQUIRES" else f"@par {word}", sentence(rest.rstrip())]
    return lines + (["@endcode"] if code else [])


def sentence(text):
    """With a capital at its beginning, unless a name of the code stands there."""
    return text[:1].upper() + text[1:] if re.match(r"[a-z]+(?:[ ,;:.'-]|$)", text) else text


class Filter:
    def __init__(self, source):
        self.lines = plain(source)
        self.out = []

    def comment(self, indent, texts):
        self.out += [f"{indent}/// {line}".rstrip() for line in rendered(texts)]

    def note(self, at):
        """The texts of the comment that begins at a line."""
        texts = []
        while at < len(self.lines) and (match := NOTE.match(self.lines[at])):
            texts.append(match[2])
            at += 1
        return texts

    def opening(self):
        """The comment about the file, without the line about its licence, and the line behind it."""
        at = 0
        while at < len(self.lines):
            texts = self.note(at)
            if texts and not texts[0].startswith("SPDX-"):
                return texts, at + len(texts)
            at += max(1, len(texts))
        return [], 0

    def subject(self, texts):
        """The line of the declaration that the opening is about; None where none is, or it has a comment."""
        name = re.match(r"(\w+): ", texts[0]) if texts else None
        if not name:
            return None
        declared = re.compile(rf"^(?:class|struct|enum class|enum|using)\s+{name[1]}\b[^;]*(?:[{{=].*)?$")
        for at, line in enumerate(self.lines):
            if declared.match(line) and (line.endswith("{") or "=" in line):
                at -= self.lines[at - 1].startswith("template")
                return None if NOTE.match(self.lines[at - 1]) else at
        return None

    def run(self):
        texts, at = self.opening()
        subject = self.subject(texts)
        about = [sentence(texts[0].split(": ", 1)[1]), *texts[1:]] if subject is not None else []
        if texts:
            self.comment("", ["@file", *(texts if subject is None else [self.first_sentence(about)])])
        shared, shared_by = [], None  # the last comment on a function, and that function's name
        body = None  # the line that ends the body of the function that we are in
        while at < len(self.lines):
            line = self.lines[at]
            if body:
                self.out.append(line)
                body = None if line == body else body
                at += 1
                continue
            if at == subject:
                self.comment("", about)
            if texts := self.note(at):
                indent = NOTE.match(line)[1]
                at += len(texts)
                follows = self.lines[at].strip() if at < len(self.lines) else ""
                is_comment = follows and not follows.startswith(("}", "#", "namespace"))
                if is_comment:
                    self.comment(indent, texts)
                    shared, shared_by = texts, self.function(at)
                continue
            if (name := self.function(at)) and not self.has_comment(at):
                if special := next((words for pattern, words in SPECIAL if pattern.search(line)), None):
                    self.comment(self.indent(line), [special])
                elif name == shared_by:
                    self.comment(self.indent(line), shared)
                elif DESTRUCTOR.match(line):
                    line = ""
            if name and line.endswith("{"):
                body = f"{self.indent(line)}}}"
            if not self.lines[at].strip():
                shared, shared_by = [], None
            self.out.append(self.behind(line))
            at += 1
        return "\n".join(self.out)

    @staticmethod
    def indent(line):
        return line[:len(line) - len(line.lstrip())]

    @staticmethod
    def first_sentence(texts):
        return re.match(r"(.*?\.)(?: |$)|.*", " ".join(texts))[0].strip()

    def function(self, at):
        """The name of the function that a line begins to declare."""
        while at < len(self.lines) and self.lines[at].strip().startswith("template"):
            at += 1
        line = self.lines[at] if at < len(self.lines) else ""
        if NOTE.match(line) or not (match := FUNCTION.search(line)):
            return None
        return match[1]

    def has_comment(self, at):
        return bool(at and (NOTE.match(self.lines[at - 1]) or self.lines[at - 1].strip().startswith("template"))
                    or BEHIND.match(self.lines[at]))

    @staticmethod
    def behind(line):
        match = BEHIND.match(line)
        if not match or line.lstrip().startswith(("namespace", "//")):
            return line
        return f"{match[1]}  ///< " + " ".join(rendered([sentence(match[2])])).strip()


if __name__ == "__main__":
    print(Filter(Path(sys.argv[1]).read_text()).run())
