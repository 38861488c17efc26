"""The table of the paper's claims is what the results say, and bench/paper/claims.py notices when it is not."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TOOL = CHECKOUT / "bench/paper/claims.py"

DATA = """
before = "Before."
after = "After."
[[claim]]
about = "speed"
paper = "{theirs}"
found = "{ours} ms, {share} %, {words}"
verdict = "holds"
link = "a page"
page = "page.md#part"
rerun = "`run`"
[claim.numbers]
theirs = { text = "model.h", like = 'speed = ([\\d.]+);' }
ours = { csv = "table.csv", row = ["both"], column = "ms", part = '^(\\d+)' }
share = { json = "raw.json", path = ["all", 1, "share"], as = ".1f" }
words = { text = "docs/results/page.md", like = 'in words: (\\w+ \\w+)\\.' }
"""


class ClaimsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "docs/results").mkdir(parents=True)
        (self.root / "bench/paper").mkdir(parents=True)
        self.write("bench/paper/claims.toml", DATA)
        self.write("model.h", "constexpr double speed = 7.4;\n")
        self.write("table.csv", "target,ms\nnone,1176 ± 12\nboth,228 ± 20\n")
        self.write("raw.json", '{"all": [{}, {"share": 56.26}]}')
        self.write("docs/results/page.md", "So in words: more\nthan. The end.\n")

    def write(self, name, text):
        (self.root / name).write_text(text)

    def run_tool(self, *flags):
        return subprocess.run([sys.executable, "-B", TOOL, "--root", self.root, *flags], capture_output=True, text=True,
                              timeout=60)

    def made(self):
        self.assertEqual(self.run_tool().returncode, 0)
        return (self.root / "docs/results/claims.md").read_text()

    def refused(self, *words):
        ran = self.run_tool("--check")
        self.assertEqual(ran.returncode, 1, ran.stdout)
        for word in words:
            self.assertIn(word, ran.stderr)

    def test_the_page_in_this_checkout_is_what_the_results_say(self):
        ran = subprocess.run([sys.executable, "-B", TOOL, "--check"], capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_numbers_come_from_where_they_stand(self):
        self.assertIn("| 1 | speed | 7.4 | 228 ms, 56.3 %, more than | holds | [a page](page.md#part) | `run` |",
                      self.made())
        self.assertEqual(self.run_tool("--check").returncode, 0)

    def test_a_number_that_changed_is_noticed(self):
        self.made()
        for name, before, after in (("table.csv", "228", "229"), ("raw.json", "56.26", "56.36"),
                                    ("model.h", "7.4", "7.5")):
            kept = (self.root / name).read_text()
            self.write(name, kept.replace(before, after))
            self.refused("is not what the results say")
            self.write(name, kept)
        self.assertEqual(self.run_tool("--check").returncode, 0)

    def test_a_number_that_moved_away_is_noticed(self):
        self.made()
        for name, text, words in (
                ("table.csv", "target,ms\nnone,1176 ± 12\n", ("speed", "0 rows")),
                ("table.csv", "target,ms\nboth,1\nboth,2\n", ("2 rows",)),
                ("table.csv", "target,us\nboth,1\n", ('no column "ms"',)),
                ("table.csv", "target,ms\nboth,-\n", ("is not like",)),
                ("raw.json", '{"all": []}', ("nothing at",)),
                ("docs/results/page.md", "Nothing.", ("0 texts",)),
                ("docs/results/page.md", "In words: a b. In words: c d. in words: a b. in words: c d.", ("2 texts",))):
            kept = (self.root / name).read_text()
            self.write(name, text)
            self.refused(name, *words)
            self.write(name, kept)

    def test_a_claim_that_is_not_whole_is_refused(self):
        for before, after, words in (("{theirs}", "{theirs} {nobody}", "has no place"), ("holds", "perhaps", "perhaps"),
                                     ("page.md#part", "other.md", "no page"), ("{theirs}", "7", "nothing uses theirs"),
                                     ('csv = "table.csv"', 'csv = "none.csv"', "none.csv")):
            self.write("bench/paper/claims.toml", DATA.replace(before, after))
            self.refused(words)

    def test_a_page_that_was_edited_by_hand_is_noticed(self):
        made = self.made()
        (self.root / "docs/results/claims.md").write_text(made.replace("228", "128"))
        self.refused("run bench/paper/claims.py")
        shutil.move(self.root / "docs/results/claims.md", self.root / "away")
        self.refused("run bench/paper/claims.py")


if __name__ == "__main__":
    unittest.main()
