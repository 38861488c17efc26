#!/usr/bin/env python3
"""What a cache is worth to a whole answer in Python: end_to_end.py [--rounds N] [--side PIXELS] [--quick]

A model of SmolVLM-256M's shape with random weights, in PyTorch with transformers, answers questions about drawn
pictures of --side pixels (1024: four tiles and an overview). What it says means nothing, and what it takes does
not depend on that. Each round has a picture of its own and two questions about it. In turns they are answered

  no cache         every question encodes
  attached         fovea.transformers.attach: memory, with a disk and a Valkey server behind it
  dict             the seed practice: a dict from sha256 of the file to the encoder's output, given to generate()
  lru_cache        functools.lru_cache around decoding and encoding, called with the file's bytes

and then, in processes of their own that know nothing, from the disk alone (a restart) and from the Valkey
server alone (another process). A dict and lru_cache are empty there: a first look.

Reported are medians over rounds with quartiles, of each part and of the whole answer. The logits of all answers
to a question are compared. With --processor-time, times are those of the process, on one thread: waiting for a
disk and a server is not in them. It needs PyTorch, transformers 5, Pillow and valkey-server, as after
`make test-frameworks`:

    ./dev --train build/venv-transformers/bin/python bench/python/end_to_end.py
"""

import argparse
import contextlib
import copy
import functools
import hashlib
import io
import json
import os
import random
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
import transformers
from PIL import Image, ImageDraw
from transformers.modeling_outputs import BaseModelOutputWithPooling

import fovea
import fovea.transformers
from measure import print_configuration, print_table, quartiles

IMAGE_TOKEN, START, END = 49190, 49189, 49191
TOKENS_A_TILE = 64
QUESTION_TOKENS = 24
START_S = 20
LOOKS = [
    "no cache, first question",
    "no cache, second question",
    "attached, first look",
    "attached, second look",
    "dict, first look",
    "dict, second look",
    "lru_cache, first look",
    "lru_cache, second look",
    "attached, after a restart (disk)",
    "attached, another process (Valkey)",
]


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=16, help="of each answer")
    parser.add_argument("--side", type=int, default=1024, help="of the pictures")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--layers", type=int, help="of tower and language model each, in place of 12 and 30")
    parser.add_argument("--processor-time", action="store_true", help="of the process, on one thread")
    parser.add_argument(
        "--quick", action="store_true", help="two rounds, one tile, two layers: whether it works"
    )
    # Of a process of its own: the arguments of its fovea.Store, and whether it is the first.
    parser.add_argument("--store", help=argparse.SUPPRESS)
    parser.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.tokens, given.side, given.layers = 2, 4, 512, 2
    if given.processor_time:
        given.threads = 1
    return given


class Stopwatch:
    """Milliseconds by the clock or of the process; and how many of them a model's encoder took."""

    def __init__(self, model, given):
        self._seconds = time.process_time if given.processor_time else time.perf_counter
        self.encoding = 0.0
        base = model.model

        # On the instance, above what attach() puts on the class: all ways are timed alike.
        @functools.wraps(base.get_image_features)
        def timed(*args, **kwargs):
            begin = self.now()
            try:
                return type(base).get_image_features(base, *args, **kwargs)
            finally:
                self.encoding += self.now() - begin

        base.get_image_features = timed

    def now(self):
        return self._seconds() * 1e3


def smolvlm_256m(layers=None):
    """SmolVLM-256M-Instruct's shape: 93 million parameters encode, 163 million are the language model."""
    tower = {
        "hidden_size": 768,
        "intermediate_size": 3072,
        "num_hidden_layers": layers or 12,
        "num_attention_heads": 12,
        "image_size": 512,
        "patch_size": 16,
    }
    text = {
        "model_type": "llama",
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_hidden_layers": layers or 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "head_dim": 64,
        "vocab_size": 49280,
        "eos_token_id": None,
    }
    torch.manual_seed(1)
    config = transformers.SmolVLMConfig(
        vision_config=tower, text_config=text, image_token_id=IMAGE_TOKEN, scale_factor=4
    )
    return transformers.SmolVLMForConditionalGeneration(config).eval()


def picture(number, side):
    """The file of a drawn picture."""
    drawn = random.Random(number)
    image = Image.new("RGB", (side, side), tuple(drawn.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, size = drawn.randrange(side), drawn.randrange(side), drawn.randrange(20, side // 3)
        draw.ellipse((x, y, x + size, y + size // 2), fill=tuple(drawn.randrange(256) for _ in range(3)))
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


class Uncached:
    """One way of answering: every question encodes. Times are of the parts of each answer, in milliseconds."""

    def __init__(self, model, given, stopwatch):
        self.model, self.given, self.stopwatch = model, given, stopwatch
        self.processor = transformers.SmolVLMImageProcessorPil(
            size={"longest_edge": given.side},
            max_image_size={"longest_edge": 512},
            do_image_splitting=given.side > 512,
        )

    def pixels(self, file):
        with Image.open(io.BytesIO(file)) as image:
            return self.processor(images=[[image]], return_tensors="pt")

    def inputs(self, file):
        """What generate() takes of a picture, and the number of tiles."""
        vision = self.pixels(file)
        return dict(vision), vision["pixel_values"].shape[1]

    def look(self, file, question):
        watch = self.stopwatch
        begin, encoded_before = watch.now(), watch.encoding
        inputs, tiles = self.inputs(file)
        prepared, encoded_by_then = watch.now(), watch.encoding
        ids = [1, *([START] + [IMAGE_TOKEN] * TOKENS_A_TILE + [END]) * tiles, *question]
        ids = torch.tensor([ids])
        answer = self.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            **inputs,
            max_new_tokens=self.given.tokens,
            min_new_tokens=self.given.tokens,
            do_sample=False,
            output_logits=True,
            return_dict_in_generate=True,
        )
        end = watch.now()
        return {
            "prepare": prepared - begin - (encoded_by_then - encoded_before),
            "vision": watch.encoding - encoded_before,
            "language": end - prepared - (watch.encoding - encoded_by_then),
            "whole": end - begin,
            "answer": hashlib.sha256(torch.cat(answer.logits).numpy()).hexdigest(),
        }


class Attached(Uncached):
    """As people use it: two lines more than without a cache."""

    def __init__(self, model, given, stopwatch, store):
        super().__init__(model, given, stopwatch)
        self.attached = fovea.transformers.attach(model, store)


class Dict(Uncached):
    """The encoder's output by the file's hash. What is known need not be decoded either."""

    def __init__(self, model, given, stopwatch):
        super().__init__(model, given, stopwatch)
        self.known = {}

    def encoded(self, file):
        """The encoder's output and the number of tiles."""
        vision = self.pixels(file)
        with torch.no_grad():
            output = self.model.model.get_image_features(
                vision["pixel_values"], vision.get("pixel_attention_mask"), return_dict=True
            )
        return output.pooler_output, vision["pixel_values"].shape[1]

    def found(self, file):
        name = hashlib.sha256(file).digest()
        if name not in self.known:
            self.known[name] = self.encoded(file)
        return self.known[name]

    def inputs(self, file):
        features, tiles = self.found(file)
        return {
            "mm_encoder_outputs": {"image": BaseModelOutputWithPooling(pooler_output=list(features))}
        }, tiles


class LruCache(Dict):
    def __init__(self, model, given, stopwatch):
        super().__init__(model, given, stopwatch)
        self.found = functools.lru_cache(maxsize=128)(self.encoded)


def questions():
    drawn = random.Random(2)
    return [[drawn.randrange(10, 49000) for _ in range(QUESTION_TOKENS)] for _ in range(2)]


def answer_all(given):
    """A process's part: {look: [times of each round]}."""
    model = smolvlm_256m(given.layers)
    plain = copy.deepcopy(model) if given.first else None
    files = [picture(number, given.side) for number in range(given.rounds)]
    first, second = questions()
    looks = {}
    with fovea.Store(memory="1GiB", **json.loads(given.store)) as store:
        attached = Attached(model, given, Stopwatch(model, given), store)
        attached.look(picture(given.rounds, given.side), first)  # hashes the weights, once; wakes threads
        if given.first:
            watch = Stopwatch(plain, given)
            ways = {
                "no cache": Uncached(plain, given, watch),
                "attached": attached,
                "dict": Dict(plain, given, watch),
                "lru_cache": LruCache(plain, given, watch),
            }
            ways["no cache"].look(picture(given.rounds, given.side), first)
            for file in files:
                for which, question in (("first", first), ("second", second)):
                    for name, way in ways.items():
                        kind = "question" if name == "no cache" else "look"
                        looks.setdefault(f"{name}, {which} {kind}", []).append(way.look(file, question))
            if not store.flush(timeout=60):
                raise SystemExit("end_to_end.py: the tiers were not written within a minute")
        else:
            looks["attached"] = [attached.look(file, second) for file in files]
        stats, tiers = attached.attached.stats(), [repr(tier) for tier in store.stats().tiers]
    counts = {"hits": stats.hits, "misses": stats.misses, "bypasses": stats.bypasses}
    return {"looks": looks, "tiers": ", ".join(tiers), **counts}


def process(given, first=False, **store):
    """The result of `answer_all` in a process of its own."""
    passed = {name: getattr(given, name) for name in ("rounds", "tokens", "side", "threads", "layers")}
    options = [f"--{name}={value}" for name, value in passed.items() if value is not None]
    options += ["--processor-time"] * given.processor_time
    command = [sys.executable, __file__, *options, f"--store={json.dumps(store)}"]
    ran = subprocess.run(command + ["--first"] * first, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ran.stdout.splitlines()[-1])


@contextlib.contextmanager
def valkey_server(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        ["valkey-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + START_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if time.monotonic() > end or server.poll() is not None:
                raise SystemExit("end_to_end.py: valkey-server does not start")
            time.sleep(0.05)
        yield f"valkey://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(START_S)


def measured(given):
    """{look: [times of each round]}, of all processes."""
    with tempfile.TemporaryDirectory(prefix="fovea-end-to-end-") as folder, valkey_server(folder) as address:
        key = Path(folder) / "fleet.key"
        key.write_text(secrets.token_hex(32))
        shared = {"shared": address, "fleet_key_file": str(key)}
        disk = {"disk": str(Path(folder) / "disk")}
        first = process(given, first=True, **disk, **shared)
        restarted, other = process(given, **disk), process(given, **shared)
    looks = first["looks"]
    looks["attached, after a restart (disk)"] = restarted["looks"]["attached"]
    looks["attached, another process (Valkey)"] = other["looks"]["attached"]
    for name, result in (("first process", first), ("restarted", restarted), ("another process", other)):
        counts = f"{result['hits']} tiles found, {result['misses']} encoded, {result['bypasses']} calls passed through"
        print(f"{name}: {counts}; {result['tiers']}")
    return looks


def check_answers(looks):
    """Ends the program unless all ways gave the same logits, bit for bit, for each token of the answers to a
    question."""
    for ordinal in ("first", "second"):
        given = [
            [look["answer"] for look in rounds]
            for name, rounds in looks.items()
            if (ordinal == "first") == ("first" in name)
        ]
        if any(answers != given[0] for answers in given):
            raise SystemExit(f"end_to_end.py: the answers to the {ordinal} question differ")
    print("all answers to a question are equal, logit by logit")


def medians(rounds, part):
    low, middle, high = quartiles([look[part] for look in rounds])
    return (
        f"{middle:,.1f}" if part == "vision" and middle < 100 else f"{middle:,.0f}",
        middle,
        f"[{low:,.0f}, {high:,.0f}]",
    )


def report(looks):
    rows = []
    baseline = statistics.median(look["whole"] for look in looks["no cache, second question"])
    for name in LOOKS:
        rounds = looks[name]
        whole, middle, bounds = medians(rounds, "whole")
        rows.append(
            [
                name,
                *(medians(rounds, part)[0] for part in ("prepare", "vision", "language")),
                f"{whole} {bounds}",
                f"{baseline / middle:.2f}",
            ]
        )
    print_table(
        ["look", "prepare, ms", "vision, ms", "language model, ms", "whole, ms", "times as fast as no cache"],
        rows,
    )
    ratios = [
        second["vision"] / first["vision"]
        for first, second in zip(looks["attached, first look"], looks["attached, second look"])
    ]
    low, middle, high = quartiles(ratios)
    print(f"\nthe second look's vision time is {middle:.2%} [{low:.2%}, {high:.2%}] of the first's")
    cost = [
        first["vision"] / none["vision"]
        for first, none in zip(looks["attached, first look"], looks["no cache, first question"])
    ]
    low, middle, high = quartiles(cost)
    print(f"the first look's vision time is {middle:.3f} [{low:.3f}, {high:.3f}] of that without a cache")


def main():
    given = arguments()
    torch.set_num_threads(given.threads)
    if given.store is not None:
        print(json.dumps(answer_all(given)))
        return
    if shutil.which("valkey-server") is None:
        raise SystemExit("end_to_end.py: valkey-server is not installed")
    print_configuration(
        rounds=given.rounds,
        tokens=given.tokens,
        picture=f"{given.side} x {given.side}",
        threads=given.threads,
        layers=given.layers or "12 and 30",
        times="of the process" if given.processor_time else "by the clock",
        torch=torch.__version__,
        transformers=transformers.__version__,
    )
    looks = measured(given)
    check_answers(looks)
    report(looks)


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()
