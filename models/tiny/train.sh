#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes fovea-tiny.gguf and fovea-tiny-mmproj.gguf from nothing: ./dev --train models/tiny/train.sh [MINUTES
# [WORK_DIR]] About 8 GB of memory, 4 GB of disk and, besides the MINUTES of training itself (80), ten minutes
# on two cores.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
minutes=${1:-80}
work=${2:-$here/../../build/tiny}
mkdir -p "$work"

export PYTHONDONTWRITEBYTECODE=1
# Each process computes on one thread; see train.py.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# The two training processes meet on this machine only.
export GLOO_SOCKET_IFNAME=lo
# Large tensors are freed and taken again at every step: keep their memory instead of giving it back to the
# kernel.
export MALLOC_MMAP_THRESHOLD_=8000000000 MALLOC_TRIM_THRESHOLD_=16000000000 MALLOC_TOP_PAD_=500000000

python3 "$here/generate.py" "$work/data"
python3 "$here/train.py" "$work/data" "$work/fovea-tiny.pt" --minutes "$minutes"
python3 "$here/export.py" "$work/data" "$work/fovea-tiny.pt" "$here/fovea-tiny"
