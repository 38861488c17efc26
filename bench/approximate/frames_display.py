#!/usr/bin/env python3
"""Are readings that change all the time learnt as noise? frames_display.py [--program build/release/bin/near_frames_bench]

A still scene with sensor noise has one digit that is drawn anew in every frame, as a counter's or a clock's. Of the
frames that take an earlier frame's embedding, those are counted whose digit is another one than that frame's. What the
encoder sees is 96 by 96 values, whatever the side of the frame.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[2]
FRAMES = 200
SEED = 3
NEAR = 0  # NearOutcome::near
PAPER = 200
# side of the frame, pixels of the digit's type, noise, level of the ink
DISPLAYS = [(96, 10, 2, 60), (96, 10, 2, 150), (224, 20, 3, 150), (224, 14, 2, 60), (224, 14, 2, 150), (224, 14, 3, 150)]


def draw(side, type_size, noise, ink):
    """Each frame's digit, and all frames as the program reads them."""
    rng, font = np.random.default_rng(SEED), ImageFont.load_default(type_size)
    digits, frames = rng.integers(0, 10, FRAMES), b""
    for digit in digits:
        picture = Image.new("RGB", (side, side), (PAPER,) * 3)
        pen = ImageDraw.Draw(picture)
        for line in range(4):
            pen.text((8, 8 + line * (type_size + 6)), "Meter value", fill=(40, 40, 40), font=font)
        pen.text((side // 2, side // 2), str(digit), fill=(ink,) * 3, font=font)
        seen = np.asarray(picture, float) + rng.normal(0, noise, (side, side, 3))
        frames += f"frame c {side} {side} 0 0 0\n".encode() + np.clip(np.round(seen), 0, 255).astype(np.uint8).tobytes()
    return digits, frames


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "build/release/bin/near_frames_bench"))
    options = parser.parse_args()
    print(f"| side | type | noise | ink on {PAPER} | near, of {FRAMES} | of them another digit |\n|--:|--:|--:|--:|--:|--:|")
    for display in DISPLAYS:
        digits, frames = draw(*display)
        ran = subprocess.run([options.program, "--every", "1000"], input=frames, capture_output=True, check=False)
        outcomes = [json.loads(line)["outcome"][0] for line in ran.stdout.splitlines() if b'"outcome"' in line]
        if ran.returncode != 0 or len(outcomes) != FRAMES:
            sys.exit(f"{options.program}: {ran.stderr.decode()[-500:]}")
        near = wrong = 0
        for digit, outcome in zip(digits, outcomes, strict=True):
            if outcome == NEAR:
                near, wrong = near + 1, wrong + (digit != reference)
            else:
                reference = digit
        print("| " + " | ".join(map(str, display)) + f" | {near} | {wrong} |", flush=True)


if __name__ == "__main__":
    main()
