#!/bin/bash
# Boots the systemd of a Debian root: boot.sh ROOT. Ends when that system is powered off, and leaves nothing.
#
# The system has its own processes, mounts, network, host name and control groups, as in a container. The
# kernel lets root make these. The system's control groups lie below the one of the caller. SIGTERM ends it at
# once: whoever starts it has it sent when he dies. Half an hour is its longest life.
set -euo pipefail
root=$1

devices() {
  local device
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  for device in null zero full random urandom tty; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
}

# In the new namespaces, as their first process.
if [ "${2:-}" = inside ]; then
  mount --bind "$root" "$root"
  mount -t proc -o nosuid,noexec,nodev proc "$root/proc"
  mount -t sysfs -o ro,nosuid,noexec,nodev sysfs "$root/sys"
  mount -t cgroup2 -o nosuid,noexec,nodev cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  devices
  cd "$root"
  mkdir -p before
  # The program pivot_root is not in every Debian's util-linux, its function is in every C library.
  python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).pivot_root(b".", b"before"))'
  umount -l /before
  rmdir /before
  exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init --unit=multi-user.target
fi

if [ "${2:-}" != mounts ]; then
  exec unshare --mount --propagation private "$0" "$root" mounts
fi
groups=$(mktemp -d)
mount -t cgroup2 cgroup2 "$groups"
own=$groups$(sed -n 's/^0:://p' /proc/self/cgroup)
group=$own/fovea-test-$$
mkdir "$group"
leave() {
  echo 0 >"$own/cgroup.procs"
  # What was killed may take a moment to go.
  for _ in $(seq 100); do
    ! find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || break
    sleep 0.1
  done
  umount "$groups"
  rmdir "$groups"
}
trap leave EXIT
echo 0 >"$group/cgroup.procs"
timeout --kill-after=2 1800 unshare --mount --propagation private --pid --fork --kill-child --cgroup --net --ipc --uts \
  "$0" "$root" inside &
system=$!
trap 'kill "$system"; wait "$system" || true; exit 1' TERM
wait "$system"
