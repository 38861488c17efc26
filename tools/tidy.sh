#!/bin/bash
# Runs clang-tidy over the sources of src/ that a build tree compiles: tools/tidy.sh BUILD_TREE
# A source that was clean is checked again only when it, a header, .clang-tidy or the flags change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:?usage: tools/tidy.sh BUILD_TREE}
stamps=$build/tidy
mkdir -p "$stamps"

# A hash of everything besides the source itself that clang-tidy's findings depend on.
surroundings=$({ cat .clang-tidy "$build/compile_commands.json"; find src include -name '*.h' -print0 | sort -z | xargs -0 cat; } |
  sha256sum | cut -c1-16)

check() {
  local stamp
  stamp=$2/$(cat "$4" <(echo "$3 $4") | sha256sum | cut -c1-32)
  [ -e "$stamp" ] && return
  clang-tidy -p "$1" --quiet "$4" && touch "$stamp"
}
export -f check
find src -name '*.cc' -print0 | xargs -0 -P "$(nproc)" -I{} bash -c 'check "$@"' - "$build" "$stamps" "$surroundings" {}
