#!/usr/bin/env python3
"""What the first look at a picture costs: first_look.py [--quick] [--rounds N] [--models DIR ...] [--fovea-flags FLAGS]

fovea serve and llama-server, with the same model files, threads and context, get the same questions about the same
pictures, in turns. Each round has a picture of its own, a drawn screen that neither has seen, so everything is computed:
decoding the file, preprocessing, encoding each tile, reading the prompt, writing --tokens tokens (temperature 0,
streamed). The turns alternate. One look after the start is not counted with the others, and reported alone: Fovea packs
the weights for its kernels then, and both read the files.

Reported for each model and size: the median time to the first text and to the end, the processor time, the tiles that
each encoded (from Fovea's counters and llama-server's log), and the ratios, llama-server / Fovea, over rounds with a
95 % bootstrap interval: above 1, Fovea is faster. Fovea encodes equal tiles once: with --preproc 512 the only tile and
the overview are equal, with --preproc 1024 there are five different ones. The models have SmolVLM-256M's shape and
random weights, so what they say means nothing. Times are those of this machine at this moment. On a machine that does
other work as well, threads that wait for each other take longer and use processor time: --threads 1 then says most.
"""

import argparse
import base64
import contextlib
import http.client
import io
import json
import os
import shlex
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench/paper"), str(ROOT / "bench/serve")]
import agent_loop  # noqa: E402  (drawn screens, what llama-server's log says, intervals, versions)
import servers  # noqa: E402  (starts and stops both)

SECONDS_MAX = 900  # of one look
MODELS = [ROOT / "build/models/smolvlm-256m-512", ROOT / "build/models/smolvlm-256m-1024"]


@dataclass
class Look:
    first_ms: float
    whole_ms: float
    cpu_ms: float
    tokens: int
    encoded: int


def screen(seed, width, height):
    """A data: URL with a picture of its own for each seed."""
    out = io.BytesIO()
    agent_loop.Desktop(seed).picture.resize((width, height)).save(out, "JPEG", quality=90)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


class Peer:
    def __init__(self, name, server, log, tokens):
        self.name, self.address, self.log, self.tokens = name, server["url"].removeprefix("http://"), log, tokens
        self.pid = server["pid"]

    def cpu_ms(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def encoded(self):
        """Tiles that were encoded since the server started."""
        if self.name != "fovea":
            return sum(map(int, agent_loop.ENCODED_LINE.findall(self.log.read_bytes())))
        with contextlib.closing(http.client.HTTPConnection(self.address, timeout=SECONDS_MAX)) as connection:
            connection.request("GET", "/v1/cache/stats")
            levels = json.loads(connection.getresponse().read())["levels"]
        return next(level["misses"] for level in levels if level["level"] == "embedding")

    def look(self, url, question):
        parts = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": question}]
        body = json.dumps({"model": "any", "messages": [{"role": "user", "content": parts}], "temperature": 0,
                           "max_tokens": self.tokens, "stream": True, "stream_options": {"include_usage": True}})
        before, cpu = self.encoded(), self.cpu_ms()
        with contextlib.closing(http.client.HTTPConnection(self.address, timeout=SECONDS_MAX)) as connection:
            began, first, usage = time.perf_counter(), None, None
            connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            if reply.status != 200:
                sys.exit(f"first_look.py: {self.name}: {reply.status} {reply.read(500).decode(errors='replace')}")
            for line in reply:
                if not line.startswith(b"data: {"):
                    continue
                event = json.loads(line[len(b"data: "):])
                usage = event.get("usage") or usage
                if first is None and any(choice["delta"].get("content") for choice in event.get("choices", [])):
                    first = 1000 * (time.perf_counter() - began)
            whole = 1000 * (time.perf_counter() - began)
        cpu = self.cpu_ms() - cpu
        return Look(first if first is not None else whole, whole, cpu, usage["completion_tokens"], self.encoded() - before)


def median_of(looks, field):
    return statistics.median(getattr(look, field) for look in looks)


def ratio(looks, field, seed):
    theirs, ours = ([getattr(look, field) for look in looks[name]] for name in ("llama-server", "fovea"))
    middle, low, high = agent_loop.ratio_with_interval(theirs, ours, seed)
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def report(model, size, cold, looks, seed):
    for name in ("llama-server", "fovea"):
        print(f"| {model.name}, {size[0]} x {size[1]} | {name} | {median_of(looks[name], 'encoded'):.0f} | "
              f"{median_of(looks[name], 'first_ms'):.0f} | {median_of(looks[name], 'whole_ms'):.0f} | "
              f"{median_of(looks[name], 'cpu_ms'):.0f} | {median_of(looks[name], 'tokens'):.0f} | {cold[name].whole_ms:.0f} |")
    print(f"| | llama-server / fovea | | {ratio(looks, 'first_ms', seed)} | {ratio(looks, 'whole_ms', seed)} | "
          f"{ratio(looks, 'cpu_ms', seed)} | | {cold['llama-server'].whole_ms / cold['fovea'].whole_ms:.2f} |", flush=True)


def commands(model, options):
    started = servers.commands(str(next(model.glob("smolvlm*.gguf"))), str(next(model.glob("mmproj*.gguf"))),
                               str(options.threads))
    fovea, llama = started["fovea"]["command"], started["llama-server"]["command"]
    fovea[0] = options.program
    fovea += shlex.split(options.fovea_flags)
    llama += [*shlex.split(options.llama_flags), "-lv", "4"]  # so that its log tells which tiles it encodes
    return started


def measure(model, options):
    with tempfile.TemporaryDirectory(prefix="first-look-") as place:
        folder, started = Path(place), commands(model, options)
        for name, server in started.items():
            print(f"{name}: {shlex.join(word.removeprefix(f'{ROOT}/') for word in server['command'])}")
        print("\n| model, picture | | tiles encoded | first text, ms | whole, ms | processor, ms | tokens | first after the start, ms |\n"
              "|---|---|--:|--:|--:|--:|--:|--:|", flush=True)
        try:
            servers.start(folder, started)
            peers = [Peer(name, server, folder / f"{name}.log", options.tokens) for name, server in started.items()]
            looks = {peer.name: [] for peer in peers}
            for number in range(options.rounds + 1):
                url = screen(options.seed * 1000 + number, *options.size)
                for peer in peers if number % 2 == 0 else peers[::-1]:
                    looks[peer.name].append(peer.look(url, f"What is on screen {number}?"))
            cold = {name: series.pop(0) for name, series in looks.items()}
            report(model, options.size, cold, looks, options.seed)
        finally:
            servers.stop({name: server for name, server in started.items() if "pid" in server})
        said = (folder / "fovea.log").read_text(errors="replace").splitlines()
        print(*(f"fovea says: {line.partition(': ')[2]}" for line in said if "are computed by" in line), sep="\n", end="\n\n", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--models", type=Path, nargs="+", default=MODELS,
                           help="folders that `fovea model synth --like smolvlm-256m` wrote, with --preproc 512 (one tile), 1024 (five), or without (17)")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--size", type=int, nargs=2, default=[1024, 768], metavar="PIXELS", help="width and height")
    arguments.add_argument("--tokens", type=int, default=16)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--seed", type=int, default=19)
    arguments.add_argument("--program", default="fovea")
    arguments.add_argument("--fovea-flags", default="", help="more flags of fovea serve, such as '--kernels f32'")
    arguments.add_argument("--llama-flags", default="", help="more flags of llama-server")
    arguments.add_argument("--quick", action="store_true", help="two rounds with the first model: to see that it works")
    options = arguments.parse_args()
    if options.quick:
        options.rounds, options.models = 2, options.models[:1]
    for model in options.models:
        if not list(model.glob("smolvlm*.gguf")):
            sys.exit(f"no model in {model}: fovea model synth --like smolvlm-256m --preproc 512 --out {model} (1024: five tiles)")
    cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), "unknown processor")
    print(f"{options.rounds} rounds, {options.tokens} tokens; {agent_loop.version(options.program)}; llama-server "
          f"{agent_loop.version('llama-server')}; {cpu}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before\n")
    for model in options.models:
        measure(model, options)


if __name__ == "__main__":
    main()
