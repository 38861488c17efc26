# %% [markdown]
# # Two questions about one picture
#
# Somebody asks what is in a picture, and then asks something else about it. To a vision-language model the
# second question is a new prompt: without a cache it encodes the picture again, and reads all of its visual
# tokens again. This notebook measures what Fovea leaves of that, and which of its levels does what.
#
# The first part asks the bundled model, which is small and trained, through `fovea serve`. The second part
# attaches Fovea to a model of Hugging Face transformers. It needs `fovea` (the program, in the `PATH`, and
# the Python package) and matplotlib; the second part needs torch and transformers too, and is left out
# without them.

# %%
import base64
import contextlib
import importlib.util
import json
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image

import fovea

# The checkout, whatever folder this runs in.
CHECKOUT = next(folder for folder in [Path.cwd(), *Path.cwd().parents] if (folder / "samples/five.png").exists())
PICTURE = CHECKOUT / "samples/five.png"

plt.figure(figsize=(2.5, 2.5))
plt.imshow(plt.imread(PICTURE))
plt.axis("off")
plt.show()

# %% [markdown]
# ## 1. A server that keeps what it computed
#
# `fovea serve` speaks OpenAI's API. A request is a picture and a question, and nothing in it speaks of a
# cache.

# %%
folder = tempfile.TemporaryDirectory(prefix="fovea-notebook-")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    ADDRESS = f"http://127.0.0.1:{probe.getsockname()[1]}"


def start():
    """A server with an empty memory, and with the disk of the one before."""
    command = ["fovea", "serve", "--port", ADDRESS.rpartition(":")[2], "--temperature", "0", "--disk-cache", folder.name + "/disk"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(ADDRESS + "/health")
            return process
        time.sleep(0.1)
    process.kill()
    raise RuntimeError("fovea serve does not start")


def stop(process):
    process.terminate()
    process.wait()


def ask(question, picture=PICTURE):
    """The answer, the headers, and the milliseconds of each step, as the server measured them."""
    url = "data:image/png;base64," + base64.b64encode(picture.read_bytes()).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": question}]
    body = json.dumps({"messages": [{"role": "user", "content": content}]}).encode()
    request = urllib.request.Request(ADDRESS + "/v1/chat/completions", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        answer = json.load(reply)["choices"][0]["message"]["content"]
        steps = dict(step.split(";dur=") for step in reply.headers["Server-Timing"].split(", "))
        return answer, reply.headers, {name: float(ms) for name, ms in steps.items()}


def warm_up():
    """Other pictures, so that what a process does once is not what is measured."""
    for name in ("one", "two", "three"):
        ask("What is it?", CHECKOUT / f"samples/{name}.png")


server = start()
warm_up()

# %% [markdown]
# The first question, another question about the same picture, and the first one again. `Cache-Status` says
# in HTTP's own words which level had what.

# %%
asked = {
    "first question": "How many shapes are there?",
    "another question": "What shape is blue?",
    "first question again": "How many shapes are there?",
}
replies = {}
for name, question in asked.items():
    answer, headers, steps = replies[name] = ask(question)
    print(f"{name}: {question} {answer}   ({steps['total']:.2f} ms)\n    {headers['Cache-Status']}\n")

assert replies["first question"][0] == replies["first question again"][0] == "5"
assert "fovea-prefix; hit" in replies["another question"][1]["Cache-Status"]
assert "fovea-response; hit" in replies["first question again"][1]["Cache-Status"]

# %% [markdown]
# - The **first question** encodes the picture, reads the prompt and writes the answer. It stores the
#   picture's embedding, the decoder's state behind the picture, and the answer.
# - **Another question** finds that state. Neither is the picture encoded nor are its visual tokens read:
#   what is left are the words of the question and the answer.
# - **The same question** finds the answer. No model runs.
#
# The steps of each, as the server measured them:

# %%
STEPS = {"encode": "encoding the picture", "prefill": "reading the prompt", "generate": "writing the answer"}


def draw(replies, title):
    figure, axes = plt.subplots(figsize=(8, 0.5 * len(replies) + 1.7), layout="constrained")
    for row, (name, (_, _, steps)) in enumerate(replies.items()):
        left = 0.0
        parts = [(label, steps.get(step, 0.0)) for step, label in STEPS.items()]
        parts.append(("all else", steps["total"] - sum(ms for _, ms in parts)))
        for color, (label, ms) in enumerate(parts):
            axes.barh(row, ms, left=left, color=f"C{color}", label=label if row == 0 else None)
            left += ms
        axes.text(left, row, f" {steps['total']:.2f} ms", va="center")
    axes.set_yticks(range(len(replies)), replies)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set(xlabel="ms", title=title)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize="small")
    plt.show()


draw(replies, "Two questions about one picture")

# %% [markdown]
# ## 2. By content alone
#
# The server names the picture by its pixels. So does the Python package: the key that it computes from the
# file is the one that the server answers with. The file's name and its format are in no key: the same
# pixels as a BMP file are the same picture.

# %%
assert fovea.image_key(PICTURE).hex() == replies["first question"][1]["Fovea-Image-Keys"]
print("the server's key:", replies["first question"][1]["Fovea-Image-Keys"])
print("the package's key:", fovea.image_key(PICTURE).hex())

bitmap = Path(folder.name) / "another name.bmp"
Image.open(PICTURE).convert("RGB").save(bitmap)
answer, headers, steps = ask("How many shapes are there?", bitmap)
print(f"\nas a BMP file of {bitmap.stat().st_size:,} bytes instead of {PICTURE.stat().st_size:,}: {answer}   ({steps['total']:.2f} ms)\n    {headers['Cache-Status']}")
assert "fovea-response; hit" in headers["Cache-Status"]

# %% [markdown]
# ## 3. After a restart
#
# What was computed is on the disk too. A new process finds it there.

# %%
stop(server)
server = start()
warm_up()
replies["another question, restarted"] = ask("What color is the star?")
answer, headers, steps = replies["another question, restarted"]
print(f"What color is the star? {answer}   ({steps['total']:.2f} ms)\n    {headers['Cache-Status']}")
assert "fovea-prefix; hit; detail=disk" in headers["Cache-Status"]
assert "encode" not in steps
stop(server)

# %%
draw(replies, "The same, and a question to a new process")

# %% [markdown]
# ## 4. How often that is
#
# Of one request little can be said: the machine has other work too. So here are thirty pictures that were
# never seen, each with two questions.

# %%
server = start()
warm_up()
first, second = [], []
for at in range(30):
    picture = Path(folder.name) / f"{at}.png"
    shifted = Image.open(PICTURE).convert("RGB").rotate(0, translate=(at % 6 + 1, at // 6 + 1), fillcolor="white")
    shifted.save(picture)
    first.append(ask("How many shapes are there?", picture)[2]["total"])
    second.append(ask("What shape is blue?", picture)[2]["total"])
stop(server)

figure, axes = plt.subplots(figsize=(8, 2.2))
axes.boxplot([first, second], orientation="horizontal", tick_labels=["first question", "another question"])
axes.invert_yaxis()
axes.set(xlabel="ms", xscale="log", title="Thirty pictures, two questions each")
figure.tight_layout()
plt.show()
ratio = statistics.median(first) / statistics.median(second)
print(f"medians: {statistics.median(first):.2f} ms and {statistics.median(second):.2f} ms, {ratio:.1f} times")
assert ratio > 1
folder.cleanup()

# %% [markdown]
# ## 5. The same in a framework
#
# `fovea.transformers.attach` puts a store in front of a model's vision tower. The model here has the shape
# of SmolVLM-256M and random weights: what it answers means nothing, and what it computes takes as long as
# the real one. Where torch or transformers is missing, as when this notebook was written, the cells below do
# nothing. `bench/python/end_to_end.py` measures the same with care.

# %%
HAS_TORCH = all(importlib.util.find_spec(name) for name in ("torch", "transformers"))
if HAS_TORCH:
    import numpy as np
    import torch
    import transformers

    import fovea.transformers

    IMAGE, TOKENS, SIDE = 49190, 64, 512  # the image's token, how many of it one tile takes, pixels of a side
    vision = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12, "image_size": SIDE, "patch_size": 16}
    text = {"model_type": "llama", "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
            "num_key_value_heads": 3, "vocab_size": 49280, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    torch.manual_seed(0)
    config = transformers.SmolVLMConfig(vision_config=vision, text_config=text, image_token_id=IMAGE, scale_factor=4, pad_token_id=0)
    model = transformers.SmolVLMForConditionalGeneration(config).eval()

    raster = np.asarray(Image.open(PICTURE).convert("RGB").resize((SIDE, SIDE)), dtype=np.float32)
    pixels = torch.from_numpy(raster / 127.5 - 1).permute(2, 0, 1)[None, None].contiguous()

    def answer(question):
        """The tokens of the answer, and seconds."""
        ids = torch.tensor([[1] + [IMAGE] * TOKENS + [5 + ord(letter) for letter in question]])
        begin = time.perf_counter()
        with torch.no_grad():
            tokens = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=pixels, max_new_tokens=8, do_sample=False)
        return tokens, time.perf_counter() - begin

    QUESTIONS = ["How many shapes are there?", "What shape is blue?"]
    answer("warming up")
    without = [answer(question) for question in QUESTIONS]

# %% [markdown]
# Two lines:

# %%
if HAS_TORCH:
    store = fovea.Store(memory="1GiB")
    attached = fovea.transformers.attach(model, store)

# %%
if HAS_TORCH:
    found, vision_s = [], []
    for question in QUESTIONS:
        before = attached.stats().vision_ms
        found.append(answer(question))
        vision_s.append((attached.stats().vision_ms - before) / 1000)
    print(attached.stats())
    assert all(torch.equal(tokens, again) for (tokens, _), (again, _) in zip(without, found)), "an answer is another one"
    assert attached.stats().misses == 1 and attached.stats().hits == 1

    figure, axes = plt.subplots(figsize=(8, 2.4))
    rows = {"without, first": without[0][1], "without, second": without[1][1], "attached, first": found[0][1], "attached, second": found[1][1]}
    axes.barh(range(4), rows.values(), color="C3", label="all else")
    axes.barh(range(2, 4), vision_s, color="C0", label="the vision tower, and the cache in front of it")
    axes.set_yticks(range(4), rows)
    axes.invert_yaxis()
    axes.set(xlabel="s", title="Two questions in transformers, SmolVLM-256M's shape")
    axes.legend(fontsize="small")
    figure.tight_layout()
    plt.show()
    print(f"vision: {vision_s[0] * 1000:.1f} ms, then {vision_s[1] * 1000:.1f} ms; the tokens of both answers are those without a cache")
    attached.detach()

# %% [markdown]
# What the two parts have in common: the cache knows nothing of questions. It knows what a picture is, by
# its content; what made the numbers, by the weights; and what they cost. [docs/python.md](../python.md) has
# the recipes for other frameworks, and [docs/results](../results/README.md) what was measured with care.
