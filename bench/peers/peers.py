#!/usr/bin/env python3
"""Fovea compared with llama-server: the same two GGUF files, the same processors, the same requests.

  ./dev python3 bench/peers/peers.py                                      all scenarios with the bundled model
  ./dev python3 bench/peers/peers.py --scenario same moved --rounds 3     some of them
  ./dev python3 bench/peers/peers.py --model M.gguf --mmproj P.gguf       with another model

Build the target peer_bench first: it is Fovea's side, a pipeline that answers requests from lines of JSON.
llama-server is the one of the package llama.cpp-tools, over HTTP on a loopback port, with its own default cache
settings and a slot for every client.

scenarios
  same    a picture at the beginning of the prompt: first request, another question, exact repeat
  moved   a picture that both know, and another question: under a system prompt, after a text, as the second of two
          pictures (both known), and first again after as many other pictures as llama-server has slots. Those evict
          it from the slots, but llama-server keeps evicted prompts in memory (--cache-ram, 8 GiB) and finds them by
          their first tokens. With --server-options='--cache-ram 0' it does not
  crowd   clients at the same time, each system alone and from cold
  stall   what a long prompt does to a short request that comes after it, and to an answer that is being generated

how it is measured
  The client measures times, from just before a request is sent until its answer is complete. Fovea's time to the
  first text comes from its program, because its answers come in one piece. Pictures are drawn, 512 x 512. Fovea gets
  the name of a file, and llama-server a data URL: the cost of HTTP, some milliseconds, is in llama-server's times
  only. Answers are greedy. "equal" counts the answers with the same text. Batches of several requests, and prompts
  that are prefilled in other portions, round differently, so with several clients some answers may differ, mostly
  those of a model with random weights. "cached" are the tokens of the prompt that the decoder did not have to prefill
  (Fovea reports none for an answer that was stored).
  In same, moved and stall the systems work in turn, so a disturbance affects both. Medians of the rounds are shown. On
  a machine with other work, small models are measured wrongly by orders of magnitude, because the threads of both
  systems wait for each other by spinning.

The bundled model runs on both sides, but its answers take milliseconds: it shows that everything works. Its context is
2,048 tokens, so stall's long prompt is a little shorter. Its answers to texts are short, so there may be no pause in
them to measure. For numbers, use a model of real shape. Random weights are enough, because time does not depend on
their values: `fovea model synth --like smolvlm-256m --out DIR --preproc 512`.
"""

import argparse
import json
import os
import platform
import shlex
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from crowd import crowd
from one_client import OneClient
from pictures import Pictures
from results import Results, show
from stall import Stall
from systems import Fovea, LlamaServer, PeerError

CHECKOUT = Path(__file__).resolve().parents[2]
TINY = CHECKOUT / "models/tiny"
SCENARIOS = ["same", "moved", "crowd", "stall"]


@dataclass(frozen=True)
class Setup:
    """What both systems are started with."""
    program: Path  # the folder of peer_bench
    model: str
    mmproj: str
    clients: int  # threads of clients, slots of llama-server
    threads: int
    ctx_size: int  # tokens for each client
    processors: tuple
    folder: Path  # for pictures and logs
    server_options: tuple  # further ones of llama-server


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)

    def add(flag, default, text, **more):
        parser.add_argument(flag, default=default, help=f"{text} (default: %(default)s)",
                            **{"type": type(default), **more})

    add("--program", CHECKOUT / "build/release/bin", "folder of peer_bench", type=Path, metavar="DIR")
    add("--model", str(TINY / "fovea-tiny.gguf"), "the decoder, GGUF", metavar="FILE")
    add("--mmproj", str(TINY / "fovea-tiny-mmproj.gguf"), "its vision encoder, GGUF", metavar="FILE")
    add("--scenario", SCENARIOS, "which to run", type=str, nargs="+", choices=SCENARIOS, metavar="NAME")
    add("--rounds", 5, "of same, moved and stall", type=positive, metavar="N")
    add("--requests", 200, "of crowd", type=positive, metavar="N")
    add("--pictures", 20, "of crowd", type=positive, metavar="N")
    add("--clients", 4, "of crowd, and llama-server's slots in all scenarios", type=positive, metavar="N")
    add("--threads", 2, "and processors for each system", type=positive, metavar="N")
    add("--ctx-size", 4096, "tokens of context for each client", type=positive, metavar="N")
    add("--seed", 1, "of pictures and requests", metavar="N")
    parser.add_argument("--server-options", default="", metavar="TEXT",
                        help="further options of llama-server, such as --server-options='--cache-ram 0'")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every answer and time to this file")
    return parser.parse_args()


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def setup_of(flags, folder):
    for file in (flags.program / "peer_bench", Path(flags.model), Path(flags.mmproj)):
        if not file.is_file():
            sys.exit(f"peers.py: there is no {file}: build the target peer_bench, or name it with --program, --model "
                     "and --mmproj")
    processors = tuple(sorted(os.sched_getaffinity(0))[:flags.threads])
    return Setup(flags.program, flags.model, flags.mmproj, flags.clients, flags.threads, flags.ctx_size, processors,
                 folder, tuple(shlex.split(flags.server_options)))


def configuration(flags, setup):
    """What the numbers depend on, as a dictionary."""
    version = subprocess.run(["llama-server", "--version"], capture_output=True, text=True, check=True)
    return {
        "fovea": (CHECKOUT / "VERSION").read_text("utf-8").strip(),
        "llama-server": (version.stdout + version.stderr).splitlines()[0].removeprefix("version:").strip(),
        "model": file_line(setup.model), "mmproj": file_line(setup.mmproj),
        "machine": f"{processor_name()}, {os.cpu_count()} processors; both systems on {len(setup.processors)}, "
                   f"{setup.threads} threads",
        "load before": f"{os.getloadavg()[0]:.2f}",
        "context": f"{setup.ctx_size} tokens for each of {setup.clients} clients",
        "options": f"seed {flags.seed}; further ones of llama-server: {flags.server_options or 'none'}",
    }


def file_line(path):
    return f"{Path(path).name}, {Path(path).stat().st_size / 1e6:,.1f} MB"


def processor_name():
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def run(flags, setup, results):
    pictures = Pictures(setup.folder, flags.seed)
    # A system that has nothing to do sleeps, so both may run while one works.
    in_turn = [name for name in flags.scenario if name != "crowd"]
    if in_turn:
        run_in_turn(in_turn, flags, setup, pictures, results)
    if "crowd" in flags.scenario:
        crowd([Fovea, LlamaServer], setup, pictures, results, flags.requests, flags.pictures, flags.seed)


def run_in_turn(names, flags, setup, pictures, results):
    with ExitStack() as running:
        show("starting")
        fovea, server = (running.enter_context(kind(setup)) for kind in (Fovea, LlamaServer))
        one_client = OneClient([fovea, server], pictures, flags.rounds, results)
        one_client.warm_up(setup.clients if "moved" in names else 1)
        if "same" in names:
            one_client.same()
        if "moved" in names:
            one_client.moved()
        if "stall" in names:
            Stall([fovea, server], server, flags.rounds, flags.seed, results).run()


def save(file, configured, flags, results):
    document = {"configuration": configured, "options": {name: str(value) for name, value in vars(flags).items()}}
    file.write_text(json.dumps({**document, **results.plain()}, indent=1), "utf-8")


def main():
    flags = arguments()
    # So that the systems are stopped, and files removed, when the script is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        setup = setup_of(flags, Path(folder))
        configured = configuration(flags, setup)
        print("\n".join(f"{name:<13} {value}" for name, value in configured.items()), flush=True)
        try:
            run(flags, setup, results)
        except PeerError as error:
            show()
            sys.exit(f"peers.py: {error}")
        except KeyboardInterrupt:
            show()
            sys.exit(130)
        finally:
            if flags.json:
                save(flags.json, configured, flags, results)


if __name__ == "__main__":
    main()
