# SPDX-License-Identifier: Apache-2.0
"""Teaches the bundled decoder to call tools: finetune.py MODEL MMPROJ OUT.gguf [--minutes N] [--scenes N].

MODEL and MMPROJ are the files that train.py and export.py made; OUT.gguf goes with the same MMPROJ, because the vision
part stays as it is. Rows without tools are mixed in, so that what the model knew stays. One process, one thread.
"""
import argparse
import collections
import os
import random
import time

import numpy as np
import torch
from gguf import GGUFReader
from torch.nn import functional as F

import tokenizer as tokens
import tool_language
from batches import Batch
from export import write_decoder
from model import PATCHES, TinyVlm
from muon import Muon
from rows import FIELDS, LAYOUTS, make_shard
from tool_rows import ToolPacker
from train import ATTENTION_WEIGHT, EARLY_LAYER, LATE_LAYER, HardAnswers, attention_loss

SCENES_PER_SHARD = 500
ROWS_PER_SCENE = {"plain": 0.6, "system": 0.6, "text_first": 0.6, "text_first_system": 0.6, "pair": 0.2, "pair_system": 0.2,
                  "pair_text_first": 0.3, "pair_turns": 0.2, "tool": 1.4, "tool_pair": 0.6}
ROWS = {"plain": 16, "system": 14, "text_first": 20, "text_first_system": 16, "pair": 8, "pair_system": 7,
        "pair_text_first": 10, "pair_turns": 8, "tool": 12, "tool_pair": 7}
SHARES = {"plain": 0.12, "system": 0.10, "text_first": 0.10, "text_first_system": 0.08, "pair": 0.05, "pair_system": 0.05,
          "pair_text_first": 0.05, "pair_turns": 0.05, "tool": 0.28, "tool_pair": 0.12}
MUON_RATE, ADAMW_RATE = 0.004, 0.0006
WARMUP_STEPS = 40
AVERAGE_FROM, AVERAGE_RATE = 0.5, 0.005
REPORT_EVERY_S = 60
ENCODED_AT_ONCE = 64


def _field(reader, name):
    return reader.get_field(name).contents()


def read_tokenizer(reader):
    merges = [pair.split(" ") for pair in _field(reader, "tokenizer.ggml.merges")]
    return tokens.Tokenizer({"pieces": _field(reader, "tokenizer.ggml.tokens"),
                             "types": [int(t) for t in _field(reader, "tokenizer.ggml.token_type")], "merges": merges})


def _tensors(reader):
    return {t.name: torch.from_numpy(np.array(t.data, np.float32)) for t in reader.tensors}


def read_weights(model, decoder, vision):
    """Fills `model` with the weights of both files; rows of new tokens keep what they were initialised with."""
    weights = {name.replace("blk.", "blocks."): w for name, w in _tensors(decoder).items()}
    renamed = {"v.patch_embd.weight": "vision.patch_embd.weight", "v.position_embd.weight": "vision.position"}
    for name, w in _tensors(vision).items():
        to = renamed.get(name) or "vision." + name.replace("v.blk.", "blocks.").replace("mm.", "mm_").removeprefix("v.")
        weights[to] = w.flatten(1) if name == "v.patch_embd.weight" else w
    state = model.state_dict()
    for name, w in weights.items():
        if name not in state or state[name].shape[1:] != w.shape[1:]:
            raise SystemExit(f"unexpected tensor {name} {tuple(w.shape)}")
        state[name][:len(w)] = w
    model.load_state_dict(state)


class Rows:
    """The rows of all layouts, with each frame's embeddings instead of the frame."""

    def __init__(self, tokenizer, model, scenes, seed):
        arrays, count = collections.defaultdict(list), 0
        for index in range(scenes // SCENES_PER_SHARD):
            shard = make_shard(tokenizer, seed * 1_000_000 + index, SCENES_PER_SHARD, ToolPacker, ROWS_PER_SCENE)
            with torch.no_grad():
                frames = torch.from_numpy(shard.pop("frame")).split(ENCODED_AT_ONCE)
                arrays["frame"].append(torch.cat([model.vision(part)[0] for part in frames]).numpy())
            for name, part in shard.items():
                arrays[name].append(part + count if name.endswith("/picture") else part)
            count += SCENES_PER_SHARD
            print(f"{count} scenes", flush=True)
        self.arrays = {name: torch.from_numpy(np.concatenate(parts)) for name, parts in arrays.items()}
        self.rng = np.random.default_rng(seed)

    def batch(self, kind):
        rows = torch.from_numpy(self.rng.choice(len(self.arrays[f"{kind}/token"]), ROWS[kind], replace=False))
        pictures, local = self.arrays[f"{kind}/picture"][rows].long().unique(return_inverse=True)
        fields = {name: self.arrays[f"{kind}/{name}"][rows] for name in FIELDS}
        scenes = [self.arrays[name][pictures] for name in ("frame", "cover", "attributes", "centres")]
        return Batch(LAYOUTS[kind], scenes, local, fields)


def losses(model, batch, hard):
    """(total loss, answer loss, share of answer tokens predicted right)."""
    text = model.token_embd(batch.token)
    pieces, at = [], 0
    for n, start in enumerate(batch.layout.picture_starts):
        pieces += [text[:, at:start], batch.frames[batch.picture[:, n]]]
        at = start + PATCHES
    hidden, attention, _ = model.decode(torch.cat(pieces + [text[:, at:]], 1), batch.position, batch.mask)
    taught = batch.target >= 0
    logits, target = model.output(hidden[taught]), batch.target[taught]
    answer = F.cross_entropy(logits, target, reduction="none")
    look = (attention_loss(attention[EARLY_LAYER], batch.bits_early, batch)
            + attention_loss(attention[LATE_LAYER], batch.bits_late, batch))
    total = (answer * hard.weights(target, batch.bits_late[taught])).mean() + ATTENTION_WEIGHT * look
    return total, answer.mean().item(), (logits.argmax(-1) == target).float().mean().item()


def train(model, rows, hard, minutes):
    """Trains the decoder; returns the mean of its weights over the later steps."""
    parameters = {name: p for name, p in model.named_parameters() if not name.startswith(("vision.", "named_location"))}
    matrices = [p for name, p in parameters.items() if p.dim() == 2 and "blocks" in name]
    others = [p for name, p in parameters.items() if not (p.dim() == 2 and "blocks" in name)]
    optimizers = [(Muon(matrices, MUON_RATE, weight_decay=0.0), MUON_RATE),
                  (torch.optim.AdamW(others, lr=ADAMW_RATE, betas=(0.9, 0.98), weight_decay=0.0), ADAMW_RATE)]
    average, step, seen = None, 0, collections.defaultdict(list)
    started = reported = time.monotonic()
    while (progress := (time.monotonic() - started) / (minutes * 60)) < 1:
        for optimizer, rate in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1.0, (step + 1) / WARMUP_STEPS) * (1 - progress)
        kind = str(rows.rng.choice(list(SHARES), p=list(SHARES.values())))
        total, answer, right = losses(model, rows.batch(kind), hard)
        total.backward()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        for optimizer, _ in optimizers:
            optimizer.step()
        model.zero_grad(set_to_none=True)
        seen[kind].append((answer, right))
        step += 1
        if progress >= AVERAGE_FROM:
            average = average or {name: p.detach().clone() for name, p in parameters.items()}
            for name, mean in average.items():
                mean.lerp_(parameters[name].detach(), AVERAGE_RATE)
        if time.monotonic() - reported > REPORT_EVERY_S:
            reported = time.monotonic()
            parts = [f"{k} {np.mean([a for a, _ in v]):.3f} {np.mean([r for _, r in v]):.3f}" for k, v in seen.items()]
            print(f"{reported - started:.0f} s, step {step}: " + ", ".join(parts), flush=True)
            seen.clear()
    return average or {name: p.detach() for name, p in parameters.items()}


def new_rows(model, old_tokenizer, tokenizer):
    """Rows of tokens that are new begin as the mean of the tokens that wrote them before; the tool's role as the user's."""
    with torch.no_grad():
        for i, piece in enumerate(tokenizer.pieces):
            if i < len(old_tokenizer.pieces) and piece == old_tokenizer.pieces[i]:
                continue
            if piece == tool_language.TOOL:
                sources = [tokenizer.ids[tokens.USER]]
            elif tokenizer.types[i] == tokens.NORMAL:
                sources = old_tokenizer.encode(tokenizer.decode([i]))
            else:
                sources = [tokenizer.ids[tokens.END_OF_TEXT]]
            for matrix in (model.token_embd.weight, model.output.weight):
                matrix[i] = matrix[sources].mean(0)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model")
    arguments.add_argument("mmproj")
    arguments.add_argument("out")
    arguments.add_argument("--minutes", type=float, default=30)
    arguments.add_argument("--scenes", type=int, default=12_000)
    arguments.add_argument("--seed", type=int, default=23)
    options = arguments.parse_args()
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    torch.set_num_threads(1)
    decoder, vision = GGUFReader(options.model), GGUFReader(options.mmproj)
    old = read_tokenizer(decoder)
    tokenizer = tool_language.extended(old)
    print(f"{len(tokenizer.merges) - len(old.merges)} new merges, {len(tokenizer.pieces)} tokens", flush=True)
    model = TinyVlm(len(tokenizer.pieces))
    read_weights(model, decoder, vision)
    new_rows(model, old, tokenizer)
    rows = Rows(tokenizer, model, options.scenes, options.seed)
    # Matrix products in bfloat16 where the processor has them (AMX); everything else stays float32.
    torch.backends.mkldnn.matmul.fp32_precision = "bf16"
    weights = train(model, rows, HardAnswers(tokenizer), options.minutes)
    write_decoder(options.out, {name: w.numpy() for name, w in weights.items()}, tokenizer, tool_language.CHAT_TEMPLATE)
    print(f"{options.out}: {os.path.getsize(options.out):,} bytes")


if __name__ == "__main__":
    main()
