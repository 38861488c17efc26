#!/usr/bin/env python3
"""Are readings that change all the time learnt as noise? frames_display.py [--seeds S...] [--program FILE]

A still scene with sensor noise has a digit or two that are drawn anew in every frame, as a counter's or a clock's. Of the
frames that take an earlier frame's embedding, those are counted that say something else than that frame. What the encoder
sees is 96 by 96 values, whatever the side of the frame.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models" / "tiny"))
import scenes  # noqa: E402

FRAMES = 200  # of each seed
NEAR = 0  # NearOutcome::near
PAPER = 200
# side of the frame, pixels of the digits' type, how many, text around them, noise, level of the ink, JPEG
DISPLAYS = [
    (96, 10, 1, True, 2, 60, False), (96, 10, 1, True, 2, 150, False), (224, 20, 1, True, 3, 150, False),
    (224, 14, 1, True, 2, 60, False), (224, 14, 1, True, 2, 150, False), (224, 14, 1, True, 3, 150, False),
    (96, 10, 1, False, 2, 60, False), (96, 20, 1, False, 2, 150, False), (96, 40, 1, False, 2, 150, False),
    (96, 10, 2, False, 2, 150, False), (160, 20, 2, False, 2, 150, False),
    (96, 10, 1, True, 2, 60, True), (96, 10, 1, True, 2, 150, True), (224, 20, 1, True, 3, 150, True),
    (224, 14, 1, True, 2, 60, True), (224, 14, 1, True, 2, 150, True), (224, 14, 1, True, 3, 150, True),
]


def draw(side, type_size, count, text, noise, ink, jpeg, seed):
    """What each frame says, and all frames as the program reads them."""
    rng, font = np.random.default_rng(seed), ImageFont.load_default(type_size)
    said, frames = ["".join(map(str, digits)) for digits in rng.integers(0, 10, (FRAMES, count))], b""
    for digits in said:
        picture = Image.new("RGB", (side, side), (PAPER,) * 3)
        pen = ImageDraw.Draw(picture)
        for line in range(4 if text else 0):
            pen.text((8, 8 + line * (type_size + 6)), "Meter value", fill=(40, 40, 40), font=font)
        pen.text((side // 2, side // 2), digits, fill=(ink,) * 3, font=font)
        seen = np.asarray(picture, float) + rng.normal(0, noise, (side, side, 3))
        seen = np.clip(np.round(seen), 0, 255).astype(np.uint8)
        seen = np.ascontiguousarray(scenes.jpeg(seen, 85)) if jpeg else seen
        frames += f"frame c {side} {side} 0 0 0\n".encode() + seen.tobytes()
    return said, frames


def outcomes_of(program, frames):
    ran = subprocess.run([program, "--every", "1000"], input=frames, capture_output=True, check=False)
    outcomes = [json.loads(line)["outcome"][0] for line in ran.stdout.splitlines() if b'"outcome"' in line]
    if ran.returncode != 0 or len(outcomes) != FRAMES:
        sys.exit(f"{program}: {ran.stderr.decode()[-500:]}")
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="*", default=[3])
    parser.add_argument("--program", default=str(ROOT / "build/release/bin/near_frames_bench"))
    options = parser.parse_args()
    shown = FRAMES * len(options.seeds)
    print(f"| side | type | digits | text | noise | ink on {PAPER} | JPEG | near, of {shown} | of them wrong |")
    print("|--:|--:|--:|---|--:|--:|---|--:|--:|")
    for display in DISPLAYS:
        near = wrong = 0
        for seed in options.seeds:
            said, frames = draw(*display, seed)
            for digits, outcome in zip(said, outcomes_of(options.program, frames), strict=True):
                if outcome == NEAR:
                    near, wrong = near + 1, wrong + (digits != reference)
                else:
                    reference = digits
        told = [("yes" if value else "no") if isinstance(value, bool) else str(value) for value in display]
        print("| " + " | ".join(told) + f" | {near} | {wrong} |", flush=True)


if __name__ == "__main__":
    main()
