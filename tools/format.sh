#!/bin/bash
# Runs clang-format, with the options given, on every C++ file of the project.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
shopt -s globstar nullglob
exec clang-format --style=file "$@" {src,include,tests,bench,fuzz,python}/**/*.{cc,h}
