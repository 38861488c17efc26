# SPDX-License-Identifier: Apache-2.0
"""The loss of `--reuse moved` by its rules.

  moved.py pack DIR FILE.json.xz      joins DIR/questions.jsonl (moved_draw.py) and DIR/answers.jsonl (moved_answers)
  moved.py report FILE.json.xz        prints the tables of docs/results/approximate/moved.md and which share passes
  moved.py sources FILE.json.xz       prints how far the sources of the state differ
  moved.py write PAGE.md              writes both into the page: between <!-- moved.py VERB FILE --> and <!-- end -->

The rules are in docs/results/approximate/rules.md and were written before anything was measured.
"""
import json
import lzma
import re
import sys
from pathlib import Path

import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import paired  # noqa: E402

SAMPLES = {"system": "another system prompt", "text": "behind another text", "second": "second of two",
           "third": "behind two and a turn"}
SOURCES = {
    "head": "behind the template's fixed head", "alike": "in a prompt of the same form with other words",
    "system": "behind another short system prompt", "first": "as the first thing of a prompt",
    "same": "in the very prompt in which it is used (a check: it is not moved)",
}
ACCURACY_ALL, ACCURACY_SAMPLE = 0.005, 0.010  # non-inferior by these (rule 1)
CHANGED_MORE_MAX = 0.005                      # rule 2
KL_FLOOR = 0.001                              # rule 3
MARGINS = [0, 0.5, 1, 2, 4, np.inf]           # of logits


def pack(directory, path):
    """One row a question, in the order in which they were asked."""
    def rounded(number):
        return float(f"{number:.3g}")
    with open(Path(directory) / "questions.jsonl", encoding="utf-8") as file:
        asked = {record["id"]: record for record in map(json.loads, file)}
    rows = []
    with open(Path(directory) / "answers.jsonl", encoding="utf-8") as file:
        for answered in map(json.loads, file):
            record = asked[answered["id"]]
            moved = [{**m, "kl": rounded(m["kl"])} for m in answered["moved"]]
            rows.append({**{name: record[name] for name in ("id", "sample", "form", "kind", "cluster", "truth")},
                         "answer": answered["answer"], "tokens": answered["tokens"], "margin": rounded(answered["margin"]),
                         "batched": {**answered["batched"], "kl": rounded(answered["batched"]["kl"])}, "moved": moved})
    if len(rows) != len(asked):
        print(f"only {len(rows)} of {len(asked)} questions are answered", file=sys.stderr)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        json.dump(rows, file, separators=(",", ":"))


class Answers:
    """What pack wrote; one row a question."""

    def __init__(self, path):
        with lzma.open(path, "rt", encoding="utf-8") as file:
            self.rows = json.load(file)
        self.sample = self._column("sample")
        self.cluster = self._column("cluster")
        self.truth = self._column("truth")
        self.exact = self._column("answer")
        self.right = self.exact == self.truth
        self.margin = self._column("margin")
        self.batched_changed = np.array([row["batched"]["changed"] for row in self.rows])
        self.batched_kl = np.array([row["batched"]["kl"] for row in self.rows])

    def _column(self, name):
        return np.array([row[name] for row in self.rows])

    def sources(self):
        return list(dict.fromkeys(m["source"] for m in self.rows[0]["moved"]))

    def shares(self, source):
        return [m["share"] for m in self.rows[0]["moved"] if m["source"] == source]

    def moved(self, source, share):
        """(right, changed, kl) with the block of `source` and this share computed anew."""
        found = [next(m for m in row["moved"] if m["source"] == source and m["share"] == share) for row in self.rows]
        answers = np.array([m.get("answer") if m["changed"] else row["answer"] for m, row in zip(found, self.rows)])
        return answers == self.truth, np.array([m["changed"] for m in found]), np.array([m["kl"] for m in found])


class Outcome:
    """One sample (or all of them) with one source and share: the three quantities of the rules."""

    def __init__(self, answers, chosen, source, share, margin):
        right, changed, kl = answers.moved(source, share)
        cluster = answers.cluster[chosen]
        self.count = int(chosen.sum())
        self.accuracy = paired.difference(answers.right[chosen], right[chosen], cluster)
        self.changed = changed[chosen].mean()
        self.changed_more = paired.difference(answers.batched_changed[chosen], changed[chosen], cluster)
        self.kl, self.kl_max = np.quantile(kl[chosen], 0.95), kl[chosen].max()
        self.passes = [paired.non_inferior(self.accuracy, margin), self.changed_more.high <= CHANGED_MORE_MAX,
                       bool(self.kl <= max(np.quantile(answers.batched_kl[chosen], 0.95), KL_FLOOR))]

    def row(self, name, share):
        return cells(name, f"{share * 100:g} %", points(self.accuracy), f"{100 * self.changed:.2f}",
                     points(self.changed_more), f"{self.kl:.2g}", f"{self.kl_max:.2g}",
                     *("yes" if passed else "no" for passed in self.passes))


def outcomes(answers, source, share):
    """name -> Outcome: of each sample, and of all questions for rule 1."""
    found = {sample: Outcome(answers, answers.sample == sample, source, share, ACCURACY_SAMPLE) for sample in SAMPLES}
    found["all"] = Outcome(answers, np.full(len(answers.rows), True), source, share, ACCURACY_ALL)
    return found


def passes(found):
    """Rules 1 to 3: on each sample, and rule 1 on all with its own margin."""
    return all(all(found[sample].passes) for sample in SAMPLES) and found["all"].passes[0]


def points(interval):
    return f"{100 * interval.value:+.2f} ({100 * interval.low:+.2f} to {100 * interval.high:+.2f})"


def cells(*texts):
    return f"| {' | '.join(texts)} |"


def table(header, rows):
    head = [cell.strip() for cell in header.split("|")]
    return "\n".join([cells(*head), "|---|" + "--:|" * (len(head) - 1), *rows])


def batching_table(answers):
    rows = []
    for sample, name in SAMPLES.items():
        chosen = answers.sample == sample
        kl = answers.batched_kl[chosen]
        rows.append(cells(name, f"{chosen.sum():,}", f"{100 * answers.right[chosen].mean():.1f}",
                          f"{100 * answers.batched_changed[chosen].mean():.2f}", f"{np.quantile(kl, 0.95):.2g}",
                          f"{kl.max():.2g}"))
    return table("sample | questions | exact right, % | changed, % | KL, 95th percentile | largest KL", rows)


def loss_table(answers, source):
    """(table, the smallest share that passes rules 1 to 3 or None)."""
    rows, smallest = [], None
    for share in answers.shares(source):
        found = outcomes(answers, source, share)
        rows += [outcome.row(SAMPLES.get(sample, "all"), share) for sample, outcome in found.items()]
        if smallest is None and passes(found):
            smallest = share
    return table("sample | computed anew | right: moved - exact, points | changed, % | changed more than by batching, "
                 "points | KL, 95th percentile | largest KL | rule 1 | rule 2 | rule 3", rows), smallest


def grouped(answers, source, share, groups):
    """(name, which questions) in turn, as a table: where the loss is."""
    right, changed, kl = answers.moved(source, share)
    return table("questions | number | exact right, % | moved right, % | changed, % | KL, median | 90th | 95th percentile", [
        cells(name, f"{chosen.sum():,}", f"{100 * answers.right[chosen].mean():.1f}", f"{100 * right[chosen].mean():.1f}",
              f"{100 * changed[chosen].mean():.2f}", *(f"{np.quantile(kl[chosen], at):.2g}" for at in (0.5, 0.9, 0.95)))
        for name, chosen in groups if chosen.any()])


def forms(answers):
    names = np.array([f"{row['sample']}: {row['form']}" for row in answers.rows])
    return [(name, names == name) for name in sorted(set(names))]


def margins(answers):
    return [(f"margin {low:g} to {high:g}" if np.isfinite(high) else f"margin {low:g} and more",
             (answers.margin >= low) & (answers.margin < high)) for low, high in zip(MARGINS, MARGINS[1:])]


def report(path):
    answers = Answers(path)
    parts = [f"The noise of batching, {len(answers.rows):,} questions:\n\n{batching_table(answers)}"]
    for source in answers.sources():
        losses, smallest = loss_table(answers, source)
        verdict = ("No share passes rules 1 to 3." if smallest is None
                   else f"The smallest share that passes rules 1 to 3: {100 * smallest:g} %.")
        parts.append(f"The picture's state computed {SOURCES[source]}. {verdict}\n\n{losses}")
    source = answers.sources()[0]
    share = answers.shares(source)[-1]
    parts.append(f"Where the loss is, with the state computed {SOURCES[source]} and {100 * share:g} % of it anew:\n\n"
                 + grouped(answers, source, share, forms(answers) + margins(answers)))
    return "\n\n".join(parts) + "\n"


def compared_sources(path):
    """By the source of the state, with none and with most of it computed anew."""
    answers, rows = Answers(path), []
    for source in answers.sources():
        for share in sorted({answers.shares(source)[0], answers.shares(source)[-1]}):
            _, changed, kl = answers.moved(source, share)
            found = [(changed[chosen].mean(), np.quantile(kl[chosen], 0.95))
                     for chosen in (answers.sample == sample for sample in SAMPLES)]
            rows.append(cells(SOURCES[source], f"{100 * share:g} %", f"{100 * changed.mean():.2f}",
                              *(f"{100 * part:.2f}, {kl_95:.2g}" for part, kl_95 in found)))
    header = " | ".join(f"{name}: changed, %, and KL" for name in SAMPLES.values())
    return (f"{len(answers.rows):,} questions; KL is the 95th percentile.\n\n"
            + table(f"state computed | computed anew | changed, % of all | {header}", rows) + "\n")


def write(page):
    """Each part of the page between the marks, from the file that its mark names."""
    page, verbs = Path(page), {"report": report, "sources": compared_sources}
    text = re.sub(r"(<!-- moved.py (report|sources) (\S+) -->\n).*?(<!-- end -->)",
                  lambda found: found[1] + verbs[found[2]](page.parent / found[3]) + found[4],
                  page.read_text("utf-8"), flags=re.DOTALL)
    page.write_text(text, "utf-8")


def main():
    verbs = {"pack": (pack, 2), "report": (lambda path: print(report(path), end=""), 1),
             "sources": (lambda path: print(compared_sources(path), end=""), 1), "write": (write, 1)}
    verb, *arguments = sys.argv[1:] or [""]
    if verb not in verbs or len(arguments) != verbs[verb][1]:
        sys.exit(__doc__)
    verbs[verb][0](*arguments)


if __name__ == "__main__":
    main()
