#!/usr/bin/env python3
"""A fleet's file, run with real programs: real_fleet.py FLEET.json [--bundled] [--requests N] [--json FILE] [--simulated FILE]

Nodes, Valkey and HAProxy run in network namespaces with links of the fleet's rates and latencies (real_nodes.py). Nodes
wait for the times of their profiles (fovea serve --modelled) and compute nothing, so that many fit on few processors. With
--bundled the bundled model runs in their place; all nodes then share this machine's processors, which distorts the times.
The requests are those that `fovea simulate` asks, in its order, from as many clients. Needs root, in ./dev:

    ./dev fovea simulate bench/fleet/fleets/four.json --json > four.simulated.json
    ./dev python3 bench/fleet/real_fleet.py bench/fleet/fleets/four.json --simulated four.simulated.json

Told are: the ways in which requests came to their answers, and where what they had was found (by the answers' headers);
bytes over each link (the interfaces' counters, with all heads of packets) while requests were answered; the clients' times.
`--simulated` compares with the outcome that `fovea simulate --json` wrote: shares in points, bytes and times in percent.
"""

import argparse
import collections
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import real_load
import real_nodes


def questions_of(flags):
    done = subprocess.run([flags.questions, flags.fleet], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    asked = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    return asked[:flags.requests]


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def outcome_of(answers, seconds, before, after):
    """With the names of the simulator's outcome."""
    good = [answer for answer in answers if answer.status == 200]
    took = [answer.ms for answer in good]
    by_way = collections.defaultdict(list)
    for answer in good:
        by_way[answer.way].append(answer.ms)
    links = {name: {direction: after[name][direction] - before[name][direction] for direction in after[name]} for name in after}
    places = collections.Counter(answer.place for answer in good if answer.place)
    return {"requests": len(answers), "answered": len(good), "failed": len(answers) - len(good), "seconds": seconds,
            "encodes": len(by_way["encoded"]),
            "by_way": {way: {"count": len(ms), "mean_ms": statistics.mean(ms)} for way, ms in sorted(by_way.items())},
            "places": dict(places),
            "times": {"mean_ms": statistics.mean(took), "p50_ms": percentile(took, 0.5), "p95_ms": percentile(took, 0.95)},
            "links": links}


def measured(flags, fleet):
    load = fleet["load"]
    if "rate_per_s" in load or fleet.get("events"):
        sys.exit("a real fleet has a load of clients that wait for their answers, and no events")
    if load.get("named_by", "picture") != "picture":
        sys.exit("the clients of a real fleet name pictures: named_by is picture")
    asked = questions_of(flags)
    beside = Path(flags.fleet).resolve().parent
    profile = json.loads(real_nodes.profile_of(fleet["nodes"][0]["device"], beside).read_text())
    prompts = real_load.Prompts(load.get("request_bytes", 200_000), None if flags.bundled else profile)
    for picture in {picture for picture, _ in asked}:
        prompts.url(picture)
    requests = ((picture, prompts.body(picture, question)) for picture, question in asked)
    with tempfile.TemporaryDirectory(prefix="fovea-fleet-") as folder, \
            real_nodes.RealFleet(fleet, folder, flags.program, beside, flags.bundled) as real:
        before = real.link_bytes()
        answers, seconds = real_nodes.ask_all(real, requests, load.get("clients", 16))
        after = real.link_bytes()
        failed = [answer for answer in answers if answer.status != 200]
        for answer in failed:
            print(f"failed: {answer.status} {answer.text[:200]}", file=sys.stderr)
        if len(failed) == len(answers):
            sys.exit("no request was answered")
        outcome = outcome_of(answers, seconds, before, after)
        real.settle()
        outcome["stats"] = real.stats()
    return outcome


def tell(fleet, outcome):
    print(f"{fleet['name']}: {sum(of.get('count', 1) for of in fleet['nodes'])} nodes, {outcome['requests']} requests in "
          f"{outcome['seconds']:.1f} s, {outcome['failed']} failed; {os.cpu_count()} processors for all")
    print("\n| way | share | mean ms |\n|---|--:|--:|")
    for way, of in outcome["by_way"].items():
        print(f"| {way} | {of['count'] / outcome['answered']:.1%} | {of['mean_ms']:.1f} |")
    print("\nfound in: " + ", ".join(f"{place} {count / outcome['answered']:.1%}" for place, count in outcome["places"].items()))
    times = outcome["times"]
    print(f"times: mean {times['mean_ms']:.1f} ms, 50 % {times['p50_ms']:.1f} ms, 95 % {times['p95_ms']:.1f} ms")
    print("\n| link | from it, MB | to it, MB |\n|---|--:|--:|")
    for name, link in outcome["links"].items():
        print(f"| {name} | {link['sent'] / 1e6:.2f} | {link['received'] / 1e6:.2f} |")


def simulated_outcome(path):
    """Of the first fleet and way in a document of fovea simulate --json."""
    return json.loads(Path(path).read_text())["fleets"][0]["ways"][0]


def found_share(found, answered, ways):
    return sum(found.get(way, {"count": 0})["count"] for way in ways) / answered


def rows_beside(outcome, simulated):
    """(what, real, simulated, unit) of everything that both tell. Servers say of what was joined that it was found."""
    real_of, simulated_of = (outcome["by_way"], outcome["answered"]), (simulated["found"], simulated["answered"])
    for what, ways, named in (("answer stored or joined", ["response"], ["response", "joined"]),
                              ("prefix", ["prefix"], ["prefix"]),
                              ("embeddings found or joined",
                               ["embedding_memory", "embedding_disk", "embedding_shared", "joined"],
                               ["embedding_memory", "embedding_disk", "embedding_shared", "embedding_joined"]),
                              ("encoded", ["encoded"], ["encoded"])):
        yield f"share: {what}", found_share(*real_of, ways), found_share(*simulated_of, named), "points"
    for place in ("shared", "disk"):
        levels = simulated["levels"]
        hits = levels["response"][place]["hits"] + levels["prefix"][place]["hits"]
        hits += simulated["found"][f"embedding_{place}"]["count"]
        yield f"share: found first in {place}", outcome["places"].get(place, 0) / outcome["answered"], \
            hits / simulated["answered"], "points"
    for field in ("mean_ms", "p95_ms"):
        yield f"time: {field}", outcome["times"][field], simulated["times"][field], "percent"
    nodes = {name: link for name, link in outcome["links"].items() if name != "shared"}
    links = [("all nodes", list(nodes.values()), simulated["node_links"])]
    if "shared" in outcome["links"]:
        links.append(("the shared server", [outcome["links"]["shared"]], simulated["shard_links"]))
    for what, real, other in links:
        yield f"bytes: to {what}", sum(link["received"] for link in real), sum(link["bytes_in"] for link in other), "percent"
        yield f"bytes: from {what}", sum(link["sent"] for link in real), sum(link["bytes_out"] for link in other), "percent"


def tell_beside(outcome, simulated):
    print("\n| beside the simulator | real | simulated | apart |\n|---|--:|--:|--:|")
    for what, real, other, unit in rows_beside(outcome, simulated):
        if unit == "points":
            print(f"| {what} | {real:.1%} | {other:.1%} | {100 * (real - other):+.1f} points |")
        else:
            apart = f"{real / other - 1:+.1%}" if other else "-"
            print(f"| {what} | {real:,.1f} | {other:,.1f} | {apart} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fleet", metavar="FLEET.json")
    parser.add_argument("--bundled", action="store_true", help="run the bundled model in each node, with one thread")
    parser.add_argument("--requests", type=int, help="only so many")
    parser.add_argument("--program", default=str(real_nodes.PROGRAM))
    parser.add_argument("--questions", default=str(real_nodes.PROGRAM.with_name("asked_questions")),
                        help="the program that says what is asked (build/release/bin/asked_questions)")
    parser.add_argument("--json", metavar="FILE", help="write all numbers there")
    parser.add_argument("--simulated", metavar="FILE", help="compare with this outcome of fovea simulate --json")
    flags = parser.parse_args()
    if why := real_nodes.namespaces.obstacle():
        sys.exit(why)
    fleet = json.loads(Path(flags.fleet).read_text())
    outcome = measured(flags, fleet)
    tell(fleet, outcome)
    if flags.json:
        Path(flags.json).write_text(json.dumps(outcome, indent=1))
    if flags.simulated:
        tell_beside(outcome, simulated_outcome(flags.simulated))


if __name__ == "__main__":
    main()
