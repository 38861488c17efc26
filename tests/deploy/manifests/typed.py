"""Whether values have the types that somebody else publishes: each is written as a TypeScript literal and read by tsc.

A literal may have no field that its type has not, so a name that is misspelt is found, as is a value of another kind. Each
test has literals with such a fault beside the real ones: tsc complains where it finds none in them.
"""

import json
import os
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("FOVEA_DEPLOY_BUILD") or CHECKOUT / "build/deploy")
TYPES = FOLDER / "types"
WAIT_S = 300
OPTIONS = ["--strict", "--noEmit", "--skipLibCheck", "--target", "es2022", "--module", "nodenext"]


def installed():
    """The packages of types/package-lock.json, once."""
    subprocess.run(["node", CHECKOUT / "tests/serve/client/install.mjs", TYPES,
                    Path(__file__).with_name("types") / "package-lock.json"], check=True, timeout=WAIT_S)


def node(script, *arguments):
    """What a module prints that imports the packages."""
    path = TYPES / "script.mjs"
    path.write_text(script)
    done = subprocess.run(["node", path, *arguments], capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == 0, done.stderr
    return done.stdout


def literals(imports, right, wrong=()):
    """The text of a module: `right` and `wrong` are pairs of a type and what has to be of it, or must not be taken for it."""
    lines = [f"const right{number}: {kind} = {json.dumps(value, indent=1)};" for number, (kind, value) in enumerate(right)]
    for number, (kind, value) in enumerate(wrong):
        lines += ["// @ts-expect-error", f"const wrong{number}: {kind} = {json.dumps(value)};"]
    return imports + "\n" + "\n".join(lines) + "\nexport {};\n"


def faults(name, text):
    """What tsc says about a module, with the line that it means; nothing where all is right."""
    path = TYPES / f"{name}.mts"
    path.write_text(text)
    done = subprocess.run(["node", TYPES / "node_modules/typescript/bin/tsc", *OPTIONS, path], capture_output=True,
                          text=True, timeout=WAIT_S, cwd=TYPES)
    assert (done.returncode == 0) == (done.stdout == ""), done.stdout + done.stderr
    return done.stdout
