#!/usr/bin/env python3
"""What llama-server and Fovea answer to the same requests: compare.py [--write docs/serve.md] [--only WORD]

Both run with the bundled model that calls tools, on free ports, one request at a time; cases are in compare_cases.py. Prints a Markdown
table for each group with "yes", or what came instead; --write puts the tables between the marks in a file. The exit
code is 1 if Fovea does not answer what llama-server does.
"""

import argparse
import http.client
import json
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from compare_cases import Reply, cases

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench/paper"))
import servers  # noqa: E402  (starts and stops programs)

MODELS = ROOT / "models/tiny"
CONTEXT = "4096"
WAIT_S = 60
WORDS_MAX = 90
MARKS = "<!-- written by bench/serve/compare.py -->", "<!-- end of comparison -->"


def commands():
    model = ["-m", str(MODELS / "fovea-tiny-tools.gguf"), "--mmproj", str(MODELS / "fovea-tiny-mmproj.gguf")]
    llama, fovea = servers.free_port(), servers.free_port()
    return {
        "llama-server": {"command": ["llama-server", *model, "--port", str(llama), "-c", CONTEXT, "--no-webui", "--metrics"],
                         "url": f"http://127.0.0.1:{llama}"},
        "fovea": {"command": ["fovea", "serve", *model, "--port", str(fovea), "--ctx-size", CONTEXT, "--cors-origins", "*"],
                  "url": f"http://127.0.0.1:{fovea}"},
    }


class Server:
    def __init__(self, url):
        self.address = re.match(r"http://(.*):(\d+)", url).groups()

    def ask(self, case):
        replies = [self.ask(earlier).json() for earlier in case.before]
        if case.raw:
            return self.exchange(case.raw)
        path, body = (value(replies) if callable(value) else value for value in (case.path, case.body))
        headers = dict(case.headers)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(*self.address, timeout=WAIT_S)
        try:
            connection.request(case.method, path, body, headers)
            reply = connection.getresponse()
            return Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())
        finally:
            connection.close()

    def exchange(self, request):
        """One request on a socket, and whether the server closes it after the reply, within a second."""
        with socket.create_connection(self.address, WAIT_S) as connection:
            connection.sendall(request)
            reply = http.client.HTTPResponse(connection)
            reply.begin()
            body = reply.read()
            connection.settimeout(1)
            try:
                rest = connection.recv(1000)
                closed = not rest
            except TimeoutError:
                rest, closed = b"", False
            except OSError:
                rest, closed = b"", True
            return Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, body, closed, rest)


def outcome(server, case):
    """"yes", or what came instead."""
    try:
        wrong = case.check(server.ask(case))
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        wrong = f"no reply: {type(error).__name__}"
    return shown(wrong) if wrong else "yes"


def shown(words):
    words = re.sub(r"\d{5,}", "N", " ".join(words.split())).replace("|", "\\|").replace("<", "&lt;")
    return words if len(words) <= WORDS_MAX else words[:WORDS_MAX].rsplit(" ", 1)[0] + " ..."


def tables(found):
    yes = [sum(row[side] == "yes" for _, row in found) for side in (0, 1)]
    lines = [f"Of {len(found)} requests, llama-server answers {yes[0]} as asked and Fovea {yes[1]}.", ""]
    for group in dict.fromkeys(case.group for case, _ in found):
        lines += [f"| {group} | llama-server | Fovea |", "|---|---|---|"]
        lines += [f"| {case.name} | {theirs} | {ours} |" for case, (theirs, ours) in found if case.group == group]
        lines.append("")
    return "\n".join(lines)


def write(path, text):
    page = path.read_text()
    begin, end = (page.find(mark) for mark in MARKS)
    if begin < 0 or end < begin:
        sys.exit(f"compare.py: {path} has no lines {MARKS[0]} and {MARKS[1]}")
    path.write_text(page[:begin] + MARKS[0] + "\n" + text + page[end:])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--write", type=Path, metavar="FILE")
    arguments.add_argument("--only", default="", help="cases whose group or name contains this")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="compare-") as place:
        started = commands()
        try:
            servers.start(Path(place), started)
            both = [Server(started[name]["url"]) for name in ("llama-server", "fovea")]
            found = [(case, [outcome(server, case) for server in both]) for case in cases()
                     if options.only in case.group or options.only in case.name]
        finally:
            servers.stop({name: server for name, server in started.items() if "pid" in server})
    text = tables(found)
    print(text)
    if options.write:
        write(options.write, text)
    behind = [case.name for case, (theirs, ours) in found if theirs == "yes" and ours != "yes"]
    if behind:
        sys.exit(f"Fovea does not answer what llama-server does: {', '.join(behind)}")


if __name__ == "__main__":
    main()
