"""The measurements, and the tables that are made from them. Every ratio is between numbers of one run."""

import statistics
import sys


class Results:
    """The answers of both systems, request by request, and the rows of the tables, in the order they came."""

    def __init__(self):
        self.measured, self.rows, self.remarks = [], [], []

    def keep(self, scenario, case, number, answers):
        """`answers`: Fovea's and llama-server's to one request."""
        self.measured.append({"scenario": scenario, "case": case, "round": number, "answers": answers})

    def answers(self, scenario, case):
        return [each["answers"] for each in self.measured if (each["scenario"], each["case"]) == (scenario, case)]

    def add_row(self, scenario, case, unit, fovea, server, aim=None, **more):
        """`aim`: the goal for the ratio Fovea / llama-server, ("<=", 0.2); None where there is none."""
        ratio = fovea / server if server else float("inf")
        met = None if aim is None else bool(ratio <= aim[1] if aim[0] == "<=" else ratio >= aim[1])
        self.rows.append({"scenario": scenario, "case": case, "unit": unit, "fovea": fovea, "llama-server": server,
                          "ratio": ratio, "aim": aim, "met": met, **more})

    def add_latency_row(self, scenario, case, aim):
        """Medians over the rounds: of the time to the complete answer, and to its first text."""
        pairs = self.answers(scenario, case)
        fovea, server = ([pair[name] for pair in pairs] for name in ("Fovea", "llama-server"))
        self.add_row(scenario, case, "ms", median(fovea, "total_ms"), median(server, "total_ms"), aim,
                     first=[median(fovea, "first_ms"), median(server, "first_ms")],
                     cached=[median(fovea, "cached_tokens"), median(server, "cached_tokens")],
                     equal=sum(a.text == b.text for a, b in zip(fovea, server)), answers=len(pairs))

    def remark(self, scenario, text):
        self.remarks.append({"scenario": scenario, "text": text})

    def print(self, scenario):
        """The table of one scenario, with its remarks."""
        print(f"\n{scenario:<44} {'Fovea':>10} {'llama-server':>12}      {'ratio':>6}   {'aim':<8} {'':6} "
              f"{'to first text':>17} {'cached':>13}   equal")
        for row in self.rows:
            if row["scenario"] == scenario:
                print(line_of(row))
        for remark in self.remarks:
            if remark["scenario"] == scenario:
                print(f"  {remark['text']}")
        sys.stdout.flush()

    def plain(self):
        measured = [{**each, "answers": {name: answer.plain() for name, answer in each["answers"].items()}}
                    for each in self.measured]
        return {"rows": self.rows, "remarks": self.remarks, "measured": measured}


def median(answers, member):
    return statistics.median(getattr(answer, member) for answer in answers)


def line_of(row):
    aim = f"{row['aim'][0]} {row['aim'][1]:g}" if row["aim"] else ""
    verdict = {None: "", True: "met", False: "missed"}[row["met"]]
    first = " / ".join(map(number, row["first"])) if "first" in row else ""
    cached = " / ".join(f"{tokens:.0f}" for tokens in row["cached"]) if "cached" in row else ""
    equal = f"{row['equal']} of {row['answers']}" if "equal" in row else ""
    return (f"  {row['case']:<42} {number(row['fovea']):>10} {number(row['llama-server']):>12} {row['unit']:<4} "
            f"{row['ratio']:>6.3f}   {aim:<8} {verdict:<6} {first:>17} {cached:>13}   {equal}").rstrip()


def number(value):
    """Three digits that matter, and no exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def show(text=""):
    """Shows progress on a terminal, in place of the text shown before."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
