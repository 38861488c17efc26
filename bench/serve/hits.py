#!/usr/bin/env python3
"""What a stored answer costs over HTTP: hits.py [--program BIN] [--seconds N] [--rounds N] [--tiers] [--quick]

The same request, with a picture of 200 KB in base64, is sent again and again over 8 connections to
  - fovea serve, which has the answer stored,
  - llama-server with the same model, which has the prompt in its slots and generates the answer again,
  - nginx, which reads the body and returns a fixed answer: the most that this machine can do.
With --tiers there is in their place
  - fovea serve with a disk and a Valkey server behind its memory, which has the answer in memory, as the one without.
All of them and the client (wrk) run on the same processors, and take turns in rounds. A request of 5 MB follows, with
the times that the server itself reports (Server-Timing). Ratios are within this run. Times are those of this machine
at this moment.
"""

import argparse
import base64
import contextlib
import http.client
import io
import json
import os
import random
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageFilter

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models/tiny"
CONNECTIONS = 8
START_SECONDS_MAX = 60


def jpeg_of(bytes_wanted, width, height):
    """A picture of noise whose JPEG has about this size."""
    random.seed(1)
    picture = Image.effect_noise((width, height), 90).convert("RGB").filter(ImageFilter.GaussianBlur(1))
    for quality in range(5, 101):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality)
        if buffer.tell() >= bytes_wanted:
            break
    return buffer.getvalue()


def body_of(jpeg):
    url = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is it?"}]
    return json.dumps({"model": "any", "temperature": 0, "max_tokens": 16, "cache_prompt": True,
                       "messages": [{"role": "user", "content": content}]}).encode()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, port, log):
    with open(log, "wb") as output:
        child = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                pass
            if child.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{command[0]} did not start:\n{Path(log).read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait()


def nginx_config(folder, port):
    return f"""
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{}}
http {{
  access_log off; client_max_body_size 64m; client_body_buffer_size 8m; client_body_temp_path {folder}/body;
  keepalive_requests 1000000;
  server {{
    listen 127.0.0.1:{port};
    location / {{ default_type application/json; return 200 '{{"choices":[{{"message":{{"content":"fixed"}}}}]}}'; }}
  }}
}}"""


@contextlib.contextmanager
def valkey(folder):
    """The flags for a shared tier, and for a disk."""
    port = free_port()
    (folder / "fleet.key").write_text(secrets.token_hex(32))
    with open(folder / "valkey.log", "wb") as output:
        child = subprocess.Popen(["valkey-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir",
                                  str(folder)], stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if child.poll() is not None or time.monotonic() > deadline:
                sys.exit("valkey-server did not start")
            time.sleep(0.05)
        yield ["--disk-cache", str(folder / "disk"), "--shared", f"valkey://127.0.0.1:{port}", "--fleet-key-file",
               str(folder / "fleet.key")]
    finally:
        child.terminate()
        child.wait()


def post(url, body):
    host, port = re.fullmatch(r"http://(.+):(\d+)", url).groups()
    connection = http.client.HTTPConnection(host, int(port), timeout=600)
    began = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
    reply = connection.getresponse()
    reply.read()
    if reply.status != 200:
        sys.exit(f"{url}: {reply.status}")
    return 1000 * (time.perf_counter() - began), reply.headers.get("Server-Timing", "")


def load(url, body_file, seconds):
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "-s", str(Path(__file__).parent / "post.lua"),
               url + "/v1/chat/completions"]
    output = subprocess.run(command, env={**os.environ, "BODY": str(body_file)}, check=True, capture_output=True, text=True)
    return json.loads(output.stdout.strip().splitlines()[-1])


def server_ms(timing):
    """The time that the server reports, from the last byte of the body on: reading the request, and the rest."""
    stages = dict(re.findall(r"(\w+);dur=([\d.]+)", timing))
    return float(stages["read"]) + float(stages["total"])


def print_tiers(loads):
    """Requests a second with tiers over those without, in pairs of one round."""
    with_tiers, without = ([each["requests_per_s"] for each in loads[name]] for name in ("fovea + tiers", "fovea"))
    ratios = sorted(one / other for one, other in zip(with_tiers, without))
    for name, each in loads.items():
        middle = {field: statistics.median(one[field] for one in each) for field in each[0]}
        print(f"{name:<16}{middle['requests_per_s']:>8.0f} requests/s  p50 {middle['p50_ms']:.2f} ms  p99 "
              f"{middle['p99_ms']:.2f} ms  {middle['errors']:.0f} errors")
    print(f"with tiers / without, {len(ratios)} pairs: median {statistics.median(ratios):.4f}, mean "
          f"{statistics.mean(ratios):.4f} +- {error_of(ratios):.4f} (standard error), {ratios[0]:.4f} to {ratios[-1]:.4f}")


def error_of(samples):
    return statistics.stdev(samples) / len(samples) ** 0.5 if len(samples) > 1 else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/bin/fovea"))
    parser.add_argument("--seconds", type=int, default=5, help="of each load")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tiers", action="store_true", help="with tiers beside without, in place of the others")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1 s, to see that it works")
    flags = parser.parse_args()
    if flags.quick:
        flags.seconds, flags.rounds = 1, 2

    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        bodies = {"200 KB": body_of(jpeg_of(200 * 1024, 1600, 1200)), "5 MB": body_of(jpeg_of(3_932_160, 4000, 3000))}
        for size, body in bodies.items():
            (folder / size).write_bytes(body)
        ports = {system: free_port() for system in ("fovea", "llama-server", "nginx")}
        (folder / "nginx.conf").write_text(nginx_config(folder, ports["nginx"]))
        commands = {
            "fovea": [flags.program, "serve", "--port", str(ports["fovea"])],
            "llama-server": ["llama-server", "--port", str(ports["llama-server"]), "-m", str(MODELS / "fovea-tiny.gguf"),
                             "--mmproj", str(MODELS / "fovea-tiny-mmproj.gguf"), "-np", "4", "--no-webui"],
            "nginx": ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")],
        }
        if flags.tiers:
            ports["fovea + tiers"] = free_port()
            commands = {"fovea": commands["fovea"], "fovea + tiers": [flags.program, "serve", "--port",
                                                                      str(ports["fovea + tiers"]),
                                                                      *stack.enter_context(valkey(folder))]}
        urls = {system: stack.enter_context(running(command, ports[system], folder / f"{system}.out"))
                for system, command in commands.items()}
        print(f"{os.cpu_count()} processors, {CONNECTIONS} connections, {flags.rounds} rounds of {flags.seconds} s each; "
              f"bodies of {' and '.join(f'{len(body) / 1e6:.2f} MB' for body in bodies.values())}")

        loads = {system: [] for system in urls}
        for system, url in urls.items():
            post(url, bodies["200 KB"])
        for turn in range(flags.rounds):
            for system, url in sorted(urls.items(), reverse=turn % 2 == 1):
                loads[system].append(load(url, folder / "200 KB", flags.seconds))
        if flags.tiers:
            return print_tiers(loads)
        ceiling = statistics.median(each["requests_per_s"] for each in loads["nginx"])
        print(f"{'200 KB picture':<16}{'requests/s':>12}{'of nginx':>10}{'p50 ms':>9}{'p99 ms':>9}{'errors':>8}")
        for system, each in loads.items():
            middle = {field: statistics.median(one[field] for one in each) for field in each[0]}
            print(f"{system:<16}{middle['requests_per_s']:>12.0f}{middle['requests_per_s'] / ceiling:>10.2f}"
                  f"{middle['p50_ms']:>9.2f}{middle['p99_ms']:>9.2f}{middle['errors']:>8.0f}")

        print(f"{'one at a time':<16}{'client p50 ms':>15}{'server p50 ms':>15}{'server p99 ms':>15}")
        for size, body in bodies.items():
            post(urls["fovea"], body)
            asked = [post(urls["fovea"], body) for _ in range(100)]
            server = sorted(server_ms(timing) for _, timing in asked)
            print(f"{size:<16}{statistics.median(ms for ms, _ in asked):>15.2f}{server[50]:>15.2f}{server[98]:>15.2f}")


if __name__ == "__main__":
    main()
