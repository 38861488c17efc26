#!/usr/bin/env python3
"""Computes the profiles of device classes, samples/devices/*.json, and the tables of docs/devices.md: devices.py [--check]

The figures are those of figures.py. A token reads all weights, and each layer takes a fixed time besides; a prompt
and a picture are operations at the rate that the device reached elsewhere. Which figure gives which number, and how far
off the profiles are where something was published that they do not know, is told in docs/devices.md. With --check
nothing is written, and the exit code is 1 where a file is not what would be written.
"""

import hashlib
import json
import sys
from pathlib import Path

import figures
from figures import DECODERS, DEVICES, MEASURED, SOURCES

ROOT = Path(__file__).resolve().parents[2]
WITHIN = 0.2  # of a figure that was held out, the first of each device
PROMPTS = (16, 64, 256, 512, 1024, 2048)
ANSWERS = (1, 2, 4, 8, 16)
Q8_0, Q4_0, F16 = 34 / 32, 18 / 32, 2  # bytes of a weight


class Model:
    """A shape that profiles are computed for. Pictures are those of the paper's load, 512 x 384."""

    def __init__(self, name, weight_bytes, decoder, vision, load):
        self.name, self.load = name, load
        self.layers, self.width, ffn, kv_width, vocabulary, self.context = decoder
        self.parameters = self.layers * (2 * self.width * (self.width + kv_width) + 3 * self.width * ffn)
        self.head = vocabulary * self.width
        self.read_bytes = (self.parameters + self.head) * weight_bytes
        self.state_bytes = self.layers * 2 * kv_width * 2  # of a token, F16
        self.vision = vision

    @property
    def narrow(self):
        return self.width < 1024


SMOLVLM = Model(
    "smolvlm-256m", Q8_0, (30, 576, 1536, 192, 49280, 8192),
    {"layers": 12, "width": 768, "ffn": 3072, "places": 1024, "pixels": 512 * 512, "parameters": 93e6},
    {"tiles": 2, "encoded": 1, "tile_tokens": 64, "text_tokens": 54, "question_tokens": 42, "state_tokens": 140})
LLAVA = Model(
    "llava-1.5-7b", Q4_0, (32, 4096, 11008, 4096, 32000, 4096),
    {"layers": 23, "width": 1024, "ffn": 4096, "places": 577, "pixels": 336 * 336, "parameters": 304e6},
    {"tiles": 1, "encoded": 1, "tile_tokens": 576, "text_tokens": 54, "question_tokens": 42, "state_tokens": 588})
MODELS = (SMOLVLM, LLAVA)


def encoder_operations(shape):
    """Of one tile: the matrices of each layer, and attention."""
    width, places = shape["width"], shape["places"]
    matrices = 4 * width * width + 2 * width * shape["ffn"]
    return shape["layers"] * (2 * places * matrices + 4 * places * places * width)


class Device:
    """What the figures say about one device: seconds of a layer, and rates in bytes and operations a second."""

    def __init__(self, name):
        self.name, facts = name, DEVICES[name]
        self.machine = facts["machine"]
        (low, low_rate, _), (high, high_rate, _) = facts["decode"]
        low, high = DECODERS[low], DECODERS[high]
        # Two equations: layers * layer_s + read_bytes / bytes_per_s = 1 / rate.
        share = high.layers / low.layers
        self.bytes_per_s = (high.read_bytes - share * low.read_bytes) / (1 / high_rate - share / low_rate)
        self.layer_s = (1 / low_rate - low.read_bytes / self.bytes_per_s) / low.layers
        if "layer" in facts:
            model, rate, _ = facts["layer"]
            self.layer_s = (1 / rate - DECODERS[model].read_bytes / self.bytes_per_s) / DECODERS[model].layers
        model, tokens, rate, _ = facts["prefill"]
        self.operations_per_s = self._prefill_rate(DECODERS[model], tokens, rate)
        self.copy_bytes_per_s = facts["copy"][0] if facts["copy"] else self.bytes_per_s / 2

    def _prefill_rate(self, decoder, tokens, rate):
        return 2 * decoder.parameters * tokens / (tokens / rate - decoder.layers * self.layer_s)

    def narrow_share(self, figure):
        """What narrow matrices leave of the rate, by a prompt of a narrow decoder."""
        model, tokens, rate, _ = figure
        return self._prefill_rate(DECODERS[model], tokens, rate) / self.operations_per_s

    def token_s(self, decoder):
        return decoder.layers * self.layer_s + decoder.read_bytes / self.bytes_per_s


class Shares:
    """What was seen on one device and is taken to hold on the others, as a share of the rate of prompts."""

    def __init__(self, devices):
        self.narrow = devices["t4"].narrow_share(figures.T4_NARROW)
        shape, on_l4 = figures.L4_ENCODER, devices["l4"]
        rate = encoder_operations(shape) / (shape["ms"] / 1e3 - shape["layers"] * on_l4.layer_s)
        self.encoder = {name: rate / on_l4.operations_per_s for name in devices}
        shape, apple = figures.M4_ENCODER, devices["apple-m-class"]
        rate = encoder_operations(shape) / (shape["ms"] / 1e3) / figures.M4_PEAK[0] * figures.M3_MAX_PEAK[0]
        self.encoder["apple-m-class"] = rate / apple.operations_per_s
        model, answers, rate, _ = figures.L4_EIGHT
        decoder = DECODERS[model]
        of_one = (answers / rate - on_l4.token_s(decoder)) / (answers - 1)
        self.side_by_side = 2 * decoder.parameters / of_one / on_l4.operations_per_s


def prompt_ms(device, shares, model, tokens):
    rate = device.operations_per_s * (shares.narrow if model.narrow else 1)
    work = max(2 * model.parameters * tokens / rate, model.read_bytes / device.bytes_per_s)
    return 1e3 * (model.layers * device.layer_s + work)


def step_ms(device, shares, model, answers):
    more = (answers - 1) * 2 * model.parameters / (device.operations_per_s * shares.side_by_side)
    return 1e3 * (device.token_s(model) + more)


def tile_ms(device, shares, model):
    rate = device.operations_per_s * shares.encoder[device.name] * (shares.narrow if model.narrow else 1)
    return 1e3 * (model.vision["layers"] * device.layer_s + encoder_operations(model.vision) / rate)


def rounded(value):
    """Four digits: more would be noise."""
    return float(f"{value:.4g}")


def fingerprint(*words):
    return hashlib.sha256("/".join(("fovea/devices", *words)).encode()).hexdigest()


def model_times(device_name, model, times):
    """The profile's entry of a model, from the times that are particular to it. What the host does is measured."""
    load, pixels = model.load, model.vision["pixels"] * model.load["tiles"] / (SMOLVLM.vision["pixels"] * 2)
    images = load["tiles"] * load["tile_tokens"]
    state_bytes = model.state_bytes * load["state_tokens"]
    return {
        "name": model.name,
        "vision_fingerprint": fingerprint(device_name, model.name, "vision"),
        "text_fingerprint": fingerprint(device_name, model.name, "text"),
        "decoder_bytes": round(model.read_bytes),
        "parameters": round(model.parameters + model.head + model.vision["parameters"]),
        "load_ms": 0, "memory_bytes": 0,
        "tiles": load["tiles"],
        "tile_bytes": load["tile_tokens"] * model.width * 4,
        "width": model.width,
        "encode_ms": rounded(times["encode"]),
        "image_prefill_ms": rounded(times["image_prefill"]),
        "prefill": [{"tokens": tokens, "ms": rounded(ms)} for tokens, ms in times["prefill"]],
        "batches": [{"tokens": answers, "ms": rounded(ms)} for answers, ms in times["batches"]],
        "state": {"bytes": state_bytes, "tokens": load["state_tokens"],
                  "out_ms": rounded(times["state_out"]), "in_ms": rounded(times["state_in"])},
        "state_obstacle": "",
        "load": {
            "width": 512, "height": 384,
            "prompt_tokens": images + load["text_tokens"], "image_tokens": images,
            "answer_tokens": MEASURED["answer_tokens"], "steps": MEASURED["steps"],
            "generate_ms": rounded(times["batches"][0][1] * MEASURED["steps"]),
            "open_ms": MEASURED["open_ms"],
            "preprocess_ms": rounded(MEASURED["preprocess_ms"] * pixels),
            "hash_ms": rounded(MEASURED["hash_ms"] * pixels),
            "encode_ms": rounded(times["encode"] * load["tiles"]),
            "encode_once_ms": rounded(times["encode"] * load["encoded"]),
            "prefill_ms": rounded(times["prompt"]), "question_ms": rounded(times["question"]),
            "around_ms": rounded(around_ms()), "known_around_ms": rounded(known_around_ms()),
            "hit_ms": MEASURED["hit_ms"]},
        "encoding": {"processors": 0}, "decoding": {"processors": 0},
        "threads": [],
        "context_tokens": model.context,
    }


def around_ms():
    """What a first request took besides its parts."""
    parts = ("open_ms", "preprocess_ms", "hash_ms", "encode_ms", "prefill_ms", "state_out_ms", "first_generate_ms")
    return MEASURED["first_ms"] - sum(MEASURED[part] for part in parts)


def known_around_ms():
    parts = ("state_in_ms", "question_ms", "generate_ms")
    return MEASURED["prefix_hit_ms"] - sum(MEASURED[part] for part in parts)


def computed_times(device, shares, model):
    load = model.load
    images = load["tiles"] * load["tile_tokens"]

    def prompt(tokens):
        return prompt_ms(device, shares, model, tokens)

    copy = 1e3 * model.state_bytes * load["state_tokens"] / device.copy_bytes_per_s
    return {"encode": tile_ms(device, shares, model), "image_prefill": prompt(load["tile_tokens"]),
            "prefill": [(tokens, prompt(tokens)) for tokens in PROMPTS if tokens < model.context],
            "batches": [(answers, step_ms(device, shares, model, answers)) for answers in ANSWERS],
            "state_out": copy, "state_in": copy,
            "prompt": prompt(images + load["text_tokens"]), "question": prompt(load["question_tokens"])}


def measured_times(model):
    """Of the two cores. The large shape is the small one's, by operations and by the weights that a token reads."""
    token_ms = MEASURED["generate_ms"] / MEASURED["steps"]
    a_prompt_token = ((MEASURED["prefill_ms"] - MEASURED["question_ms"]) /
                      (MEASURED["prompt_tokens"] - MEASURED["question_tokens"]))
    work = model.parameters / SMOLVLM.parameters
    read = model.read_bytes / SMOLVLM.read_bytes
    encoding = encoder_operations(model.vision) / encoder_operations(SMOLVLM.vision)
    states = model.state_bytes * model.load["state_tokens"] / (SMOLVLM.state_bytes * SMOLVLM.load["state_tokens"])
    prompt_tokens = model.load["tiles"] * model.load["tile_tokens"] + model.load["text_tokens"]

    def prompt(tokens):
        return work * (MEASURED["question_ms"] + a_prompt_token * (tokens - MEASURED["question_tokens"]))

    return {"encode": MEASURED["encode_ms"] * encoding, "image_prefill": work * a_prompt_token * model.load["tile_tokens"],
            "prefill": [(tokens, prompt(tokens)) for tokens in (MEASURED["question_tokens"], prompt_tokens)],
            "batches": [(1, token_ms * read), (8, token_ms * read * 8 / MEASURED["eight_answers"])],
            "state_out": MEASURED["state_out_ms"] * states, "state_in": MEASURED["state_in_ms"] * states,
            "prompt": prompt(prompt_tokens), "question": prompt(model.load["question_tokens"])}


def profile(machine, source, models, measured=""):
    return {"fovea_profile": 1, "fovea": "0.2.0" if measured else "", "machine": machine, "measured": measured, "took_ms": 0,
            "counters": "not counted", "memory": [], "tiers": [], "models": models, "source": source}


def profiles(devices, shares):
    """Name and content of each file."""
    name = "2-core-cpu"
    yield name, profile(MEASURED["machine"], "smolvlm-256m: measured; llava-1.5-7b: computed from it: docs/devices.md",
                        [model_times(name, model, measured_times(model)) for model in MODELS], MEASURED["measured"])
    for name, device in devices.items():
        yield name, profile(device.machine, "computed from published figures: docs/devices.md",
                            [model_times(name, model, computed_times(device, shares, model)) for model in MODELS])


def held_out(device):
    """Model, published and predicted tokens a second, and source, of the figures that nothing was computed from."""
    for model, rate, source in DEVICES[device.name]["held_out"]:
        yield model, rate, 1 / device.token_s(DECODERS[model]), source


def within(device, what, value, least, most):
    if not least <= value <= most:
        raise ValueError(f"{device}: {what} {value:.4g}, not within {least:.4g} and {most:.4g}: is the unit right?")


def check_figures(devices, shares):
    """Raises ValueError where a figure contradicts another: a slip of the unit is a factor of 1,000."""
    for name, device in devices.items():
        memory, operations = DEVICES[name]["peak"][0], DEVICES[name]["operations"][0]
        within(name, "bytes a second", device.bytes_per_s, 0.3 * memory, memory)
        within(name, "seconds a layer", device.layer_s, 1e-5, 1e-3)
        within(name, "operations a second", device.operations_per_s, 0.1 * operations, operations)
        within(name, "bytes copied a second", device.copy_bytes_per_s, 1e9, memory)
        within(name, "an encoder's share", shares.encoder[name], 0.1, 2)
        model, published, predicted, _ = next(iter(held_out(device)))
        within(name, f"tokens a second of {model}", predicted, published * (1 - WITHIN), published * (1 + WITHIN))
    within("t4", "a narrow model's share", shares.narrow, 0.1, 1)
    within("l4", "the share of answers side by side", shares.side_by_side, 0.05, 1)


def linked(source):
    return "[{}]({})".format(*SOURCES[source]) if source in SOURCES else source


def tables(devices, shares, written):
    """The tables of docs/devices.md by the word in their mark."""
    rows = {"figures": ["| device | figure | value | source | gives |", "|---|---|--:|---|---|"],
            "rates": ["| device | weights are read at, GB/s | of the memory's most | a layer, ms | prompts, 10^12 operations/s | of the most |",
                      "|---|--:|--:|--:|--:|--:|"],
            "errors": ["| device | decoding | published, tokens/s | predicted | off by | source |", "|---|---|--:|--:|--:|---|"],
            "times": ["| profile, model | encode a tile, ms | a prompt with a picture, ms | a token, ms | state in, ms |",
                      "|---|--:|--:|--:|--:|"]}
    for name, device in devices.items():
        facts = DEVICES[name]
        for model, rate, source in facts["decode"]:
            rows["figures"].append(f"| {name} | decoding {model} | {rate} tokens/s | {linked(source)} | rate and layer |")
        if "layer" in facts:
            model, rate, source = facts["layer"]
            rows["figures"].append(f"| {name} | decoding {model} | {rate} tokens/s | {linked(source)} | layer |")
        model, tokens, rate, source = facts["prefill"]
        rows["figures"].append(f"| {name} | a prompt of {tokens} tokens, {model} | {rate:.0f} tokens/s | {linked(source)} | prompts |")
        if facts["copy"]:
            rows["figures"].append(f"| {name} | copy to the device | {facts['copy'][0] / 1e9:.0f} GB/s | {linked(facts['copy'][1])} | state |")
        (memory, memory_source), (operations, operations_source) = facts["peak"], facts["operations"]
        rows["figures"].append(f"| {name} | memory at most | {memory / 1e9:.0f} GB/s | {linked(memory_source)} | a bound |")
        rows["figures"].append(f"| {name} | matrices at most, FP16, dense | {operations / 1e12:.1f} x 10^12/s | "
                               f"{linked(operations_source)} | a bound |")
        rows["rates"].append(f"| {name} | {device.bytes_per_s / 1e9:.0f} | {100 * device.bytes_per_s / memory:.0f} % | "
                             f"{1e3 * device.layer_s:.3f} | {device.operations_per_s / 1e12:.1f} | "
                             f"{100 * device.operations_per_s / operations:.0f} % |")
        for model, published, predicted, source in held_out(device):
            rows["errors"].append(f"| {name} | {model} | {published} | {predicted:.1f} | {100 * (predicted / published - 1):+.0f} % | {linked(source)} |")
    for name, content in written:
        for model in content["models"]:
            load = model["load"]
            rows["times"].append(f"| {name}, {model['name']} | {model['encode_ms']} | {load['prefill_ms']} | "
                                 f"{model['batches'][0]['ms']} | {model['state']['in_ms']} |")
    rows["shares"] = ["| share | value | from |", "|---|--:|---|",
                      f"| a narrow model (smolvlm-256m), of the rate of prompts | {shares.narrow:.2f} | {linked(figures.T4_NARROW[3])}: "
                      f"{figures.T4_NARROW[2]} tokens/s of a prompt of {figures.T4_NARROW[1]}, {figures.T4_NARROW[0]} |",
                      f"| an encoder, of the rate of prompts | {shares.encoder['l4']:.2f} | {linked(figures.L4_ENCODER['source'])}: "
                      f"{figures.L4_ENCODER['ms']} ms |",
                      f"| the same, Apple | {shares.encoder['apple-m-class']:.2f} | {linked(figures.M4_ENCODER['source'])}: "
                      f"{figures.M4_ENCODER['ms']} ms, by the peaks of {linked(figures.M4_PEAK[1])} and {linked(figures.M3_MAX_PEAK[1])} |",
                      f"| answers side by side, of the rate of prompts | {shares.side_by_side:.2f} | {linked(figures.L4_EIGHT[3])}: "
                      f"{figures.L4_EIGHT[2]} tokens/s of {figures.L4_EIGHT[1]} answers |"]
    return {word: "\n".join(lines) for word, lines in rows.items()}


def page_with(page, tables_of):
    """The page with the tables between their marks."""
    for word, table in tables_of.items():
        begin, end = f"<!-- {word}, by bench/profile/devices.py -->\n", f"\n<!-- end of {word} -->"
        before, rest = page.split(begin)
        page = before + begin + table + end + rest.split(end)[1]
    return page


def files():
    devices = {name: Device(name) for name in DEVICES}
    shares = Shares(devices)
    check_figures(devices, shares)
    written = list(profiles(devices, shares))
    for name, content in written:
        yield ROOT / "samples" / "devices" / f"{name}.json", json.dumps(content, indent=1) + "\n"
    page = ROOT / "docs" / "devices.md"
    yield page, page_with(page.read_text(), tables(devices, shares, written))


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    stale = 0
    for path, text in files():
        if check:
            same = path.exists() and path.read_text() == text
            stale += not same
            if not same:
                print(f"{path.relative_to(ROOT)}: not what devices.py writes: run it", file=sys.stderr)
        else:
            path.write_text(text)
    sys.exit(1 if stale else 0)


if __name__ == "__main__":
    main()
