# SPDX-License-Identifier: Apache-2.0
"""Writes the tokenizer and the training shards: generate.py DIR [--scenes N] [--workers N] [--seed N]."""
import argparse
import multiprocessing
import os

import numpy as np

from rows import make_shard
from tokenizer import Tokenizer, build

SCENES_PER_SHARD = 1000


def shard_path(directory, index):
    return os.path.join(directory, f"shard-{index:04}.npz")


def _write_shard(job):
    directory, seed, index = job
    tokenizer = Tokenizer.load(os.path.join(directory, "vocabulary.json"))
    shard = make_shard(tokenizer, seed * 1_000_000 + index, SCENES_PER_SHARD)
    part = shard_path(directory, index) + ".part"
    with open(part, "wb") as file:
        np.savez(file, **shard)
    os.replace(part, shard_path(directory, index))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("directory")
    arguments.add_argument("--scenes", type=int, default=96_000)
    arguments.add_argument("--workers", type=int, default=os.cpu_count())
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    os.makedirs(options.directory, exist_ok=True)
    build(options.seed).save(os.path.join(options.directory, "vocabulary.json"))
    jobs = [(options.directory, options.seed, i) for i in range(options.scenes // SCENES_PER_SHARD)]
    with multiprocessing.Pool(options.workers) as pool:
        for done, _ in enumerate(pool.imap_unordered(_write_shard, jobs), 1):
            if done % 8 == 0 or done == len(jobs):
                print(f"{done} of {len(jobs)} shards", flush=True)


if __name__ == "__main__":
    main()
