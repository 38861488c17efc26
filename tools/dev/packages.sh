# Which packages Fovea needs and which of them this system lacks. Sourced by ./dev.
# shellcheck shell=bash

# packages_of FILE SECTION...: the packages that FILE lists in these sections, one a line.
packages_of() {
  local file=$1
  shift
  awk -v wanted=" $* " '
    { sub(/#.*/, ""); gsub(/[[:space:]]/, "") }
    /^\[/ { section = substr($0, 2, length($0) - 2); next }
    $0 != "" && index(wanted, " " section " ")' "$file"
}

# missing_of PACKAGE...: those that are not installed; all of them where there is no dpkg.
missing_of() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' || true)
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sort -u <<<"$installed")
}

# The release file's field $1, such as ID or VERSION_CODENAME; empty where there is none.
os_field() {
  [ ! -r /etc/os-release ] || sed -nE "s/^$1=\"?([^\"]*)\"?\$/\1/p" /etc/os-release
}

# Whether this system's own archive has every package: Debian from forky on. The version of base-files tells,
# also on testing and unstable, whose release file names no number, and where apt's package lists were never
# fetched.
system_is_new_enough() {
  [ "$(os_field ID)" = debian ] || return 1
  local version
  version=$(dpkg-query -W -f '${Version}' base-files 2>/dev/null) && dpkg --compare-versions "$version" ge 14
}

# Installs the packages named, or stops with the command that somebody with root rights can type.
install_natively() {
  local command="apt-get install --yes --no-install-recommends $*"
  [ "$(id -u)" = 0 ] || die "these packages are missing; install them with:
  sudo $command"
  say "installing $# packages"
  { apt-get update && DEBIAN_FRONTEND=noninteractive $command; } >&2 </dev/null ||
    die "apt-get could not install them (its own words are above)"
}
