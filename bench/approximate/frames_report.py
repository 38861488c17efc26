# SPDX-License-Identifier: Apache-2.0
"""The tables of near frames from their raw results, and what the rules of docs/results/approximate/rules.md say of them.

Rule 4 is judged beside the distance of two consecutive frames of the same scenes, over the very frames whose embedding was
taken: consecutive frames have the least drift between them. Rule 6's second half, what a comparison costs, is measured by
`near_frames_bench --time`, and the half of rule 5 that is about keys by the model test.
"""
import gzip
import json
import os
from collections import Counter

import numpy as np

from paired import difference, non_inferior, wilson

EVERY = [10, 30, 100]  # k, the frames between two exact encodes
NOISES = [1, 2, 4]
SIZES = [4, 6, 10]  # percent of the frame's side


def conditions():
    return [(noise, light, jpeg) for noise in NOISES for light in (False, True) for jpeg in (False, True)]


def right(answer, truth):
    return answer.strip() == truth.strip()


def read(folder, name):
    """The runs in NAME.jsonl or NAME.jsonl.gz of `folder`."""
    path = os.path.join(folder, f"{name}.jsonl")
    with open(path) if os.path.exists(path) else gzip.open(path + ".gz", "rt") as file:
        return [json.loads(line) for line in file]


def percent(share, digits=1):
    return f"{100 * share:.{digits}f} %"


def points(interval):
    return f"{100 * interval.value:+.2f} ({100 * interval.low:+.2f} to {100 * interval.high:+.2f})"


def at(run, offset):
    """What was told of the frame at this offset: that of its first question."""
    return next(asked for asked in run["asked"] if asked["offset"] == offset)


def appearance_tables(runs):
    """Missed appearances and recall. Returns what the rules say of each k."""
    verdicts = {}
    print(f"## Missed appearances ({len(runs)})\n")
    print("| k | at its frame | one-sided 95 % bound | 1 later | 5 later | k later | seen as changed | as lighter | otherwise encoded |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for i, k in enumerate(EVERY):
        missed = {offset: sum(at(r, offset)["missed"][i] for r in runs) for offset in (0, 1, 5, k)}
        seen = Counter(r["asked"][0]["outcome"][i] for r in runs)
        print(f"| {k} | {missed[0]} | {percent(wilson(missed[0], len(runs), 0.90)[1], 2)} | {missed[1]} | {missed[5]} | {missed[k]} | "
              f"{seen['changed']} | {seen['lighter']} | {len(runs) - seen['changed'] - seen['lighter'] - seen['near']} |")
        verdicts[k] = {"1": missed[0] <= 1 and missed[k] == 0}
    print("\nMissed at its frame, by noise and size:\n")
    print("| noise | " + " | ".join(f"{size} %, k = {k}" for size in SIZES for k in EVERY) + " |")
    print("|--:|" + "--:|" * (len(SIZES) * len(EVERY)))
    for noise in NOISES:
        cells = []
        for size in SIZES:
            chosen = [r for r in runs if r["noise"] == noise and r["size"] == size]
            cells += [f"{sum(r['asked'][0]['missed'][i] for r in chosen)} of {len(chosen)}" for i in range(len(EVERY))]
        print(f"| {noise} | " + " | ".join(cells) + " |")
    print("\n## Recall of the thing\n")
    print("| k | size | offset | questions | exact | near | difference, points (95 %) |")
    print("|--:|--:|--:|--:|--:|--:|--:|")
    for i, k in enumerate(EVERY):
        letter = True
        for size in ("all", *SIZES):
            for offset in (0, 1, 5, k):
                asked = [(r["run"], a) for r in runs if size in ("all", r["size"]) for a in r["asked"] if a["offset"] == offset]
                exact = [right(a["exact"], a["truth"]) for _, a in asked]
                near = [right(a["near"][i], a["truth"]) for _, a in asked]
                interval = difference(exact, near, [name for name, _ in asked])
                if offset == 0 and size in ("all", SIZES[0]):
                    letter = letter and non_inferior(interval, 0.01)
                if offset == 0 and size == "all":
                    verdicts[k]["2, all sizes"] = non_inferior(interval, 0.01)
                if size == "all" or offset == 0:
                    print(f"| {k} | {size} | {offset} | {len(asked)} | {percent(np.mean(exact))} | {percent(np.mean(near))} | {points(interval)} |")
        verdicts[k]["2, the smallest of these"] = letter
    print()
    return verdicts


def first_frame_table(runs, verdicts):
    """The smallest size again, with more questions at the frame of the appearance: 360 cannot decide."""
    asked = [(r["run"], a) for r in runs for a in r["asked"]]
    print(f"## Recall of the smallest thing at the frame of its appearance ({len(runs)} more appearances)\n")
    print("| k | missed | questions | exact | near | difference, points (95 %) |\n|--:|--:|--:|--:|--:|--:|")
    for i, k in enumerate(EVERY):
        exact = [right(a["exact"], a["truth"]) for _, a in asked]
        near = [right(a["near"][i], a["truth"]) for _, a in asked]
        interval = difference(exact, near, [name for name, _ in asked])
        missed = sum(r["asked"][0]["missed"][i] for r in runs if r["asked"])
        print(f"| {k} | {missed} of {len(runs)} | {len(asked)} | {percent(np.mean(exact))} | {percent(np.mean(near))} | {points(interval)} |")
        verdicts[k]["2, the smallest, more questions"] = non_inferior(interval, 0.01)
    print()


def quantile(distances):
    return f"{np.quantile(distances, 0.95):.4f}" if distances else "none"


def quantile_ratio(scenes, draws=2000):
    """(value, low, high) of the ratio of the 95th percentiles of pairs, given by scene."""
    scenes, rng = [np.array(pairs) for pairs in scenes if pairs], np.random.default_rng(1)

    def ratio(chosen):
        first, second = np.quantile(np.vstack(chosen), 0.95, axis=0)
        return first / second
    drawn = [ratio([scenes[j] for j in rng.integers(len(scenes), size=len(scenes))]) for _ in range(draws)]
    return ratio(scenes), *np.quantile(drawn, [0.025, 0.975])


def still_tables(runs, verdicts):
    print(f"## Frames in which nothing happens ({sum(len(r['asked']) for r in runs)} questions, {len(runs)} runs)\n")
    print("| k | exact | near | difference, points (95 %) | answers changed |")
    print("|--:|--:|--:|--:|--:|")
    pairs = [(r, a) for r in runs for a in r["asked"]]
    for i, k in enumerate(EVERY):
        exact = [right(a["exact"], a["truth"]) for _, a in pairs]
        near = [right(a["near"][i], a["truth"]) for _, a in pairs]
        interval = difference(exact, near, [r["run"] for r, _ in pairs])
        changed = np.mean([a["exact"] != a["near"][i] for _, a in pairs])
        print(f"| {k} | {percent(np.mean(exact))} | {percent(np.mean(near))} | {points(interval)} | {percent(changed)} |")
        verdicts[k]["3"] = non_inferior(interval, 0.005)
    print("\n## Embeddings: relative L2, 95th percentile\n")
    print("`taken`: from a frame's exact embedding to the one that it took. `two`: from the same frames' exact ones to those of "
          "the frames before.\n")
    print("| frames | " + " | ".join(f"k = {k}: taken | two | frames" for k in EVERY) + " | two, all frames |")
    print("|---|" + "--:|--:|--:|" * len(EVERY) + "--:|")
    groups = [("all", lambda r: True)]
    groups += [(f"noise {n}", lambda r, n=n: r["noise"] == n) for n in NOISES]
    groups += [("steady light", lambda r: not r["light"]), ("drifting light", lambda r: r["light"])]
    groups += [(f"noise {n}, {'drifting' if light else 'steady'} light, {'JPEG' if jpeg else 'no JPEG'}",
                lambda r, c=(n, light, jpeg): (r["noise"], r["light"], r["jpeg"]) == c) for n, light, jpeg in conditions()]
    for title, chosen in groups:
        every = [a["consecutive"] for r, a in pairs if chosen(r)]
        cells = []
        for i, k in enumerate(EVERY):
            near = [a for r, a in pairs if chosen(r) and a["outcome"][i] == "near"]
            taken, base = [a["taken"][i] for a in near], [a["consecutive"] for a in near]
            cells += [quantile(taken), quantile(base), str(len(near))]
            if title == "all":
                verdicts[k]["4"] = bool(near) and np.quantile(taken, 0.95) <= np.quantile(base, 0.95)
                verdicts[k]["4, beside all frames"] = bool(near) and np.quantile(taken, 0.95) <= np.quantile(every, 0.95)
        print(f"| {title} | " + " | ".join([*cells, quantile(every)]) + " |")
    print("\nThe ratio of both 95th percentiles over all of these frames, with a bootstrap over scenes (95 %):\n")
    print("| k | taken / two | interval |\n|--:|--:|--:|")
    for i, k in enumerate(EVERY):
        value, low, high = quantile_ratio([[(a["taken"][i], a["consecutive"]) for a in r["asked"] if a["outcome"][i] == "near"]
                                           for r in runs])
        print(f"| {k} | {value:.4f} | {low:.3f} to {high:.3f} |")
    print("\n## Share of a still scene's tiles that were encoded, learning included\n")
    print("| frames | " + " | ".join(f"k = {k}" for k in EVERY) + " | why, k = 30 |")
    print("|---|" + "--:|" * len(EVERY) + "---|")
    for title, chosen in groups:
        cells = []
        for i, k in enumerate(EVERY):
            counts = sum((Counter(r["outcomes"][i]) for r in runs if chosen(r)), Counter())
            share = 1 - counts["near"] / counts.total()
            cells.append(percent(share))
            if title == "all":
                verdicts[k]["6, share"] = share <= 0.5
        counts = sum((Counter(r["outcomes"][1]) for r in runs if chosen(r)), Counter())
        why = ", ".join(f"{name} {percent(count / counts.total())}" for name, count in counts.most_common() if name != "near")
        print(f"| {title} | " + " | ".join(cells) + f" | {why} |")
    print()


def other_tables(runs, verdicts):
    print(f"## Other sources ({len(runs)})\n")
    crossed = sum(r["crossed"] for r in runs)
    print(f"Embeddings that were taken from another source: {crossed}.\n")
    print("| k | exact | near | near taken at the question |\n|--:|--:|--:|--:|")
    for i, k in enumerate(EVERY):
        exact = [right(r["exact"], r["truth"]) for r in runs]
        near = [right(r["near"][i], r["truth"]) for r in runs]
        print(f"| {k} | {percent(np.mean(exact))} | {percent(np.mean(near))} | {sum(r['outcome'][i] == 'near' for r in runs)} |")
        verdicts[k]["5, drawn"] = crossed == 0
    print()


def tables(folder):
    verdicts = appearance_tables(read(folder, "appearances"))
    first_frame_table(read(folder, "first"), verdicts)
    still_tables(read(folder, "still"), verdicts)
    other_tables(read(folder, "others"), verdicts)
    print("## What the rules say\n")
    rules = list(verdicts[EVERY[0]])
    print("| k | " + " | ".join(f"rule {rule}" for rule in rules) + " |\n|--:|" + "---|" * len(rules))
    for k in EVERY:
        print(f"| {k} | " + " | ".join("holds" if verdicts[k][rule] else "fails" for rule in rules) + " |")


