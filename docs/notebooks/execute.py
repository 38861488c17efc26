#!/usr/bin/env python3
"""Runs a notebook's source and writes the notebook: execute.py NAME.py (writes NAME.ipynb beside it)

A source has cells that begin with `# %%` or `# %% [markdown]`, as many editors know them. Their outputs and plots are those of this run.
It needs nbformat, nbclient and ipykernel, and what the cells need. python/tests/notebook_test.py checks that both files
have the same cells, and that they still run.
"""

import re
import sys
from pathlib import Path

MARK = re.compile(r"^# %%(?P<markdown> \[markdown\])?\n", re.MULTILINE)


def cells_of(source):
    """Pairs of "markdown" or "code" and the text."""
    marks = list(MARK.finditer(source))
    ends = [*(mark.start() for mark in marks[1:]), len(source)]
    for mark, end in zip(marks, ends):
        text = source[mark.end():end].strip("\n")
        if mark["markdown"]:
            yield "markdown", re.sub(r"^# ?", "", text, flags=re.MULTILINE)
        else:
            yield "code", text


def main():
    import nbclient
    import nbformat

    (source,) = map(Path, sys.argv[1:])
    new = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    cells = [new[kind](text, id=f"cell-{at}") for at, (kind, text) in enumerate(cells_of(source.read_text()))]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbclient.NotebookClient(notebook, timeout=1200, resources={"metadata": {"path": source.resolve().parent}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of each cell, which say nothing
    notebook.metadata.pop("language_info", None)
    nbformat.write(notebook, source.with_suffix(".ipynb"))


if __name__ == "__main__":
    main()
