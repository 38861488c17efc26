#!/bin/bash
# Instructions per hit, for a Level and for the caches that cache_bench compares it with: a number without
# noise.
#
#   bench/callgrind.sh [BUILD_DIR]     the release tree unless named; needs valgrind
#
# Only the loop of hits is counted, in a cache that is already full. The environment may set ENTRIES and HITS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=${1:-build/release}/bin/cache_bench
entries=${ENTRIES:-100000}
hits=${HITS:-200000}
[ -x "$program" ] || { echo "callgrind.sh: there is no $program; build the target cache_bench first" >&2; exit 1; }

echo "$hits Zipf(1.0) hits among $entries entries"
for cache in level-value level-lru level-sieve locked-lru tbb-lru; do
  report=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='*counted_hits*' \
    "$program" --callgrind-hits="$hits" --cache="$cache" --entries="$entries" 2>&1) || { echo "$report" >&2; exit 1; }
  collected=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' <<<"$report")
  [ "${collected:-0}" -gt 0 ] || { echo "callgrind.sh: nothing was counted for $cache" >&2; exit 1; }
  printf '%-12s %6d instructions per hit\n' "$cache" $((collected / hits))
done
