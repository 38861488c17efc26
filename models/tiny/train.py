# SPDX-License-Identifier: Apache-2.0
"""Trains the model: train.py DATA_DIR CHECKPOINT --minutes N.

Besides the next token of each answer more is taught, which costs little and speeds learning up a lot: the vision part
names what each patch shows and where that thing's centre is, two heads of an early and of a late decoder layer look at
the thing that the question or the answer is about, and the word that names a thing knows where it is.

Two processes of one thread each train together: one takes the batches with a picture first, the other all the rest;
they add up their gradients after every batch and then take the same step. That keeps both cores busy where threads
would wait for each other.
"""
import argparse
import collections
import os
import tempfile
import time

import torch
from torch import distributed, multiprocessing
from torch.nn import functional as F

from batches import Shards
from model import PATCHES, TAUGHT_ONLY, TinyVlm, Vision
from muon import Muon
from scenes import GRID, OBJECTS_MAX
from tokenizer import Tokenizer

EARLY_LAYER, LATE_LAYER, TAUGHT_HEADS = 1, 3, 2
ATTRIBUTE_WEIGHT, ATTENTION_WEIGHT, LOCATION_WEIGHT, CENTRE_WEIGHT = 0.3, 0.15, 1.0, 1.0

# What an answer's token weighs when it says how many there are, or yes or no to how two things lie (default
# 1): these are learnt last, and in one token.
COUNT_WEIGHT, COMPARISON_WEIGHT = 2.0, 5.0

MUON_RATE, ADAMW_RATE = 0.02, 0.003
WARMUP_STEPS = 60
DECAY_FROM = 0.4       # Share of the time budget after which the learning rates fall linearly to zero.
AVERAGE_FROM = 0.6     # Share of the time budget after which weights are averaged.
AVERAGE_RATE = 0.01
PLAIN_UNTIL = 0.06     # Until then only the cheapest layout: first the model must learn to see.
HARD_FROM = 0.42       # From then on places are taught too and hard answers weigh more. Doing so earlier is untried.
SAVE_EVERY_S = 120
REPORT_EVERY_S = 60

# Rows a batch (chosen so that each takes about as long), and how often each process draws each layout.
ROWS = {"plain": 24, "system": 20, "text_first": 32, "text_first_system": 22, "pair": 12, "pair_system": 10,
        "pair_text_first": 16, "pair_turns": 12}
SHARES = [{"plain": 0.55, "system": 0.45},
          {"text_first": 0.36, "text_first_system": 0.16, "pair": 0.15, "pair_system": 0.10, "pair_text_first": 0.13,
           "pair_turns": 0.10}]


def attention_loss(attention, bits, batch):
    """How far the taught heads at slots with `bits` are from looking only at the things the bits name (KL)."""
    row, slot = torch.nonzero(bits, as_tuple=True)
    if not len(row):
        return torch.zeros(())
    pictures = batch.layout.pictures
    named = (bits[row, slot][:, None] >> torch.arange(OBJECTS_MAX * pictures)) & 1
    named = named.float().view(-1, pictures, OBJECTS_MAX)
    cover = batch.cover[batch.picture[row]].float()  # [slots, pictures, things, patches]
    cover = cover / cover.sum(-1, keepdim=True).clamp(min=1)
    wanted = torch.einsum("npt,nptk->npk", named, cover).reshape(len(row), pictures * PATCHES)
    wanted = wanted / wanted.sum(-1, keepdim=True).clamp(min=1e-6)
    looked = attention[row, :TAUGHT_HEADS, slot][..., batch.picture_slots()]
    cross = -(wanted[:, None] * (looked + 1e-6).log()).sum(-1).mean()
    return cross + (wanted * (wanted + 1e-9).log()).sum(-1).mean()


def attribute_loss(logits, attributes):
    """Cross entropy of the patches' shape, colour and size."""
    parts = logits.flatten(0, 1).split(Vision.ATTRIBUTES, -1)
    return sum(F.cross_entropy(p, attributes[..., i].reshape(-1).long()) for i, p in enumerate(parts))


def location_loss(vision, features, batch):
    """How far each filled patch is from knowing its thing's centre, and all patches from knowing whether they hold one."""
    frames = torch.arange(len(batch.frames))
    owner = batch.cover.argmax(1)  # [frames, patches]
    filled = batch.attributes[..., 0] > 0
    wanted = batch.centres[frames[:, None], owner]
    distance = F.l1_loss(vision.location(features)[filled], wanted[filled])
    column, row = ((batch.centres[..., :2] + 1) / 2 * GRID).long().clamp(0, GRID - 1).unbind(-1)
    present = batch.cover.sum(-1) > 0  # [frames, things]
    holds = torch.zeros(owner.shape).scatter_reduce(1, row * GRID + column, present.float(), "amax")
    return LOCATION_WEIGHT * distance + CENTRE_WEIGHT * F.binary_cross_entropy_with_logits(vision.centre(features)[..., 0], holds)


def named_location_loss(model, states, batch):
    """How far words that name one thing are, at the early layer, from knowing its centre."""
    bits = batch.bits_early
    row, slot = torch.nonzero((bits > 0) & (bits & (bits - 1) == 0), as_tuple=True)
    if not len(row):
        return torch.zeros(())
    thing = bits[row, slot].float().log2().round().long()
    picture = batch.picture[row, thing // OBJECTS_MAX]
    return F.l1_loss(model.named_location(states[row, slot]), batch.centres[picture, thing % OBJECTS_MAX])


class HardAnswers:
    """Weighs the answers' tokens."""

    def __init__(self, tokenizer):
        def chosen(words):
            table = torch.zeros(len(tokenizer.pieces), dtype=torch.bool)
            table[[tokenizer.encode(word)[0] for word in words]] = True
            return table
        self.counts, self.verdicts = chosen([str(n) for n in range(OBJECTS_MAX + 1)]), chosen(["yes", "no"])

    def weights(self, target, bits_late):
        """The weights of tokens `target`, predicted while looking at the things `bits_late`."""
        others = bits_late & (bits_late - 1)
        two_things = (others > 0) & (others & (others - 1) == 0)
        weights = torch.ones(len(target))
        weights[self.counts[target]] = COUNT_WEIGHT
        weights[self.verdicts[target] & two_things] = COMPARISON_WEIGHT
        return weights


def losses(model, batch, hard=None):
    """(total loss, answer loss, share of answer tokens predicted right) of one batch.

    With `hard`, a HardAnswers, places are taught and hard answers weigh more.
    """
    embeddings, features = model.vision(batch.frames)
    text = model.token_embd(batch.token)
    pieces, at = [], 0
    for n, start in enumerate(batch.layout.picture_starts):
        pieces += [text[:, at:start], embeddings[batch.picture[:, n]]]
        at = start + PATCHES
    x = torch.cat(pieces + [text[:, at:]], 1)
    hidden, attention, outputs = model.decode(x, batch.position, batch.mask)
    taught = batch.target >= 0
    logits, target = model.output(hidden[taught]), batch.target[taught]
    answer = F.cross_entropy(logits, target, reduction="none")
    look = (attention_loss(attention[EARLY_LAYER], batch.bits_early, batch)
            + attention_loss(attention[LATE_LAYER], batch.bits_late, batch))
    see = attribute_loss(model.vision.attributes(features), batch.attributes)
    total = ATTRIBUTE_WEIGHT * see + ATTENTION_WEIGHT * look
    if not hard:
        total = total + answer.mean()
    else:
        total = total + (answer * hard.weights(target, batch.bits_late[taught])).mean()
        named = named_location_loss(model, outputs[EARLY_LAYER], batch)
        total = total + location_loss(model.vision, features, batch) + LOCATION_WEIGHT * named
    return total, answer.mean().item(), (logits.argmax(-1) == target).float().mean().item()


def split_parameters(model):
    """(the blocks' matrices, for Muon; everything else, for AdamW)."""
    matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and "blocks" in name]
    chosen = {id(p) for p in matrices}
    return matrices, [p for p in model.parameters() if id(p) not in chosen]


class Trainer:
    """One of the processes; all hold the same weights at all times."""

    def __init__(self, options, shards, rank):
        torch.manual_seed(options.seed)
        torch.set_num_threads(1)
        # Matrix products in bfloat16 where the processor has them (AMX); everything else stays float32.
        torch.backends.mkldnn.matmul.fp32_precision = "bf16"
        self.options, self.shards, self.rank = options, shards, rank
        shards.reseed(options.seed * len(SHARES) + rank)
        tokenizer = Tokenizer.load(os.path.join(options.data, "vocabulary.json"))
        self.model = TinyVlm(len(tokenizer.pieces))
        self.hard = HardAnswers(tokenizer)
        matrices, self.others = split_parameters(self.model)
        self.parameters = matrices + self.others
        self.muon = Muon(matrices, MUON_RATE)
        self.adamw = torch.optim.AdamW(self.others, lr=ADAMW_RATE, betas=(0.9, 0.98), weight_decay=0.01)
        self.average = None
        self.step = 0
        self.seen = collections.defaultdict(list)
        if options.resume:
            self.model.load_state_dict(torch.load(options.checkpoint), strict=False)
        shipped = sum(p.numel() for name, p in self.model.named_parameters() if not name.startswith(TAUGHT_ONLY))
        self._say(f"{shipped:,} parameters, {shards.scenes:,} scenes")

    def _say(self, text):
        print(f"[{self.rank}] {text}", flush=True)

    def _set_rates(self, progress):
        scale = min(1.0, (self.step + 1) / WARMUP_STEPS) * min(1.0, (1 - progress) / (1 - DECAY_FROM)) + 1e-3
        for optimizer, rate in ((self.muon, MUON_RATE), (self.adamw, ADAMW_RATE)):
            for group in optimizer.param_groups:
                group["lr"] = rate * scale

    def _share_gradients(self, progress):
        """Adds up the gradients of all processes; returns the first one's `progress`."""
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in self.parameters]
        mine = torch.tensor([progress if self.rank == 0 else 0.0])
        flat = torch.cat([g.reshape(-1) for g in gradients] + [mine])
        distributed.all_reduce(flat)
        for p, g in zip(self.parameters, flat[:-1].split([p.numel() for p in self.parameters])):
            p.grad = g.view_as(p)
        return flat[-1].item()

    def _take_step(self, progress, elapsed_share):
        """One step at `progress` of the budget; returns the progress to use for the next one."""
        self._set_rates(progress)
        shares = SHARES[self.rank] if progress >= PLAIN_UNTIL else {"plain": 1.0}
        kind = str(self.shards.shuffle.choice(list(shares), p=list(shares.values())))
        total, answer, right = losses(self.model, self.shards.batch(kind, ROWS[kind]), self.hard if progress >= HARD_FROM else None)
        total.backward()
        self.seen[kind].append((answer, right))
        progress = self._share_gradients(elapsed_share())
        torch.nn.utils.clip_grad_norm_(self.others, 1.0)
        self.muon.step()
        self.adamw.step()
        self.model.zero_grad(set_to_none=True)
        self.step += 1
        if progress >= AVERAGE_FROM:
            self._average_weights()
        return progress

    def _average_weights(self):
        weights = self.model.state_dict()
        if self.average is None:
            self.average = {name: w.clone() for name, w in weights.items()}
        for name, mean in self.average.items():
            mean.lerp_(weights[name], AVERAGE_RATE)

    def _save(self):
        if self.rank == 0:
            torch.save(self.average or self.model.state_dict(), self.options.checkpoint + ".part")
            os.replace(self.options.checkpoint + ".part", self.options.checkpoint)

    def _report(self, elapsed):
        parts = []
        for kind, values in self.seen.items():
            answer, right = (sum(v) / len(values) for v in zip(*values))
            parts.append(f"{kind} {answer:.3f} {right:.3f}")
        self._say(f"{elapsed:.0f} s, step {self.step}: " + ", ".join(parts))
        self.seen.clear()

    def run(self):
        started = saved = reported = time.monotonic()
        budget = self.options.minutes * 60
        progress = first = self.options.resume
        while progress < 1.0:
            progress = self._take_step(progress, lambda: first + (time.monotonic() - started) / budget * (1 - first))
            now = time.monotonic()
            if now - reported > REPORT_EVERY_S:
                self._report(now - started)
                reported = now
            if now - saved > SAVE_EVERY_S:
                self._save()
                saved = now
        self._report(time.monotonic() - started)
        self._save()


def train(rank, options, shards, meeting_point):
    distributed.init_process_group("gloo", init_method=f"file://{meeting_point}", rank=rank, world_size=len(SHARES))
    Trainer(options, shards, rank).run()
    distributed.destroy_process_group()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("data")
    arguments.add_argument("checkpoint")
    arguments.add_argument("--minutes", type=float, default=80)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--resume", type=float, default=0.0, metavar="SHARE",
                           help="go on from CHECKPOINT as if this share of the work were done; --minutes is for the rest")
    options = arguments.parse_args()
    shards = Shards(options.data)
    with tempfile.TemporaryDirectory() as directory:
        # Forked, so that the shards are in memory once.
        multiprocessing.start_processes(train, (options, shards, os.path.join(directory, "meeting")),
                                        nprocs=len(SHARES), start_method="fork")


if __name__ == "__main__":
    main()
