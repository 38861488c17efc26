# SPDX-License-Identifier: Apache-2.0
"""Loads the training shards and deals them out in batches of one layout each."""
import glob
import os

import numpy as np
import torch

from rows import FIELDS, LAYOUTS, NO_PICTURE_BRANCH, PADDING, TRUNK
from model import PATCHES

# Neighbouring rows that show the same picture and are dealt together, so that it is encoded once.
ROWS_TOGETHER = {"text_first": 2}


class Batch:
    """`rows` of one layout with the frames they show.

    frames [n, ...], cover, attributes and centres of each; picture [rows, pictures] indexes them; the fields of rows.FIELDS
    [rows, length]; mask [rows, 1, length, length]: True where a slot sees another.
    """

    def __init__(self, layout, scenes, picture, fields):
        self.layout, self.picture = layout, picture
        self.frames, self.cover, self.attributes, self.centres = scenes
        self.token, self.position, self.branch, self.target, self.bits_early, self.bits_late = (
            fields[name].long() for name in FIELDS)
        self.mask = self._mask()

    def picture_slots(self):
        """The slots of all pictures, in order."""
        return torch.cat([torch.arange(s, s + PATCHES) for s in self.layout.picture_starts])

    def _mask(self):
        branch, length = self.branch, self.layout.length
        slots = torch.arange(length)
        is_picture = torch.zeros(length, dtype=torch.bool)
        is_picture[self.picture_slots()] = True
        asking, seen = branch[:, :, None], branch[:, None, :]
        sees = (seen == TRUNK) & ~(is_picture & (asking > NO_PICTURE_BRANCH))
        sees = (sees | (seen == asking)) & (seen != PADDING) & (slots <= slots[:, None])
        return (sees | (slots == slots[:, None]))[:, None]


class Shards:
    """All shards of a directory, in memory."""

    def __init__(self, directory):
        paths = sorted(glob.glob(os.path.join(directory, "shard-*.npz")))
        if not paths:
            raise SystemExit(f"no shards in {directory}: run generate.py first")
        arrays = {}
        scenes = 0
        for path in paths:
            with np.load(path) as shard:
                for name in shard.files:
                    part = shard[name]
                    arrays.setdefault(name, []).append(part + scenes if name.endswith("/picture") else part)
                scenes += len(shard["frame"])
        self.arrays = {name: torch.from_numpy(np.concatenate(arrays.pop(name))) for name in list(arrays)}
        self.scenes = scenes
        self.reseed(0)

    def reseed(self, seed):
        """Starts dealing anew, in the order that `seed` gives."""
        self.shuffle = np.random.default_rng(seed)
        self._order = {kind: np.empty(0, np.int64) for kind in LAYOUTS}

    def _next_rows(self, kind, count):
        together = ROWS_TOGETHER.get(kind, 1)
        if len(self._order[kind]) < count:
            blocks = self.shuffle.permutation(len(self.arrays[f"{kind}/token"]) // together)
            self._order[kind] = (blocks[:, None] * together + np.arange(together)).reshape(-1)
        rows, self._order[kind] = self._order[kind][:count], self._order[kind][count:]
        return torch.from_numpy(rows)

    def batch(self, kind, count):
        """The next `count` rows of layout `kind`, in an order shuffled anew each time round."""
        rows = self._next_rows(kind, count)
        pictures, local = self.arrays[f"{kind}/picture"][rows].long().unique(return_inverse=True)
        fields = {name: self.arrays[f"{kind}/{name}"][rows] for name in FIELDS}
        scenes = [self.arrays[name][pictures] for name in ("frame", "cover", "attributes", "centres")]
        return Batch(LAYOUTS[kind], scenes, local, fields)
