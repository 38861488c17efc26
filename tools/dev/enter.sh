#!/bin/bash
# Runs one command inside a private root, in the current directory: enter.sh ROOT CHECKOUT PATH CMD [ARG...]
#
# ./dev calls this inside a mount namespace of its own, so that every bind made here vanishes with the
# command. Bound are all top-level directories that the root does not bring itself: the checkout, the home
# directory and any file a person names lie at the same place inside as outside. Every step is an exec, so the
# exit code, the terminal and signals pass straight through.
set -euo pipefail
root=$1 checkout=$2 path=$3
shift 3

# Whether a path lies in a directory that the root brings itself.
roots_own() {
  case $1/ in
    /bin/* | /boot/* | /etc/* | /lib/* | /lib32/* | /lib64/* | /libx32/* | /lost+found/* | /sbin/* | /usr/* | /var/*) ;;
    *) false ;;
  esac
}

bound=()
bind() {
  local earlier
  for earlier in "${bound[@]}"; do
    case $1/ in "$earlier"/*) return ;; esac
  done
  mkdir -p "$root$1"
  mount --rbind "$1" "$root$1"
  bound+=("$1")
}

# A mount of its own, which is what making mounts inside needs (ip netns, buildah).
mount --bind "$root" "$root"

# The directory that holds the root goes first: later its tree would already contain the other binds, and
# double them.
for dir in "$(dirname "$root")" "$HOME" "$checkout" "$PWD"; do
  if ! roots_own "$dir"; then
    [ "$dir" = / ] || bind "/$(cut -d / -f 2 <<<"$dir")"
  else
    # What lies among the root's own is bound by itself, where it cannot hide what the root needs.
    case $dir in /usr/src/?* | /usr/local/?* | /var/*/?*) bind "$dir" ;; esac
  fi
done
for dir in /*; do
  [ -L "$dir" ] || [ ! -d "$dir" ] || roots_own "$dir" || bind "$dir"
done
# Names and certificates are the system's own: it may reach the network through a proxy that it trusts and the
# root does not.
for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do
  [ ! -f "$file" ] || [ ! -f "$root$file" ] || mount --bind "$(readlink -f "$file")" "$root$file"
done

exec chroot "$root" /usr/bin/env --chdir="$PWD" \
  -u LD_PRELOAD -u LD_LIBRARY_PATH -u PYTHONPATH -u PYTHONHOME -u PERL5LIB -u LANGUAGE \
  PATH="$path" LC_ALL=C.UTF-8 "$@"
