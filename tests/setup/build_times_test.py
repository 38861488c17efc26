"""tools/build_times.py reads Ninja's log as it is written."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools/build_times.py"

LOG = """# ninja log v7
0\t9000\t1\tsrc/a/CMakeFiles/a.dir/first.cc.o\tf0
0\t1500\t2\tsrc/a/CMakeFiles/a.dir/first.cc.o\tf1
1000\t3000\t3\tsrc/a/CMakeFiles/a.dir/deep/second.cc.o\tf2
3000\t3250\t4\tsrc/a/liba.a\tf3
"""


class BuildTimesTest(unittest.TestCase):
    def test_units_and_folders_by_what_they_cost(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, ".ninja_log").write_text(LOG)
            run = subprocess.run([sys.executable, "-B", TOOL, folder], capture_output=True, text=True, timeout=60)
        self.assertEqual(
            run.stdout,
            "3 jobs, 4 s of jobs, the last one ended at 3 s\n\n"
            "The most expensive units:\n"
            "    2.0 s  src/a/deep/second.cc\n    1.5 s  src/a/first.cc\n    0.2 s  src/a/liba.a\n\n"
            "Folders:\n"
            "    3.8 s  src/a (3 jobs)\n",
        )


if __name__ == "__main__":
    unittest.main()
