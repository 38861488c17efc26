# SPDX-License-Identifier: Apache-2.0
"""bench/approximate/moved.py: the decision follows the rules, on made-up answers."""
import json
import lzma
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/approximate"))
sys.dont_write_bytecode = True

import moved  # noqa: E402


def row(sample, number, change=None, kl=1e-6):
    """A question that is answered rightly; `change`: what it is answered with a moved picture."""
    entry = {"source": "head", "share": 0.0, "computed": 0, "kl": kl, "changed": change is not None}
    if change is not None:
        entry["answer"] = change
    return {"id": f"{sample}-{number}", "sample": sample, "form": "plain", "kind": "color", "cluster": number // 2,
            "truth": "red", "answer": "red", "tokens": 2, "margin": 5.0, "batched": {"kl": 1e-8, "changed": False},
            "moved": [entry]}


class Decision(unittest.TestCase):
    def decided(self, **changed):
        """name of a sample -> its first rows, in place of ordinary ones. 1,000 questions each, so that no change at
        all is within half a point of batching."""
        rows = []
        for sample in moved.SAMPLES:
            special = changed.get(sample, [])
            rows += special + [row(sample, number) for number in range(len(special), 1000)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.json.xz"
            with lzma.open(path, "wt") as file:
                json.dump(rows, file)
            return moved.loss_table(moved.Answers(path), "head")[1]

    def test_nothing_changed(self):
        self.assertEqual(self.decided(), 0.0)

    def test_answers_that_changed_in_one_sample(self):
        self.assertIsNone(self.decided(third=[row("third", number, "blue") for number in range(20)]))

    def test_probabilities_that_changed_in_one_sample(self):
        self.assertEqual(self.decided(text=[row("text", number, kl=0.5) for number in range(49)]), 0.0)
        self.assertIsNone(self.decided(text=[row("text", number, kl=0.5) for number in range(60)]))

    def test_better_answers_are_changed_ones_too(self):
        wrong = [{**row("system", number, "red"), "answer": "blue"} for number in range(20)]
        self.assertIsNone(self.decided(system=wrong))


class Pages(unittest.TestCase):
    def test_what_is_between_the_marks_is_written(self):
        with tempfile.TemporaryDirectory() as folder:
            with lzma.open(Path(folder) / "rows.json.xz", "wt") as file:
                json.dump([row(sample, number) for sample in moved.SAMPLES for number in range(8)], file)
            page = Path(folder) / "page.md"
            page.write_text("before\n<!-- moved.py report rows.json.xz -->\nold\n<!-- end -->\nbehind\n")
            moved.write(page)
            once = page.read_text()
            moved.write(page)
            self.assertEqual(once, page.read_text())
        self.assertTrue(once.startswith("before\n<!-- moved.py report rows.json.xz -->\nThe noise of batching, 32 questions"))
        self.assertTrue(once.endswith("<!-- end -->\nbehind\n"))
        self.assertNotIn("\nold\n", once)

    def test_sources_side_by_side(self):
        rows = [row(sample, number, "blue" if number == 0 else None) for sample in moved.SAMPLES for number in range(8)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.json.xz"
            with lzma.open(path, "wt") as file:
                json.dump(rows, file)
            table = moved.compared_sources(path)
        self.assertIn("| behind the template's fixed head | 0 % | 12.50 | 12.50, 1e-06 | 12.50, 1e-06 |", table)


if __name__ == "__main__":
    unittest.main()
