"""Runs the Python blocks of a Markdown page, top to bottom, in one fresh interpreter, and compares what they print.

A block is a fence of "```python". Words behind it say what the block needs: a module that can be imported, or a
program in the PATH (NEEDS). Without it the block is skipped, with the reason. The fence of "```text" right behind a
block is what it prints, where "..." stands for anything. A block without such a fence prints nothing.

Blocks share their names, as on the page: a later one uses what an earlier one made. A block that fails does not
stop those behind it. The interpreter runs in an empty folder of its own that has the pictures of `samples`.
"""

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 600  # frameworks take long to import on a busy machine

# What a fence may ask for, so that a misspelt word is no block that is never run.
MODULES = {"numpy", "PIL", "torch", "jax", "transformers", "vllm", "llama_cpp", "sglang"}
PROGRAMS = {"valkey-server"}
NEEDS = MODULES | PROGRAMS

FENCE = re.compile(r"^```(?P<info>[^`\n]*)\n(?P<body>.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    line: int  # of the first line of code, on the page
    code: str
    expected: str  # what it prints
    needs: tuple = ()


def blocks_of(page):
    """The Python blocks of a page's text. Raises ValueError for a fence that needs what nobody knows."""
    found = []
    fences = list(FENCE.finditer(page))
    for at, fence in enumerate(fences):
        language, *needs = fence["info"].split() or [""]
        if language != "python":
            continue
        line = page.count("\n", 0, fence.start("body")) + 1
        if unknown := set(needs) - NEEDS:
            raise ValueError(f"line {line - 1}: unknown word in the fence: {', '.join(sorted(unknown))}")
        follower = fences[at + 1] if at + 1 < len(fences) else None
        shown = follower and follower["info"].strip() == "text" and not page[fence.end():follower.start()].strip()
        found.append(Block(line, fence["body"], follower["body"] if shown else "", tuple(needs)))
    return found


def as_shown(printed, expected):
    """Whether the output is what the page shows, but for blanks at the ends of lines."""
    lines = [line.rstrip() for line in expected.strip().splitlines()]
    pattern = r"\n".join(re.escape(line).replace(r"\.\.\.", "(?s:.*?)") for line in lines)
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed.strip().splitlines())) is not None


@dataclass(frozen=True)
class Outcome:
    status: str  # "ran", "failed" or "skipped"
    text: str = ""  # what it printed, the traceback, or the reason


def run_blocks(blocks, page_name, replaced=None):
    """The outcome of each block, in order. `replaced` are texts that stand for others in the code: addresses."""
    codes = []
    for block in blocks:
        code = block.code
        for old, new in (replaced or {}).items():
            code = code.replace(old, new)
        # Line numbers in tracebacks are those of the page.
        codes.append({"code": "\n" * (block.line - 1) + code, "modules": [n for n in block.needs if n in MODULES],
                      "programs": [n for n in block.needs if n in PROGRAMS]})
    with tempfile.TemporaryDirectory(prefix="fovea-docs-") as folder:
        samples = Path(folder) / "samples"
        samples.symlink_to(CHECKOUT / "samples")
        results = Path(folder) / "results.json"
        ran = subprocess.run([sys.executable, "-B", "-c", RUNNER, page_name, str(results)], input=json.dumps(codes), cwd=folder,
                             text=True, capture_output=True, timeout=TIMEOUT_S)
        if not results.exists():
            raise AssertionError(f"the interpreter ended with {ran.returncode}: {ran.stderr[-4000:]}")
        # A crash at the end, where everything is destroyed, is a fault too.
        if ran.returncode != 0:
            raise AssertionError(f"the interpreter ended with {ran.returncode} after the last block: {ran.stderr[-4000:]}")
        return [Outcome(**outcome) for outcome in json.loads(results.read_text())]


# Only the standard library, and no name of the page's is touched.
RUNNER = r'''
import contextlib, importlib.util, io, json, shutil, sys, traceback

def outcome(block, names, page):
    missing = [name for name in block["modules"] if importlib.util.find_spec(name) is None]
    missing += [name for name in block["programs"] if shutil.which(name) is None]
    if missing:
        return {"status": "skipped", "text": "not installed: " + ", ".join(missing)}
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(block["code"], page, "exec"), names)
    except BaseException:
        return {"status": "failed", "text": printed.getvalue() + traceback.format_exc()}
    return {"status": "ran", "text": printed.getvalue()}

page, results = sys.argv[1:]
names = {"__name__": "__main__"}
outcomes = [outcome(block, names, page) for block in json.load(sys.stdin)]
with open(results, "w") as file:
    json.dump(outcomes, file)
'''
