"""Comments: long sources open with a note, and comment lines are narrow enough to be read."""

import re

# A source of more lines opens with a note: approach, invariants, what was rejected, what it costs.
LINES_WITHOUT_NOTE_MAX = 60
COMMENT_COLUMNS_MAX = 110

LICENCE_LINE = re.compile(r"//\s*(SPDX-|Copyright\b)")
NOTE_LINE = re.compile(r"//.*[A-Za-z]")
MARKS = {
    "//": (".cc", ".h"),
    "#": (".py", ".sh", ".cmake", "CMakeLists.txt", ".ci/run", "dev", "Makefile"),
}


def missing_notes(house):
    for name in house.under("src", ".cc"):
        lines = house.text(name).splitlines()
        if len(lines) <= LINES_WITHOUT_NOTE_MAX:
            continue
        for line in lines:
            if line.startswith("#"):
                yield f"{name}:1: {len(lines)} lines without an opening note that says what to know before the code"
                break
            if NOTE_LINE.match(line) and not LICENCE_LINE.match(line):
                break


def wide_comments(house):
    for name in house.texts:
        mark = next((mark for mark, ends in MARKS.items() if name.endswith(ends)), None)
        if mark is None:
            continue
        for number, line in enumerate(house.text(name).splitlines(), 1):
            if len(line) > COMMENT_COLUMNS_MAX and line.lstrip().startswith(mark):
                yield f"{name}:{number}: a comment of {len(line)} columns; at most {COMMENT_COLUMNS_MAX}"
