#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes a cluster of the pods, and keeps it one, beside each node: POD_NAME is the pod's name, valkey-N, and
# POD_IP its address. Every few seconds it does what is missing, and each step may be done again:
#
#   1. The node meets the other pods at their present addresses. After a restart of all of them, every address
#      that a node has kept is wrong, and this is how they find each other.
#   2. Pod N serves range N of the slots, for N below PRIMARIES, if all pods are known and nobody serves it.
#   3. A node without slots becomes the replica of the node that serves range N modulo PRIMARIES. So does one
#      that comes back when its replica took over, or without what it had kept.
#
# `valkey-cli --cluster create` does 1 to 3 once, and a restart of all pods leaves what it made in pieces.
set -u

PRIMARIES=${PRIMARIES:-3}
PODS=${PODS:-6}
SLOTS=16384
ordinal=${POD_NAME##*-}
range=$((ordinal % PRIMARIES))
first=$((range * SLOTS / PRIMARIES))
last=$(((range + 1) * SLOTS / PRIMARIES - 1))
REDISCLI_AUTH=$(cat /run/secrets/valkey/valkey.password)
export REDISCLI_AUTH

node() { timeout 5 valkey-cli -h "$POD_IP" "$@" 2>&1; }

# The lines of `cluster nodes`: id, address, flags, primary, ping, pong, epoch, link, slots...
nodes() { node cluster nodes | grep -E '^[0-9a-f]{40} '; }

# Whether the node has a link to this address.
linked() { nodes | awk -v address="$1:" 'index($2, address) == 1 && $8 == "connected" && $3 !~ /handshake|noaddr/ { found = 1 } END { exit !found }'; }

meet_others() {
  other=0
  while [ "$other" -lt "$PODS" ]; do
    address=$(getent ahostsv4 "${POD_NAME%-*}-$other.${SERVICE:-valkey}" | awk 'NR == 1 { print $1 }')
    [ -z "$address" ] || [ "$address" = "$POD_IP" ] || linked "$address" || node cluster meet "$address" 6379 >&2
    other=$((other + 1))
  done
}

# The id of the node that serves the first slot of this pod's range; nothing where nobody does.
owner() {
  nodes | awk -v slot="$first" '$3 !~ /fail/ {
    for (i = 9; i <= NF; i++) { split($i, ends, "-"); if (ends[1] + 0 <= slot && slot <= (ends[2] == "" ? ends[1] : ends[2]) + 0) print $1 } }'
}

# Whether this node is a primary that serves nothing.
idle() { nodes | awk '$3 ~ /myself/ && $3 ~ /master/ && NF == 8 { found = 1 } END { exit !found }'; }

known() { nodes | awk '$8 == "connected" && $3 !~ /handshake|noaddr|fail/' | wc -l; }

step() {
  meet_others
  idle || return 0
  [ "$(known)" -ge "$PODS" ] || return 0
  whose=$(owner)
  if [ -n "$whose" ]; then
    node cluster replicate "$whose" >&2
  elif [ "$ordinal" -lt "$PRIMARIES" ]; then
    node cluster addslotsrange "$first" "$last" >&2
  fi
}

trap 'exit 0' TERM
while :; do
  [ "$(node ping)" != PONG ] || step
  sleep "${EVERY_S:-5}" &
  wait $!
done
