#!/usr/bin/env python3
"""What eight nodes do that one does not: eight_nodes.py [--part NAME ...] [--nodes N] [--json FILE]

Real `fovea serve` nodes, Valkey and HAProxy (deploy/haproxy/haproxy.cfg) in network namespaces with shaped links. Nodes run
no model: they wait for the times of a profile (--modelled), so that eight fit on two processors. Everything else is real.
Needs root, in ./dev. The parts, all of them unless some are named:

  throughput  Requests a second of prefix hits, with N nodes and with one. Each node has pictures of its own and as many
              clients, all of which ask through the balancer, so no node is idle: what is compared is nodes, not luck. Then
              the same with clients that ask about any picture, which hashing spreads unevenly; with and without bounded
              load. Last of stored answers, which take no device: these are what this machine's processors can do.
  cold        A new picture asked of all nodes at once, each with another question: how many encoded it. With a slower
              encoder than the profile's: a fast one is not worth a lease.
  killed      A node is killed under load: what failed, and the share of requests that found something, second by second.
  hashing     Bytes from Valkey with consistent hashing and with round robin, of the same requests to a new fleet.

Ratios are within one run. A node's memory, the links and the loads are printed.
"""

import argparse
import collections
import contextlib
import itertools
import json
import os
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import real_load
import real_nodes
from real_nodes import RealFleet, ask, ask_all

CLIENTS = 6  # of a node; it decodes 4 answers side by side, so it is never idle
LINK = {"mbit_per_s": 1000}


def fleet_of(flags, nodes, **more):
    of = {"name": "node", "device": flags.device, "count": nodes, "parallel": 4, "memory": "1GiB", "link": LINK}
    of.update(more.pop("of", {}))
    return {"nodes": [of], "shared": {"memory": "4GiB", "link": LINK}, **more}


def prompts_of(flags, device=None):
    profile = json.loads(real_nodes.profile_of(device or flags.device, real_nodes.ROOT).read_text())
    return real_load.Prompts(flags.request_bytes, profile)


def good(answers):
    failed = [answer for answer in answers if answer.status != 200]
    if failed:
        sys.exit(f"{len(failed)} of {len(answers)} requests failed: {failed[0].status} {failed[0].text[:300]}")
    return answers


def homes(real, each):
    """Numbers of pictures, so many for each node, by the node that the balancer sends them to."""
    found = {node["name"]: [] for node in real.nodes}
    for picture in itertools.count():
        if all(len(pictures) >= each for pictures in found.values()):
            return found
        of_node = found[real.home_of(picture)]
        if len(of_node) < each:
            of_node.append(picture)


def in_parallel(works):
    results = [None] * len(works)

    def run(number):
        results[number] = works[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def bodies(prompts, pictures, seed, question=None):
    """Endless requests about these pictures; each a new question unless one is given."""
    dice = random.Random(seed)
    for number in itertools.count():
        picture = dice.choice(pictures)
        yield picture, prompts.body(picture, f"{seed} {number}" if question is None else question)


def rate_of(answers, seconds, way=None):
    """Answers a second, once all clients are at work and until the first stops; all of this way, if one is named."""
    begin, end = 0.1 * seconds, 0.95 * seconds
    ended = [answer for answer in answers if begin < answer.at_s + answer.ms / 1000 <= end]
    if way and sum(answer.way == way for answer in ended) < 0.98 * len(ended):
        ways = collections.Counter(answer.way for answer in ended)
        sys.exit(f"not all of {len(ended)} answers were of the way {way}: {dict(ways)}; try more --seconds")
    return len(ended) / (end - begin)


def measured_rates(flags, nodes):
    """Requests a second: of prefix hits, with pictures of each node's own and with any; and of stored answers."""
    prompts, rates = prompts_of(flags), {}
    for routing in ("hash", "bounded_hash") if nodes > 1 else ("hash",):
        with tempfile.TemporaryDirectory(prefix="fovea-eight-") as folder, \
                RealFleet(fleet_of(flags, nodes, routing=routing), folder, flags.program) as real:
            found = homes(real, flags.pictures)
            everything = [picture for pictures in found.values() for picture in pictures]
            good(ask_all(real, [(picture, prompts.body(picture, "first")) for picture in everything], 4 * nodes)[0])
            if routing == "hash":
                own = in_parallel([lambda pictures=pictures: ask_all(real, bodies(prompts, pictures, str(pictures)), CLIENTS,
                                                                     flags.seconds) for pictures in found.values()])
                rates["prefix hits, each node's own"] = sum(rate_of(good(answers), seconds, "prefix")
                                                            for answers, seconds in own)
            real.settle()
            answers, seconds = ask_all(real, bodies(prompts, everything, "any"), CLIENTS * nodes, flags.seconds)
            # With bounded load, pictures also meet nodes that fetch them first.
            rates[f"prefix hits, any picture, {routing}"] = rate_of(good(answers), seconds,
                                                                    "prefix" if routing == "hash" else None)
            if routing == "hash":
                answers, seconds = ask_all(real, bodies(prompts, everything, "stored", "first"), 8, flags.seconds / 2)
                rates["stored answers (these processors)"] = rate_of(good(answers), seconds, "response")
    return rates


def throughput(flags):
    one, many = measured_rates(flags, 1), measured_rates(flags, flags.nodes)
    print(f"\n### Throughput\n\n{flags.device}, {flags.pictures} pictures and {CLIENTS} clients for each node, "
          f"{flags.seconds:g} s each\n\n| requests a second | 1 node | {flags.nodes} nodes | ratio | of {flags.nodes} |\n"
          "|---|--:|--:|--:|--:|")
    for what, rate in many.items():
        alone = one.get(what, one["prefix hits, any picture, hash"])
        print(f"| {what} | {alone:.1f} | {rate:.1f} | {rate / alone:.2f} | {rate / alone / flags.nodes:.2f} |")
    return {"one": one, "many": many}


def cold(flags):
    profile, rounds = json.loads(real_nodes.profile_of(flags.device, real_nodes.ROOT).read_text()), []
    profile["models"][0]["encode_ms"] = flags.cold_encode_ms
    prompts = real_load.Prompts(flags.request_bytes, profile)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fovea-eight-")))
        (folder / "slow.json").write_text(json.dumps(profile))
        fleet = fleet_of(flags, flags.nodes, of={"device": "slow.json"})
        real = stack.enter_context(RealFleet(fleet, folder, flags.program, folder))
        for picture in range(flags.rounds):
            with contextlib.ExitStack() as opened:
                connections = [opened.enter_context(contextlib.closing(real.connection(end.address))) for end in real.ends]
                works = [lambda number=number, connection=connection:
                         ask(connection, prompts.body(f"cold {picture}", f"question {number}"))
                         for number, connection in enumerate(connections)]
                answers = good(in_parallel(works))
            rounds.append({"encoded": sum(answer.way == "encoded" for answer in answers),
                           "ms": sorted(answer.ms for answer in answers)})
            real.settle()
    encoded = [each["encoded"] for each in rounds]
    print(f"\n### A cold picture, asked of {flags.nodes} nodes at once\n\n{flags.device}, but {flags.cold_encode_ms:g} ms a "
          f"tile; {flags.rounds} pictures one after another, each with {flags.nodes} questions\n\nencoded by {statistics.mean(encoded):.2f} nodes on the average "
          f"(each: {encoded}); the last answer after {statistics.median(each['ms'][-1] for each in rounds):.0f} ms (median), "
          f"the first after {statistics.median(each['ms'][0] for each in rounds):.0f} ms")
    return rounds


def series(answers, seconds):
    """Second by second: requests, failed ones, shares that found something, and that found it in their node's memory."""
    for second in range(int(seconds)):
        of = [answer for answer in answers if second <= answer.at_s + answer.ms / 1000 < second + 1]
        fine = [answer for answer in of if answer.status == 200]
        share = max(len(fine), 1)
        yield {"second": second, "requests": len(of), "failed": len(of) - len(fine),
               "hits": sum(answer.way not in ("encoded", "joined") for answer in fine) / share,
               "memory": sum(answer.place == "memory" for answer in fine) / share}


def in_progress(real, number):
    """The requests that a node has now."""
    found = re.search(rb"(?m)^fovea_requests_in_progress (\d+)", real.get(number, "/metrics"))
    if not found:
        sys.exit("nodes have no metric fovea_requests_in_progress any more")
    return int(found[1])


def killed(flags):
    prompts, kill_at, victim = prompts_of(flags, flags.fast_device), 0.25 * flags.kill_seconds, 2
    of = {"device": flags.fast_device, "memory": "512MiB"}
    with tempfile.TemporaryDirectory(prefix="fovea-eight-") as folder, \
            RealFleet(fleet_of(flags, flags.nodes, of=of), folder, flags.program) as real:
        pictures = list(range(12 * flags.nodes))
        good(ask_all(real, [(picture, prompts.body(picture, "first")) for picture in pictures], 2 * flags.nodes)[0])
        real.settle()
        on_it = [in_progress(real, victim)]  # before the load: it ends here where nodes do not tell

        def kill():
            time.sleep(kill_at)
            on_it[0] = in_progress(real, victim)
            real.kill(real.children[victim])

        killer = threading.Thread(target=kill)
        killer.start()
        answers, seconds = ask_all(real, bodies(prompts, pictures, "load"), 3 * flags.nodes, flags.kill_seconds)
        killer.join()
    rows = list(series(answers, seconds))
    before = statistics.mean(row["memory"] for row in rows[1:int(kill_at)])
    back = next((row["second"] for row in rows[int(kill_at) + 1:]
                 if statistics.mean(later["memory"] for later in rows[row["second"]:row["second"] + 3]) >= 0.98 * before), None)
    failed = [answer for answer in answers if answer.status != 200]
    print(f"\n### A node of {flags.nodes} is killed after {kill_at:g} s\n\n{flags.fast_device}; {len(pictures)} pictures, "
          f"{3 * flags.nodes} clients; {len(answers)} requests, {len(failed)} failed "
          f"({on_it[0]} were on it)\n")
    print("| second | requests | failed | found something | in its node's memory |\n|--:|--:|--:|--:|--:|")
    for row in rows:
        print(f"| {row['second']} | {row['requests']} | {row['failed']} | {row['hits']:.1%} | {row['memory']:.1%} |")
    after = "never in this run" if back is None else f"{max(0, back - kill_at):.0f} s after it was killed"
    print(f"\nfound in memory before: {before:.1%}; again so (98 % of that, over 3 s): {after}")
    return {"series": rows, "failed": [(answer.status, answer.at_s) for answer in failed], "back_s": back, "killed_s": kill_at}


def hashing(flags):
    prompts = prompts_of(flags)
    # All nodes together have room for some three quarters of the entries about all pictures.
    pictures, memory, requests = 10 * flags.nodes, "24MiB", flags.hash_requests
    weights = [1 / rank ** 0.9 for rank in range(1, pictures + 1)]
    drawn = random.Random(7).choices(range(pictures), weights, k=requests)
    results = {}
    for routing in ("hash", "round_robin"):
        fleet = fleet_of(flags, flags.nodes, routing=routing, of={"memory": memory})
        with tempfile.TemporaryDirectory(prefix="fovea-eight-") as folder, RealFleet(fleet, folder, flags.program) as real:
            before = real.link_bytes()["shared"]
            todo = [(picture, prompts.body(picture, number)) for number, picture in enumerate(drawn)]
            answers, seconds = ask_all(real, todo, 2 * flags.nodes)
            after = real.link_bytes()["shared"]
        good(answers)
        results[routing] = {"from_MB": (after["sent"] - before["sent"]) / 1e6,
                            "to_MB": (after["received"] - before["received"]) / 1e6,
                            "memory": sum(answer.place == "memory" for answer in answers) / requests,
                            "shared": sum(answer.place == "shared" for answer in answers) / requests,
                            "encoded": sum(answer.way == "encoded" for answer in answers),
                            "mean_ms": statistics.mean(answer.ms for answer in answers), "seconds": seconds}
    print(f"\n### Bytes over Valkey's link\n\n{flags.device}; {requests} requests about {pictures} pictures (Zipf 0.9), each "
          f"a new question; {flags.nodes} nodes of {memory}, {2 * flags.nodes} clients\n\n| | from Valkey, MB | to it, MB | in the "
          "node's memory | from Valkey | encoded | mean ms |\n|---|--:|--:|--:|--:|--:|--:|")
    for routing, of in results.items():
        print(f"| {routing} | {of['from_MB']:.1f} | {of['to_MB']:.1f} | {of['memory']:.1%} | {of['shared']:.1%} | "
              f"{of['encoded']} | {of['mean_ms']:.1f} |")
    cut = 1 - results["hash"]["from_MB"] / results["round_robin"]["from_MB"]
    print(f"\ncut by hashing: {cut:.1%} of the bytes from Valkey")
    return results


PARTS = {"throughput": throughput, "cold": cold, "killed": killed, "hashing": hashing}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=list(PARTS), help="only this one; may be given several times")
    parser.add_argument("--program", default=str(real_nodes.PROGRAM))
    parser.add_argument("--nodes", type=int, default=8)
    parser.add_argument("--device", default="2-core-cpu", help="whose times count for all but killed (2-core-cpu)")
    parser.add_argument("--fast-device", default="l4", help="for killed (l4)")
    parser.add_argument("--pictures", type=int, default=6, help="of each node, for throughput (6)")
    parser.add_argument("--request-bytes", type=int, default=8000)
    parser.add_argument("--seconds", type=float, default=10, help="of each load, for throughput (10)")
    parser.add_argument("--rounds", type=int, default=5, help="cold pictures (5)")
    parser.add_argument("--cold-encode-ms", type=float, default=4000, help="of a tile, for cold; what takes less than a "
                        "hundred times as long as asking Valkey is encoded by each node (docs/tiers.md) (4000)")
    parser.add_argument("--kill-seconds", type=float, default=40, help="of the load under which a node is killed (40)")
    parser.add_argument("--hash-requests", type=int, default=600, help="of each way of routing (600)")
    parser.add_argument("--json", metavar="FILE", help="write all numbers there")
    flags = parser.parse_args()
    if why := real_nodes.namespaces.obstacle():
        sys.exit(why)
    print(f"{flags.nodes} nodes, Valkey and HAProxy on {os.cpu_count()} processors; each link {LINK['mbit_per_s']} Mbit/s; "
          f"nodes wait for the times of a profile and run no model; requests of {flags.request_bytes} bytes")
    results = {}
    for part in flags.part or PARTS:
        began = time.monotonic()
        results[part] = PARTS[part](flags)
        print(f"\n({part} took {time.monotonic() - began:.0f} s)", flush=True)
    if flags.json:
        Path(flags.json).write_text(json.dumps({"settings": vars(flags), "results": results}, indent=1))


if __name__ == "__main__":
    main()
