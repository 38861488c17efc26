"""The licence check finds each fault it promises to find, and none where every file is covered."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import check_licence  # noqa: E402

OURS = 'SPDX-FileCopyrightText = "2026 Us"\nSPDX-License-Identifier = "Apache-2.0"\n'
TAG = "SPDX-License-" + "Identifier: "  # in two parts, so that this file names no licence of its own
OWNED = "Copy" + "right "

SOUND = {
    "LICENSE": "the text\n",
    "LICENSES/Apache-2.0.txt": "the text\n",
    "REUSE.toml": 'version = 1\n[[annotations]]\npath = ["**/*.cc", "**/*.h", "**/package.json", "*.toml"]\n' + OURS
    + '[[annotations]]\npath = "samples/*.png"\n' + OURS,
    "main.cc": "int main() {}\n",
    "include/fovea/key.h": f"// {TAG}Apache-2.0\n",
    "tests/client/package.json": '{"license": "Apache-2.0"}',
    "samples/one.png": b"\x89PNG\xff",
}


def write(checkout, files):
    for name, content in files.items():
        path = Path(checkout, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


class CheckLicenceTest(unittest.TestCase):
    def faults(self, changes, without=()):
        with tempfile.TemporaryDirectory() as checkout:
            files = {**SOUND, **changes}
            write(checkout, {name: files[name] for name in files if name not in without})
            return check_licence.faults_of(checkout)

    def assert_only_fault(self, changes, *words, without=()):
        faults = self.faults(changes, without)
        self.assertEqual(len(faults), 1, faults)
        for word in words:
            self.assertIn(word, faults[0])

    def test_where_all_is_covered_there_are_no_faults(self):
        self.assertEqual(self.faults({}), [])

    def test_a_file_that_no_entry_covers(self):
        self.assert_only_fault({"samples/two.jpg": b"\xff"}, "samples/two.jpg", "no entry")

    def test_a_star_stays_within_a_folder(self):
        self.assert_only_fault({"samples/more/two.png": b"\xff"}, "samples/more/two.png", "no entry")

    def test_an_entry_that_covers_nothing(self):
        self.assert_only_fault({}, "samples/*.png is no file", without=["samples/one.png"])

    def test_a_file_of_another_owner(self):
        self.assert_only_fault({"main.cc": f"// {OWNED}(c) 2019 Somebody\n"}, "main.cc", "another owner", "Somebody")
        self.assert_only_fault({"main.cc": "// SPDX-File" + "CopyrightText: Somebody\n"}, "main.cc", "another owner")
        self.assertEqual(self.faults({"main.cc": f"// {OWNED}2026 Us\n"}), [])

    def test_a_file_of_another_licence(self):
        self.assert_only_fault({"main.cc": f"// {TAG}MIT\n"}, "main.cc", "MIT")
        self.assert_only_fault({"tests/client/package.json": '{"license": "MIT"}'}, "package.json", "MIT")
        self.assert_only_fault({"tests/client/package.json": "{}"}, "package.json", "None")

    def test_a_public_header_names_its_licence(self):
        self.assert_only_fault({"include/fovea/key.h": "#pragma once\n"}, "include/fovea/key.h", "first lines")
        late = "\n" * check_licence.FIRST_LINES + f"// {TAG}Apache-2.0\n"
        self.assert_only_fault({"include/fovea/key.h": late}, "include/fovea/key.h", "first lines")

    def test_an_entry_of_its_own_for_what_somebody_else_made(self):
        theirs = '[[annotations]]\npath = "theirs.cc"\n' + OURS.replace("2026 Us", "Them").replace("Apache-2.0", "MIT")
        changes = {"REUSE.toml": SOUND["REUSE.toml"] + theirs, "theirs.cc": f"// {OWNED}2020 Them\n"}
        self.assert_only_fault(changes, "MIT", "no text")
        self.assertEqual(self.faults({**changes, "LICENSES/MIT.txt": "their text\n"}), [])

    def test_the_texts_of_licences(self):
        self.assert_only_fault({}, "no LICENSE", without=["LICENSE"])
        self.assert_only_fault({"LICENSE": "another text\n"}, "LICENSE is not one of")
        self.assert_only_fault({"LICENSES/MIT.txt": "their text\n"}, "MIT", "does not name")

    def test_in_git_only_what_is_committed_or_added_counts(self):
        with tempfile.TemporaryDirectory() as checkout:
            write(checkout, SOUND)
            git = ["git", "-c", "safe.directory=*", "-C", checkout]
            subprocess.run([*git, "init", "--quiet"], check=True)
            subprocess.run([*git, "add", "."], check=True)
            write(checkout, {"build/fovea": b"\xff"})
            self.assertEqual(check_licence.faults_of(checkout), [])
            subprocess.run([*git, "add", "."], check=True)
            self.assertEqual(len(check_licence.faults_of(checkout)), 1)


if __name__ == "__main__":
    unittest.main()
