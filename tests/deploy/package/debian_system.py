"""A Debian system of a test's own: a root with packages of debian_archive.py, and the systemd in it, booted by boot.sh."""

import os
import signal
import subprocess
import time
from pathlib import Path

import debian_archive
from debian_archive import done

HERE = Path(__file__).resolve().parent
BOOT_S = 60

# $1: the root; $2: the archive, and $3 where it is seen; $4: a file of a package; the rest: packages by name.
MAKE_ROOT = """
set -euo pipefail
root=$1 archive=$2 place=$3 package=$4
shift 4
mkdir "$root"
tar --extract --file "$archive/base.tar" --directory "$root" --exclude './dev/*'
mkdir "$root$place" "$root/given"
mount --bind "$archive" "$root$place"
mount --bind "$(dirname "$package")" "$root/given"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"; }
inside apt-get update
inside apt-get install --yes --no-install-recommends "$@" "/given/$(basename "$package")"
"""


class CannotBoot(Exception):
    """Why this machine lets nobody boot a system in it."""


class DebianSystem:
    """A root with these packages and the one in a file. Commands run in it once it is booted."""

    def __init__(self, file, *packages):
        archive = debian_archive.folder()
        self.held = debian_archive.temporary("system")
        self.folder = Path(self.held.name)
        self.root = self.folder / "root"
        self.boot = self.first = None
        try:
            done("unshare", "--mount", "--propagation", "private", "bash", "-c", MAKE_ROOT, "make", self.root, archive,
                 debian_archive.PLACE, file, *packages)
        except BaseException:
            self.held.cleanup()
            raise

    def start(self):
        """Boots it. Raises CannotBoot."""
        log = self.folder / "boot.log"
        with log.open("w") as told:
            self.boot = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", HERE / "boot.sh", self.root], stdin=subprocess.DEVNULL, stdout=told,
                                         stderr=subprocess.STDOUT)
        ends = time.monotonic() + BOOT_S
        while time.monotonic() < ends and self.boot.poll() is None:
            self.first = first_process_below(self.boot.pid)
            # "offline" until systemd answers.
            if self.first and self.run("systemctl", "is-system-running", "--wait", check=False) in ("running", "degraded"):
                return
            time.sleep(0.1)
        raise CannotBoot(f"systemd did not boot in namespaces of its own: {log.read_text().strip() or 'it said nothing'}")

    def run(self, *command, check=True, user=None):
        """What it says on both outputs."""
        as_user = ["runuser", "--user", user, "--"] if user else []
        done = subprocess.run(["nsenter", "--target", str(self.first), "--all", "--root", "--", *as_user, *command],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                                   "DEBIAN_FRONTEND": "noninteractive"})
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}")
        return done.stdout.strip()

    def in_its_network(self, *command):
        """The output of a program of this machine that speaks to the system."""
        return subprocess.run(["nsenter", "--target", str(self.first), "--net", "--", *command], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.strip()

    def close(self):
        if self.boot is not None and self.boot.poll() is None:
            if self.first is not None:
                os.kill(self.first, signal.SIGRTMIN + 4)  # systemd's word for: power off
            try:
                self.boot.wait(BOOT_S)
            except subprocess.TimeoutExpired:
                if self.first is not None:
                    os.kill(self.first, signal.SIGKILL)
                self.boot.wait(BOOT_S)
        self.held.cleanup()


def first_process_below(pid):
    """The descendant that is process 1 of a namespace, if there is one already."""
    try:
        children = [int(child) for task in Path(f"/proc/{pid}/task").iterdir()
                    for child in (task / "children").read_text().split()]
        names = Path(f"/proc/{pid}/status").read_text().split("NSpid:")[1].split("\n")[0].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if len(names) > 1 and names[-1] == "1" and Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
        return pid
    return next(filter(None, map(first_process_below, children)), None)
