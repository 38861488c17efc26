"""The raw results as numbers: for each trace and capacity (a cell), what each policy saved under each seed.

Shares are in percent of all compute of the trace, as arrays over seeds in the same order everywhere, so that
differences are paired: both sides of a difference had the same requests.
"""

import numpy as np

# Student's t, 97.5 %, by degrees of freedom.
T_QUANTILES = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
               12: 2.179, 15: 2.131, 20: 2.086, 30: 2.042, 60: 2.000, 99: 1.984}

OURS = "value"
BASELINE = "lru"


def interval(samples):
    """Mean and half the width of its 95 % confidence interval (0 where there is one seed)."""
    samples = np.asarray(samples, dtype=float)
    freedom = len(samples) - 1
    if freedom < 1:
        return float(samples.mean()), 0.0
    quantile = T_QUANTILES[max(known for known in T_QUANTILES if known <= freedom)]
    return float(samples.mean()), float(quantile * samples.std(ddof=1) / np.sqrt(len(samples)))


class Cell:
    """One trace at one capacity. Every array has a number for each seed."""

    def __init__(self, capacities):
        self.bytes = np.mean([at["bytes"] for at in capacities])
        self.saved = {policy["policy"]: [] for policy in capacities[0]["policies"]}
        self.evictions = {policy: [] for policy in self.saved}
        self.speed = {policy: [] for policy in self.saved}
        for at in capacities:
            for policy in at["policies"]:
                self.saved[policy["policy"]].append(100 * policy["result"]["cost_hit_ratio"])
                self.evictions[policy["policy"]].append(policy["result"]["evictions"])
                self.speed[policy["policy"]].append(policy["requests_per_second"])
        self.saved = {policy: np.array(shares) for policy, shares in self.saved.items()}
        self.offline_greedy = np.array([100 * at["offline_greedy"]["cost_hit_ratio"] for at in capacities])
        self.upper_bound = np.array([100 * at["upper_bound"]["cost_hit_ratio"] for at in capacities])

    def evicts(self):
        """Whether lru, which lets everything in, ever has to evict. If not, there is nothing to decide."""
        return any(self.evictions[BASELINE])

    def best_other(self):
        """The policy that saves most on average, ours apart."""
        return max((policy for policy in self.saved if policy != OURS), key=lambda policy: self.saved[policy].mean())

    def ahead_of(self, policy):
        """What ours saves more, seed by seed."""
        return self.saved[OURS] - self.saved[policy]

    def of_best(self):
        """Our mean over that of the best other: the goal is 0.99."""
        best = self.saved[self.best_other()].mean()
        return self.saved[OURS].mean() / best if best > 0 else 1.0

    def clearly_ahead_of(self, policy):
        """Whether the 95 % interval of what ours saves more lies above 0."""
        mean, half = interval(self.ahead_of(policy))
        return mean - half > 0

    def seeds_short(self, goal):
        """Seeds where ours is below `goal` times whichever policy was best under that seed: harsher, by hindsight."""
        best = np.max([shares for policy, shares in self.saved.items() if policy != OURS], axis=0)
        return int(np.sum(self.saved[OURS] < goal * best - 1e-9))


class Trace:
    """All capacities of one trace under one plan, and what the trace is."""

    def __init__(self, results):
        replays = [result["replay"] for result in sorted(results, key=lambda result: result["seed"])]
        self.group, self.name = results[0]["group"], results[0]["trace"]
        self.seeds = len(replays)
        self.requests = replays[0]["requests"]
        self.working_set_bytes = np.mean([replay["working_set_bytes"] for replay in replays])
        self.ceiling = np.array([100 * replay["compulsory_ceiling"]["cost_hit_ratio"] for replay in replays])
        labels = [at["capacity"] for at in replays[0]["capacities"]]
        self.cells = {label: Cell([replay["capacities"][i] for replay in replays]) for i, label in enumerate(labels)}

    def repeats(self):
        """Whether anything is asked for twice: if not, no cache saves anything."""
        return bool(self.ceiling.max() > 0)


class Cells:
    """All results: shared[name] and importance[name] are Traces, split[name][capacity] is a Cell."""

    def __init__(self, results):
        self.shared = self._traces(results, "shared", ("workload", "questions"))
        self.importance = self._traces(results, "shared", ("importance",))
        self.split = {}
        for result in sorted(results, key=lambda result: result["seed"]):
            if result["plan"] == "split":
                by_label = self.split.setdefault(result["trace"], {})
                by_label.setdefault(result["label"], []).append(result["replay"]["capacities"][0])
        self.split = {name: {label: Cell(found) for label, found in by_label.items()}
                      for name, by_label in self.split.items()}

    @staticmethod
    def _traces(results, plan, groups):
        by_name = {}
        for result in results:
            if result["plan"] == plan and result["group"] in groups:
                by_name.setdefault(result["trace"], []).append(result)
        return {name: Trace(found) for name, found in by_name.items()}
