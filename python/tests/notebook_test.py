"""docs/notebooks: each notebook is what its source says, was run to the end, and still runs.

Running needs what the cells need (matplotlib, Pillow, the program `fovea`) and is skipped without.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[2] / "docs" / "notebooks"
NEEDS = ("matplotlib", "PIL", "numpy", "fovea")
TIMEOUT_S = 1200
BYTES_MAX = 500_000

sys.path.insert(0, str(NOTEBOOKS))
from execute import cells_of  # noqa: E402


def missing():
    found = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    return found + [name for name in ("fovea",) if shutil.which(name) is None]


class Notebook(unittest.TestCase):
    source = NOTEBOOKS / "two_questions.py"
    written = NOTEBOOKS / "two_questions.ipynb"

    def setUp(self):
        self.cells = list(cells_of(self.source.read_text()))

    def test_it_has_the_cells_of_its_source(self):
        cells = json.loads(self.written.read_text())["cells"]
        self.assertEqual([(cell["cell_type"], "".join(cell["source"])) for cell in cells], self.cells)

    def test_it_was_run_to_the_end_and_shows_plots(self):
        cells = [cell for cell in json.loads(self.written.read_text())["cells"] if cell["cell_type"] == "code"]
        self.assertEqual([cell["execution_count"] for cell in cells], list(range(1, len(cells) + 1)))
        outputs = [output for cell in cells for output in cell["outputs"]]
        self.assertNotIn("error", [output["output_type"] for output in outputs])
        self.assertGreater(sum("image/png" in output.get("data", {}) for output in outputs), 2)
        self.assertLess(self.written.stat().st_size, BYTES_MAX)

    def test_its_cells_run(self):
        if missing():
            self.skipTest("not installed: " + ", ".join(missing()))
        code = "\n\n".join(text for kind, text in self.cells if kind == "code")
        with tempfile.TemporaryDirectory(prefix="fovea-notebook-test-") as folder:
            script = Path(folder) / "cells.py"
            script.write_text(code)
            ran = subprocess.run([sys.executable, "-B", script], cwd=NOTEBOOKS, env={**os.environ, "MPLBACKEND": "agg"},
                                 capture_output=True, text=True, timeout=TIMEOUT_S)
        self.assertEqual(ran.returncode, 0, ran.stderr[-4000:])


if __name__ == "__main__":
    unittest.main()
