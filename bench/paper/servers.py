"""The servers of a bench over HTTP, Fovea and llama-server with the same model: starts, restarts and stops them.

    servers.py start FOLDER MODEL MMPROJ THREADS    starts both and writes their addresses into FOLDER/servers.json
    servers.py restart FOLDER                       stops both and starts them at the same addresses
    servers.py stop FOLDER

Fovea keeps results on a disk where a folder for them is named; llama-server has nothing of the kind that it does by
itself. Without one, both begin with nothing after a restart. Servers are stopped by their process ids, which are in
servers.json.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

START_SECONDS_MAX = 300  # to load a large model from a slow disk
CONTEXT_TOKENS = 8192


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def commands(model, mmproj, threads, disk_cache=None):
    """By name: the command, and the address at which it answers. With `disk_cache`, Fovea keeps results there."""
    fovea, llama = free_port(), free_port()
    disk = ["--disk-cache", str(disk_cache)] if disk_cache else []
    return {
        "fovea": {"command": ["fovea", "serve", "-m", model, "--mmproj", mmproj, "--port", str(fovea),
                              "--threads", threads, "--ctx-size", str(CONTEXT_TOKENS), *disk],
                  "url": f"http://127.0.0.1:{fovea}"},
        "llama-server": {"command": ["llama-server", "-m", model, "--mmproj", mmproj, "--host", "127.0.0.1",
                                     "--port", str(llama), "-t", threads, "-c", str(CONTEXT_TOKENS), "-np", "1",
                                     "--no-webui"],
                         "url": f"http://127.0.0.1:{llama}"},
    }


def start(folder, servers):
    for name, server in servers.items():
        with open(folder / f"{name}.log", "ab") as log:
            child = subprocess.Popen(server["command"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     start_new_session=True)
        server["pid"] = child.pid
    (folder / "servers.json").write_text(json.dumps(servers, indent=1))
    for name, server in servers.items():
        wait_until_ready(folder, name, server)


def wait_until_ready(folder, name, server):
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            if urllib.request.urlopen(server["url"] + "/health").status == 200:
                return
        except OSError:
            pass  # not listening yet, or loading the model
        if not alive(server["pid"]):
            break
        time.sleep(0.1)
    sys.exit(f"servers.py: {name} did not start; see {folder / f'{name}.log'}")


def stop(servers):
    for server in servers.values():
        try:
            os.kill(server["pid"], signal.SIGTERM)
        except ProcessLookupError:
            continue
        while alive(server["pid"]):
            time.sleep(0.05)


def alive(pid):
    """Whether the process runs: one that has ended may still be there for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def main():
    match sys.argv[1:]:
        case ["start", folder, model, mmproj, threads]:
            start(Path(folder), commands(model, mmproj, threads))
        case ["restart", folder]:
            servers = json.loads((Path(folder) / "servers.json").read_text())
            stop(servers)
            start(Path(folder), servers)
        case ["stop", folder]:
            stop(json.loads((Path(folder) / "servers.json").read_text()))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
