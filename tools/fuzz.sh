#!/bin/bash
# Runs every fuzz target of build/fuzz for as many seconds as given, from the corpus fuzz/corpus/NAME of
# NAME_fuzz. A target's findings go to build/fuzz/found/NAME. The corpus itself is not changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:?usage: tools/fuzz.sh SECONDS}
for target in build/fuzz/bin/*_fuzz; do
  name=$(basename "$target" _fuzz)
  mkdir -p "build/fuzz/found/$name"
  echo "== $name, $seconds s"
  "$target" -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="build/fuzz/found/$name/" \
    "build/fuzz/found/$name" "fuzz/corpus/$name"
done
