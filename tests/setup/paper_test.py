"""The numbers of docs/paper are those of docs/results, and docs/paper/values.py notices when one is not, or is typed."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TOOL = CHECKOUT / "docs/paper/values.py"

FILES = {
    "docs/results/README.md": "[a page](page.md) and [one beside](../beside.md#part)\n",
    "docs/results/page.md": """# Page

It took 1,234 ms in all.

## Times

| target | ms | | share |
|---|--:|---|--:|
| `none` | 1,176 ± 12 | 5.16x [4.74, 5.64] | 10 % |
| [both](page.md) | 228 ± 20 | 2.5x | 30 % |

## Others

| target | ms |
|---|--:|
| both | 9 |
""",
    "docs/results/table.csv": "target,ms\nnone,1176 ± 12\nboth,228 ± 20\n",
    "docs/results/raw.json": '{"all": [{}, {"share": 56.26}]}',
    "docs/results/line.csv": "x,series,value\n0,a,1\n4,a,2.5\n",
    "docs/beside.md": "Some 17 tiles.\n",
    "docs/elsewhere.md": "Some 17 tiles.\n",
    "bench/paper/claims.toml": """[[claim]]
about = "speed"
[claim.numbers]
theirs = { text = "model.h", like = 'speed = ([\\d.]+);' }
""",
    "model.h": "constexpr double speed = 7.4;\n",
    "docs/paper/places.toml": """
none = { csv = "docs/results/table.csv", row = ["none"], column = "ms", part = '^(\\d+)' }
both = { page = "docs/results/page.md", under = "Times", row = ["both"], column = "ms" }
times = { page = "docs/results/page.md", under = "Times", row = ["none"], column = 2, part = '^([\\d.]+x)' }
all = { text = "docs/results/page.md", like = 'It took ([\\d,]+ ms)' }
share = { json = "docs/results/raw.json", path = ["all", 1, "share"], as = ".1f" }
tiles = { text = "docs/beside.md", like = 'Some (\\d+) tiles' }
theirs = { claim = "speed", number = "theirs" }
sum = { sum = ["none", "tiles"] }
ratio = { quotient = ["none", "both"], as = ".2f" }
""",
    "docs/paper/figures.toml": """
[bars]
turned = "docs/results/table.csv"
rows = ["none"]
rest = "rest"
[line]
series = "docs/results/line.csv"
[cells]
page = "docs/results/page.md"
under = "Times"
where = { share = ["30 %"] }
columns = [{ from = "target", to = "name" }, { from = "ms", to = "ms", part = '^([\\d.]+)' }]
""",
    "docs/paper/allowed.txt": "SmolVLM-256M # a model\n0.7\n",
    "docs/paper/paper.tex": "\\input{values}\n\\input{sections/one}\n\\input{references}\n",
    "docs/paper/references.tex": "\\bibitem{a} A title, 2024.\n",
    "docs/paper/sections/one.tex": """SmolVLM-256M took \\val{none}, \\val{both}, \\val{times}, \\val{all}, \\val{share}\\,\\%.~\\cite{a}
% A comment may say 42.
\\label{one} \\val{tiles} \\val{theirs} \\val{sum} \\val{ratio}, Section~\\ref{one}, $1 - h_1$, $\\alpha = 0.7$.
\\input{figures/bars}
""",
    "docs/paper/figures/bars.tex": "\\begin{axis}[width=70mm]\n\\addplot table {figures/bars.dat};\n\\end{axis}\n\\caption{Bars.}\n",
}


class PaperTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def run_tool(self, *flags):
        return subprocess.run([sys.executable, "-B", TOOL, "--root", self.root, *flags], capture_output=True, text=True,
                              timeout=120)

    def made(self):
        ran = self.run_tool()
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(self.run_tool("--check").returncode, 0)

    def refused(self, name, before, after, *words):
        """With one text of one file changed the check fails and says these words; back as it was, it passes."""
        kept = (self.root / name).read_text()
        self.assertIn(before, kept)
        self.write(name, kept.replace(before, after))
        ran = self.run_tool("--check")
        self.assertEqual(ran.returncode, 1, f"{name}: {after}")
        for word in words:
            self.assertIn(word, ran.stderr)
        self.write(name, kept)

    def test_the_paper_in_this_checkout_says_what_the_results_say(self):
        ran = subprocess.run([sys.executable, "-B", TOOL, "--check"], capture_output=True, text=True, timeout=120)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_numbers_come_from_where_they_stand(self):
        self.made()
        lines = (self.root / "docs/paper/values.tex").read_text().splitlines()[1:]
        self.assertEqual(lines, [
            "\\setval{none}{1176}", "\\setval{both}{228\\,$\\pm$\\,20}", "\\setval{times}{5.16$\\times$}",
            "\\setval{all}{1,234\\,ms}", "\\setval{share}{56.3}", "\\setval{tiles}{17}", "\\setval{theirs}{7.4}",
            "\\setval{sum}{1,193}", "\\setval{ratio}{5.16}"])
        self.assertEqual((self.root / "docs/paper/figures/bars.dat").read_text(), "x none rest\nms 1176 228\n")
        self.assertEqual((self.root / "docs/paper/figures/line.dat").read_text(), "x a\n0 1\n4 2.5\n")
        self.assertEqual((self.root / "docs/paper/figures/cells.dat").read_text(), "name ms\nboth 228\n")

    def test_a_result_that_changed_is_noticed(self):
        self.made()
        for name, before, after in (("docs/results/table.csv", "1176", "1177"), ("docs/results/page.md", "228", "229"),
                                    ("docs/results/page.md", "5.16x", "5.17x"), ("docs/results/page.md", "1,234", "1,235"),
                                    ("docs/results/raw.json", "56.26", "56.36"), ("docs/beside.md", "17", "18"),
                                    ("model.h", "7.4", "7.5")):
            self.refused(name, before, after, "values.tex is not what the results make")
        self.refused("docs/results/line.csv", "2.5", "2.6", "figures/line.dat is not what the results make")

    def test_a_number_that_moved_away_is_noticed(self):
        self.made()
        for name, before, after, word in (
                ("docs/results/table.csv", "none,", "nobody,", "0 rows"), ("docs/results/page.md", "## Times", "## Time", "no heading"),
                ("docs/results/page.md", "| [both](page.md)", "| `none`", "0 rows"), ("docs/results/page.md", "| target | ms | |", "| target | s | |", "0 rows"),
                ("docs/results/page.md", "It took", "It takes", "0 texts"), ("docs/results/raw.json", '"share"', '"part"', "nothing at"),
                ("bench/paper/claims.toml", '"speed"', '"pace"', "no number theirs")):
            self.refused(name, before, after, word)

    def test_a_place_outside_the_results_is_refused(self):
        self.made()
        self.refused("docs/paper/places.toml", "docs/beside.md", "docs/elsewhere.md", "tiles", "docs/elsewhere.md is no page of docs/results")
        self.refused("docs/paper/places.toml", "docs/beside.md", "docs/results/none.md", "does not exist")

    def test_a_typed_number_is_refused(self):
        self.made()
        section, figure = "docs/paper/sections/one.tex", "docs/paper/figures/bars.tex"
        for text in ("42\\,\\%", "12 ms", "3.5", "1,000", "SmolVLM-500M", "$x = 42$", "$0.25$"):
            self.refused(section, "\\val{tiles}", "\\val{tiles} " + text, "sections/one.tex:3", "is typed")
        self.refused(figure, "Bars.", "Bars of 7.", "figures/bars.tex:4", "is typed")
        self.refused(figure, "table {figures/bars.dat}", "coordinates {(0,1)}", "coordinates of its own")

    def test_what_leads_nowhere_is_refused(self):
        self.made()
        section = "docs/paper/sections/one.tex"
        for before, after, words in (("\\val{share}", "\\val{shore}", ("\\val{shore} has no place", "nothing uses share")),
                                     ("\\ref{one}", "\\ref{two}", ("\\ref{two} has no label",)),
                                     ("\\cite{a}", "\\cite{b}", ("\\cite{b} has no reference", "nothing cites a")),
                                     ("figures/bars", "figures/none", ("has no file", "figures/bars.tex is in no \\input")),
                                     ("$\\alpha", "{$\\alpha", ("braces",)),
                                     ("\\label{one}", "\\begin{itemize}", ("is not closed",))):
            self.refused(section, before, after, *words)

    def test_figures_that_nothing_makes_are_noticed(self):
        self.made()
        self.write("docs/paper/figures/old.dat", "x\n1\n")
        self.assertIn("figures/old.dat is made by nothing", self.run_tool("--check").stderr)
        (self.root / "docs/paper/figures/old.dat").unlink()
        shutil.move(self.root / "docs/paper/values.tex", self.root / "away")
        self.assertIn("values.tex is not what the results make", self.run_tool("--check").stderr)


if __name__ == "__main__":
    unittest.main()
