# SPDX-License-Identifier: Apache-2.0
"""The network in PyTorch, layer for layer what llama.cpp computes from the exported files.

A SigLIP-like ViT (projector `janus_pro`) turns a frame into GRID * GRID embeddings, which a llama-architecture decoder
reads as tokens. RoPE rotates neighbouring pairs, as llama.cpp does for this architecture, so no weight is permuted at
export.
"""
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from scenes import COLORS, FRAME, GRID, PATCH, SHAPES, SIZES

PATCHES = GRID * GRID
LOCATION = 4  # A thing's centre in the frame and in the picture, x and y each, from -1 to 1.
TAUGHT_ONLY = ("vision.attributes", "vision.location", "vision.centre", "named_location")  # Not exported.


@dataclass(frozen=True)
class Size:
    """The model's dimensions and constants."""
    width: int = 128
    heads: int = 4
    vision_layers: int = 4
    vision_hidden: int = 512
    vision_eps: float = 1e-6
    layers: int = 6
    hidden: int = 384
    eps: float = 1e-5
    rope_base: float = 10000.0
    context: int = 2048


SIZE = Size()


def _heads(x, count):
    width = x.shape[-1]
    return x.unflatten(-1, (count, width // count)).transpose(1, 2)


def _merge(x):
    return x.transpose(1, 2).flatten(2)


def joined(x, *layers):
    """The outputs of several linear layers of one width for the same input, computed as one product."""
    bias = None if layers[0].bias is None else torch.cat([f.bias for f in layers])
    return F.linear(x, torch.cat([f.weight for f in layers]), bias).chunk(len(layers), -1)


def attend(q, k, v, bias=None):
    """(what each position sees, how it looks): softmax attention written out, which trains faster on a CPU than the
    fused kernel; `bias` is added to the scores."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    look = (scores if bias is None else scores.add_(bias)).softmax(-1)
    return look @ v, look


class VisionBlock(nn.Module):
    def __init__(self, size):
        super().__init__()
        d = size.width
        self.heads = size.heads
        self.ln1, self.ln2 = nn.LayerNorm(d, eps=size.vision_eps), nn.LayerNorm(d, eps=size.vision_eps)
        self.attn_q, self.attn_k, self.attn_v, self.attn_out = (nn.Linear(d, d) for _ in range(4))
        self.ffn_up, self.ffn_down = nn.Linear(d, size.vision_hidden), nn.Linear(size.vision_hidden, d)

    def forward(self, x):
        q, k, v = (_heads(y, self.heads) for y in joined(self.ln1(x), self.attn_q, self.attn_k, self.attn_v))
        x = x + self.attn_out(_merge(attend(q, k, v)[0]))
        return x + self.ffn_down(F.gelu(self.ffn_up(self.ln2(x)), approximate="tanh"))


class Vision(nn.Module):
    """uint8 frames [batch, FRAME, FRAME, 3] -> embeddings [batch, PATCHES, width] and the features behind them.

    The heads on the features only teach (what each patch shows, and where that thing's centre is); they are not exported.
    """
    ATTRIBUTES = [len(SHAPES) + 1, len(COLORS) + 1, len(SIZES) + 1]

    def __init__(self, size):
        super().__init__()
        d = size.width
        self.patch_embd = nn.Linear(3 * PATCH * PATCH, d)
        self.position = nn.Parameter(torch.randn(PATCHES, d) * 0.02)
        self.blocks = nn.ModuleList(VisionBlock(size) for _ in range(size.vision_layers))
        self.post_ln = nn.LayerNorm(d, eps=size.vision_eps)
        self.mm_0, self.mm_1 = nn.Linear(d, d), nn.Linear(d, d)
        self.attributes = nn.Linear(d, sum(self.ATTRIBUTES))
        self.location = nn.Linear(d, LOCATION)
        self.centre = nn.Linear(d, 1)

    def forward(self, frames):
        x = frames.float() / 127.5 - 1.0
        x = x.view(-1, GRID, PATCH, GRID, PATCH, 3).permute(0, 1, 3, 5, 2, 4).reshape(-1, PATCHES, 3 * PATCH * PATCH)
        x = self.patch_embd(x) + self.position
        for block in self.blocks:
            x = block(x)
        x = self.post_ln(x)
        return self.mm_1(F.gelu(self.mm_0(x), approximate="tanh")), x


class RmsNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x):
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


def rotate(x, turns):
    """RoPE over neighbouring pairs; x [batch, length, width], turns complex [batch, length, 1, head width / 2]."""
    heads = x.shape[-1] // (2 * turns.shape[-1])
    pairs = torch.view_as_complex(x.unflatten(-1, (heads, -1, 2)))
    return torch.view_as_real(pairs * turns).flatten(2)


class DecoderBlock(nn.Module):
    def __init__(self, size):
        super().__init__()
        d = size.width
        self.heads = size.heads
        self.attn_norm, self.ffn_norm = RmsNorm(d, size.eps), RmsNorm(d, size.eps)
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = (nn.Linear(d, d, bias=False) for _ in range(4))
        self.ffn_gate, self.ffn_up = nn.Linear(d, size.hidden, bias=False), nn.Linear(d, size.hidden, bias=False)
        self.ffn_down = nn.Linear(size.hidden, d, bias=False)

    def forward(self, x, turns, bias):
        """(x, attention [batch, heads, length, length]); `bias` is -inf where a position does not see another."""
        q, k, v = joined(self.attn_norm(x), self.attn_q, self.attn_k, self.attn_v)
        seen, look = attend(*(_heads(y, self.heads) for y in (rotate(q, turns), rotate(k, turns), v)), bias)
        x = x + self.attn_output(_merge(seen))
        gate, up = joined(self.ffn_norm(x), self.ffn_gate, self.ffn_up)
        return x + self.ffn_down(F.silu(gate) * up), look


class TinyVlm(nn.Module):
    def __init__(self, vocabulary, size=SIZE):
        super().__init__()
        self.vision = Vision(size)
        self.token_embd = nn.Embedding(vocabulary, size.width)
        self.blocks = nn.ModuleList(DecoderBlock(size) for _ in range(size.layers))
        self.output_norm = RmsNorm(size.width, size.eps)
        self.output = nn.Linear(size.width, vocabulary, bias=False)
        self.named_location = nn.Linear(size.width, LOCATION)
        half = torch.arange(0, size.width // size.heads, 2).float()
        self.register_buffer("frequencies", size.rope_base ** (-half * size.heads / size.width), persistent=False)
        self._initialise()

    def _initialise(self):
        for name, p in self.named_parameters():
            if p.dim() == 2 and name != "vision.position":
                nn.init.normal_(p, std=0.7 * p.shape[1] ** -0.5)
            elif name.endswith("bias"):
                nn.init.zeros_(p)
        nn.init.normal_(self.token_embd.weight, std=0.5)
        nn.init.zeros_(self.output.weight)
        for block in self.vision.blocks:  # Each block starts as the identity.
            nn.init.zeros_(block.attn_out.weight), nn.init.zeros_(block.ffn_down.weight)
        for block in self.blocks:
            nn.init.zeros_(block.attn_output.weight), nn.init.zeros_(block.ffn_down.weight)

    def decode(self, x, positions, mask):
        """(hidden states before the output matrix, attention and output of each layer) of the input embeddings x.

        mask [batch, 1, length, length]: True where a position sees another.
        """
        angles = (positions[..., None].float() * self.frequencies)[:, :, None]
        turns = torch.polar(torch.ones_like(angles), angles)
        bias = torch.zeros(mask.shape).masked_fill_(~mask, float("-inf"))
        attention, outputs = [], []
        for block in self.blocks:
            x, look = block(x, turns, bias)
            attention.append(look)
            outputs.append(x)
        return self.output_norm(x), attention, outputs
