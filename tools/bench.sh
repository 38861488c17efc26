#!/bin/bash
# Runs every benchmark program of build/release, one after the other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for program in build/release/bin/*_bench; do
  echo "== $(basename "$program")"
  "$program" </dev/null  # without input, peer_bench ends instead of waiting for requests
done
