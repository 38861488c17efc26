#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the secrets of a fleet in a folder: deploy/secrets.sh FOLDER. What is there already stays as it is.
#
#   fleet.key         seals what nodes share, the same on all of them
#   valkey.password   of the shared tier
#   grafana.password  of Grafana's user admin
#   keys.toml         who may ask: the tenant everybody, and one that may administer too
#   api.key           the key of everybody, for clients; no server needs it
#   admin.key         the other one's, for who looks into the cache of all and resets it; no server needs it
#
# Needs openssl, and fovea for the hash in keys.toml: FOVEA is the command that runs it.
set -eu

folder=${1:?usage: deploy/secrets.sh FOLDER}
fovea=${FOVEA:-docker run --rm --interactive fovea}

# The folder is its owner's alone. The files in it may be read by the users of containers, who have other ids.
mkdir -p "$folder"
chmod 700 "$folder"
umask 022

# write NAME: standard input as a secret, whole or not at all.
write() {
  cat >"$folder/$1.partial"
  [ -s "$folder/$1.partial" ] || { echo "$folder/$1: could not be made" >&2; exit 1; }
  mv "$folder/$1.partial" "$folder/$1"
}

for name in fleet.key valkey.password grafana.password api.key admin.key; do
  [ -e "$folder/$name" ] || openssl rand -hex 32 | write "$name"
done
if [ ! -e "$folder/keys.toml" ]; then
  # shellcheck disable=SC2086  # a command with its arguments
  hash_of() { tr -d '\n' <"$folder/$1" | $fovea serve --hash-key; }
  everybody=$(hash_of api.key)
  admin=$(hash_of admin.key)
  printf '[tenants.everybody]\nkeys = ["%s"]\n\n[tenants.admin]\nkeys = ["%s"]\nadmin = true\n' "$everybody" "$admin" |
    write keys.toml
fi
