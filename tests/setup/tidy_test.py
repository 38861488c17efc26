"""What tools/tidy.py promises, with a stand-in for clang-tidy: what was clean is not read again until something changes."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools/tidy.py"

# Notes what it is asked to read; a source that holds the word FAULT has one.
CLANG_TIDY = """#!/bin/bash
[ "$1" != --version ] || { echo version 1; exit; }
basename "${@: -1}" >>"$READ"
! grep -H FAULT "${@: -1}"
"""


class TidyTest(unittest.TestCase):
    def setUp(self):
        self.checkout = Path(self.enterContext(tempfile.TemporaryDirectory())).resolve()
        for folder in ("tools", "src/a", "build", "bin", "cache"):
            (self.checkout / folder).mkdir(parents=True)
        shutil.copy(TOOL, self.checkout / "tools")
        (self.checkout / ".clang-tidy").write_text("Checks: all\n")
        (self.checkout / "bin/clang-tidy-22").write_text(CLANG_TIDY)
        (self.checkout / "bin/clang-tidy-22").chmod(0o755)
        self.write("a/outer.h", '#include "a/inner.h"\n')
        self.write("a/inner.h", "int inner();\n")
        self.write("a/one.cc", '#include "a/outer.h"\n')
        self.write("a/two.cc", "int two();\n")
        self.compiled_with("-O1")

    def write(self, name, text):
        (self.checkout / "src" / name).write_text(text)

    def compiled_with(self, flags):
        entries = [
            {
                "directory": str(self.checkout / "build"),
                "file": str(self.checkout / "src/a" / name),
                "command": f"clang++ -I{self.checkout}/src {flags} -c {self.checkout}/src/a/{name}",
            }
            for name in ("one.cc", "two.cc")
        ]
        (self.checkout / "build/compile_commands.json").write_text(json.dumps(entries))

    def tidy(self):
        """The exit code, what was printed, and the names of the sources that were read."""
        log = self.checkout / "read"
        log.write_text("")
        environment = {
            **os.environ,
            "PATH": f"{self.checkout}/bin:{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(self.checkout / "cache"),
            "READ": str(log),
        }
        run = subprocess.run(
            [sys.executable, "-B", self.checkout / "tools/tidy.py", self.checkout / "build"],
            env=environment, capture_output=True, text=True, timeout=60,
        )
        return run.returncode, run.stdout + run.stderr, sorted(log.read_text().split())

    def test_what_was_clean_is_not_read_again(self):
        code, text, read = self.tidy()
        self.assertEqual((code, read), (0, ["one.cc", "two.cc"]), text)
        self.assertEqual(self.tidy(), (0, "clang-tidy: 2 sources, 0 of them to read\n", []))

    def test_a_changed_header_concerns_those_that_include_it(self):
        self.tidy()
        self.write("a/inner.h", "int inner(int);\n")
        self.assertEqual(self.tidy()[2], ["one.cc"])

    def test_a_fault_is_told_every_time(self):
        self.write("a/two.cc", "FAULT\n")
        for read in (["one.cc", "two.cc"], ["two.cc"]):
            code, text, was_read = self.tidy()
            self.assertEqual((code, was_read), (1, read))
            self.assertIn("two.cc:FAULT", text)

    def test_other_flags_or_settings_mean_reading_all_again(self):
        self.tidy()
        self.compiled_with("-O2")
        self.assertEqual(self.tidy()[2], ["one.cc", "two.cc"])
        (self.checkout / ".clang-tidy").write_text("Checks: none\n")
        self.assertEqual(self.tidy()[2], ["one.cc", "two.cc"])

    def test_precompiled_headers_are_left_out(self):
        self.compiled_with("-Winvalid-pch -Xclang -include-pch -Xclang b/x.pch -Xclang -include -Xclang b/x.hxx -Wall")
        self.tidy()
        entries = json.loads((self.checkout / "build/tidy/compile_commands.json").read_text())
        self.assertEqual(entries[1]["arguments"][1:-1], [f"-I{self.checkout}/src", "-Wall", "-c"])


if __name__ == "__main__":
    unittest.main()
