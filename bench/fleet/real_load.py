"""Requests for a real fleet: pictures of noise, and prompts whose parts take what the profile says of its own load.

A profile's load has a prompt of some length with its picture in it. A modelled node counts four characters as a token, so a
text of so many words of three letters and a blank is as long as it is to be.
"""

import base64
import json
import random
import struct
import subprocess
import zlib

TEMPLATE_TOKENS = {"before": 3, "behind": 7}  # of a user's message, in modelled nodes


def png(side, seed):
    """A square picture of noise; no two seeds give the same, and none has two tiles that are alike."""
    rows = b"".join(b"\0" + random.Random(f"{seed} {row}").randbytes(3 * side) for row in range(side))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


def words(tokens, dice):
    return "".join(" " + "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=3)) for _ in range(max(tokens, 1)))


def question_tokens(model):
    """So many tokens behind a picture take the load's question_ms, by the profile's own line."""
    low, *_ = model["prefill"]
    high = model["prefill"][min(1, len(model["prefill"]) - 1)]
    wanted = model["load"]["question_ms"]
    if wanted <= low["ms"] or high["ms"] <= low["ms"]:
        return low["tokens"]
    return round(low["tokens"] + (wanted - low["ms"]) * (high["tokens"] - low["tokens"]) / (high["ms"] - low["ms"]))


class Prompts:
    """Bodies for requests about numbered pictures, of about `request_bytes` each."""

    def __init__(self, request_bytes, profile=None, max_tokens=None, seed=1):
        self.side = max(8, int((request_bytes * 3 / 4 / 3) ** 0.5))
        self.seed, self.max_tokens, self.urls = seed, max_tokens, {}
        before, behind = 4, 12
        if profile:
            model = profile["models"][0]
            behind = question_tokens(model) - TEMPLATE_TOKENS["behind"]
            if model.get("state"):
                before = model["state"]["tokens"] - model["load"]["image_tokens"] - TEMPLATE_TOKENS["before"]
        self.before = words(round(before), random.Random("before"))
        self.behind = behind

    def url(self, picture):
        if picture not in self.urls:
            data = png(self.side, f"{self.seed} {picture}")
            self.urls[picture] = "data:image/png;base64," + base64.b64encode(data).decode()
        return self.urls[picture]

    def body(self, picture, question):
        content = [{"type": "text", "text": self.before},
                   {"type": "image_url", "image_url": {"url": self.url(picture)}},
                   {"type": "text", "text": words(self.behind, random.Random(f"question {question}"))}]
        fields = {"temperature": 0, "messages": [{"role": "user", "content": content}]}
        if self.max_tokens:
            fields["max_tokens"] = self.max_tokens
        return json.dumps(fields).encode()


def asked_questions(tool, workload, seed, requests=None):
    """(picture, question) of each request of a workload's recipe, as the simulator asks them."""
    command = [str(tool), str(workload), str(seed), *([str(requests)] if requests else [])]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [tuple(map(int, line.split()[:2])) for line in lines]
