#!/bin/sh
# Simulates the bundled fleets and writes a report of each comparison into docs/results/fleet, or into the
# folder that is named: simulated.sh [FOLDER]. Takes about a minute. The same program writes the same files,
# but for wall_seconds.
set -eu
cd "$(dirname "$0")/../.."
folder=${1:-docs/results/fleet}
fovea=${FOVEA_PROGRAM:-build/release/bin/fovea}
mixed="mixed-edge mixed-jetson mixed-l4 mixed-apple"
failures="node-dies link-cut shard-lost cold-rack viral noisy-tenant"

# shellcheck disable=SC2086  # names of fleets are words
{
  "$fovea" simulate shop fifty --compare sharing --report "$folder/sharing"
  "$fovea" simulate $mixed --compare placement --report "$folder/placement"
  "$fovea" simulate $failures --report "$folder/failures"
}
