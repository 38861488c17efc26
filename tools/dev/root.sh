# The private Debian root: where it lies, how it is made, how it goes. Sourced by ./dev.
# shellcheck shell=bash disable=SC2034,SC2154
#
# A root is made beside its final name (NAME.partial) and renamed when complete, under a lock (NAME.lock) that
# whoever makes it holds: a name that exists is a whole root, and a partial one whose lock is free is left
# over from an interrupted run. Its name holds a hash of the package list, so a changed list means a new root
# and never a changed one.

suite=forky               # the first Debian release that has libllama-dev
disk_needed_mib=4700      # 2.6 GiB installed and 0.6 GiB of packages on the way, with room to build in
disk_needed_train_mib=5700  # PyTorch: another 0.9 GiB, and 0.2 GiB on the way
disk_needed_docs_mib=1000     # 0.4 GiB installed and 0.1 GiB of packages on the way
disk_needed_paper_mib=1200    # 0.6 GiB installed and 0.2 GiB of packages on the way
disk_needed_deploy_mib=4000   # 1.1 GiB installed and 0.3 GiB of packages on the way, with room for an image
download_mb=630 download_train_mb=830 download_docs_mb=100 download_paper_mb=150 download_deploy_mb=310

# root_name PACKAGE...: the name of the root that holds these packages.
root_name() {
  printf 'root-%s\n' "$(printf '%s\n' "$suite" "$(uname -m)" "$@" | sha256sum | cut -c1-16)"
}

# The words before a command that needs root rights and mounts of its own: for root a mount namespace, else a
# user namespace in which this user is root, with the subordinate ids that unpacking packages needs.
as_root=(unshare --mount --propagation private)
[ "$(id -u)" = 0 ] || as_root=(unshare --map-root-user --map-auto --mount --propagation private)

require_namespaces() {
  "${as_root[@]}" true 2>/dev/null && return
  if [ "$(id -u)" = 0 ]; then
    die "this machine or container does not let root make mounts (unshare --mount fails). $use_docker"
  fi
  die "making a private Debian root needs root rights, or user namespaces with subordinate ids
(package uidmap, and a line for $(id -un) in /etc/subuid and /etc/subgid). Run this as root. $use_docker"
}

# The Debian archive that this system's own apt uses. Both formats of apt's sources are read by apt itself. An
# archive of somebody else, of updates or of security fixes is not the main one.
mirror() {
  local uri=${FOVEA_MIRROR:-}
  if [ -z "$uri" ] && [ "$(os_field ID)" = debian ]; then
    local suites
    suites="$(os_field VERSION_CODENAME)|oldoldstable|oldstable|stable|testing|unstable|sid"
    uri=$(apt-get update --print-uris 2>/dev/null | sed -nE "s!^'(.*)/dists/($suites)/main/binary-.*!\1!p" | head -n 1)
  fi
  case $uri in mirror+file:*) # a file that lists mirrors, as Debian's cloud images have it
    uri=$(grep -m 1 -oE '^https?://[^[:space:]]+' "/${uri#mirror+file:*/}") ;;
  esac
  case $uri in
    http://* | https://* | file:/*) printf '%s\n' "${uri%/}" ;;
    *) die "no Debian archive found in apt's sources; set FOVEA_MIRROR to the address of one. $use_docker" ;;
  esac
}

# The host's own apt settings that decide whether the archive can be reached and trusted: proxies,
# certificates, and whether an archive frozen in the past is accepted. Signatures are checked whatever these
# say.
apt_settings() {
  apt-config dump | sed -nE 's/^(Acquire::(Check-Valid-Until|Check-Date|https?::(Proxy|ProxyAutoDetect|Proxy-Auto-Detect|CAInfo|Verify-[a-z]+)(::[^ ]*)?) .*);$/\1/pI'
}

require_mmdebstrap() {
  command -v mmdebstrap >/dev/null && return
  command -v apt-get >/dev/null || die "this is not a Debian-like system. $use_docker"
  [ "$(id -u)" = 0 ] || die "mmdebstrap is missing; install it with:
  sudo apt-get install --yes --no-install-recommends mmdebstrap uidmap
$use_docker"
  install_natively mmdebstrap
}

require_disk() {
  local free_mib
  free_mib=$(df --output=avail --block-size=1M "$cache" | tail -n 1)
  [ "$free_mib" -ge "$1" ] ||
    die "the private Debian root needs $1 MiB of disk at $cache, which has $((free_mib)) MiB. Set XDG_CACHE_HOME to a larger disk"
}

# How much of the whole time each step takes, in hundredths; measured, and good enough to say what is left.
progress_shares="20 5 55 20"

# progress LOG SECONDS: where mmdebstrap is, from its log, and SECONDS after it began, in one line:
# "step 2 of 4: downloading, 120 of 472 packages, 21 s, about 70 s left".
progress() {
  awk -v seconds="$2" -v shares="$progress_shares" '
    / newly installed/ { total = $3; got = unpacked = ready = 0; runs += 1 }
    /^Get:/ { got += 1 }
    /^Unpacking / { unpacked += 1 }
    /^Setting up / { ready += 1 }
    END {
      split(shares, share)
      if (runs < 2) part(1, "a minimal Debian", int((got + unpacked + ready) / 3))
      else if (got < total) part(2, "downloading", got)
      else if (unpacked < total) part(3, "unpacking", unpacked)
      else part(4, "setting up", ready)
    }
    function part(step, doing, done,  percent, i) {
      for (i = 1; i < step; i++) percent += share[i]
      if (total) percent += share[step] * done / total
      printf "step %d of 4: %s, %d of %s packages, %d s", step, doing, done, total ? total : "?", seconds
      # Before that the guess would be wild, at the end it says nothing.
      if (percent >= 10 && percent < 99) printf ", about %d s left", seconds * (100 - percent) / percent
      print ""
    }' "$1"
}

# show_progress PID LOG: until PID ends, one line that changes on a terminal, elsewhere one line a step.
show_progress() {
  local line step last='' begin=$SECONDS
  while kill -0 "$1" 2>/dev/null; do
    line=$(progress "$2" $((SECONDS - begin)))
    step=${line%%,*}
    if [ -t 2 ]; then
      printf '\r\033[K%s' "$line" >&2
    elif [ "$step" != "$last" ]; then
      say "$line"
    fi
    last=$step
    sleep 0.5
  done
  [ ! -t 2 ] || printf '\r\033[K' >&2
}

# What most likely went wrong, from the log, in a sentence.
explain() {
  if grep -qE 'resolving|Could not resolve|Could not connect|Cannot initiate|Connection (failed|timed out|refused)|unreachable' "$1"; then
    echo "the Debian archive cannot be reached: check the network, the proxy, or set FOVEA_MIRROR to another archive"
  elif grep -qE 'No space left' "$1"; then
    echo "the disk is full; set XDG_CACHE_HOME to a larger one"
  elif grep -qE 'NO_PUBKEY|EXPKEYSIG|is not signed|Missing key|signature' "$1"; then
    echo "the archive's signature cannot be checked: bring the package debian-archive-keyring up to date"
  elif grep -qE 'does not have a Release file|404  Not Found' "$1"; then
    echo "the archive has no $suite, or is being updated: try again later, or set FOVEA_MIRROR to another archive"
  else
    echo "mmdebstrap failed"
  fi
}

# make_root NAME DISK_MIB PACKAGE...: makes the root, or waits for whoever is making it. Ends this process
# when it cannot.
make_root() {
  local name=$1 disk_mib=$2
  shift 2
  mkdir -p "$cache"
  exec 9>"$cache/$name.lock"
  if ! flock --nonblock 9; then
    say "another ./dev is making this root; waiting for it"
    flock 9
  fi
  if [ ! -d "$cache/$name" ]; then
    require_mmdebstrap
    require_namespaces
    remove_root "$cache/$name.partial"
    require_disk "$disk_mib"
    say "making a private Debian root with $# packages and what they need: once, 1 to 3 minutes (${download:-$download_mb} MB of download)"
    run_mmdebstrap "$cache/$name.partial" "$cache/$name.log" "$@"
    mv -T "$cache/$name.partial" "$cache/$name"
    say "the private Debian root is ready: $(du -sh "$cache/$name" 2>/dev/null | cut -f 1)iB, $SECONDS s"
  fi
  exec 9>&-
}

# run_mmdebstrap DIRECTORY LOG PACKAGE...: fills the directory. Ends this process, with nothing left in the
# directory, when that fails or is interrupted.
run_mmdebstrap() {
  local archive include setting options
  partial=$1 log=$2
  shift 2
  include=$(IFS=, && echo "$*")
  archive=$(mirror)
  # No manuals or translations: they are a fifth of the files. The disk is synchronised once, by the kernel,
  # not per package.
  options=(--aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io
    --dpkgopt='path-exclude=/usr/share/'{doc,man,locale,info}'/*')
  while read -r setting; do options+=("--aptopt=$setting"); done < <(apt_settings)

  : >"$log"
  trap stop_mmdebstrap EXIT
  trap 'say "interrupted; nothing half-made is left behind"; exit 130' INT TERM HUP
  # In a session of its own, so that stopping it stops all its children.
  LC_ALL=C setsid "${as_root[@]}" mmdebstrap --verbose --mode=root --variant=apt --components=main --format=directory \
    --include="$include" "${options[@]}" "$suite" "$partial" "$archive" >"$log" 2>&1 </dev/null &
  mmdebstrap_pid=$!
  show_progress "$mmdebstrap_pid" "$log"
  if ! wait "$mmdebstrap_pid"; then
    tail -n 15 "$log" >&2
    die "$(explain "$log") (the whole log: $log)"
  fi
  trap - EXIT INT TERM HUP
}

stop_mmdebstrap() {
  if [ -n "${mmdebstrap_pid:-}" ] && kill -TERM -- "-$mmdebstrap_pid" 2>/dev/null; then
    wait "$mmdebstrap_pid" || true
  fi
  remove_root "$partial"
}

# Removes a root or what an interrupted run left of one. Nothing is ever mounted in it outside a running
# command's own namespace; --one-file-system holds even if somebody did mount something there.
remove_root() {
  [ ! -e "$1" ] || "${as_root[@]}" rm -rf --one-file-system "$1"
}

# clean_roots NAME...: removes every root but these and those being made now.
clean_roots() {
  local path name lock
  for path in "$cache"/root-*; do
    name=$(basename "$path")
    case $name in *.lock | *.log) continue ;; esac
    [[ " $* " != *" $name "* ]] || continue
    exec {lock}>"$cache/${name%.partial}.lock"
    if flock --nonblock "$lock"; then
      say "removing $path"
      remove_root "$path"
      rm -f "$cache/${name%.partial}.log"  # the lock file stays: somebody may be waiting on it
    fi
    exec {lock}>&-
  done
}
