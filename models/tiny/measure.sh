#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Measures the bundled model on held-out pictures through Fovea's own pipeline, writes the result into
# README.md, and draws the samples anew with questions that the model answers rightly: ./dev
# models/tiny/measure.sh (after a release build).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
samples=$here/../../samples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1

answers_to() { tiny_answers "$here/fovea-tiny.gguf" "$here/fovea-tiny-mmproj.gguf" "$1"; }

python3 "$here/heldout.py" --out "$work/heldout" --scenes 150 --seed 7
answers_to "$work/heldout/questions.jsonl" > "$work/heldout/answers.jsonl"
python3 "$here/card.py" "$work/heldout" "$here/README.md"

python3 "$here/samples.py" draw "$samples"
answers_to "$samples/candidates.jsonl" > "$work/samples.jsonl"
python3 "$here/samples.py" choose "$samples" "$work/samples.jsonl"

echo "fovea-tiny-tools.gguf, without tools:"
tiny_answers "$here/fovea-tiny-tools.gguf" "$here/fovea-tiny-mmproj.gguf" "$work/heldout/questions.jsonl" > "$work/heldout/answers.jsonl"
cp "$here/README.md" "$work/card.md"
python3 "$here/card.py" "$work/heldout" "$work/card.md"
grep "answered exactly right" "$work/card.md"
python3 "$here/heldout_tools.py" --page "$here/README.md"
