"""A Debian system of a test's own: a root that mmdebstrap makes, and the systemd in it, booted by boot.sh."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[2]
HOOKS = "/usr/share/mmdebstrap/hooks/file-mirror-automount"  # packages may be files
BOOT_S = 60

# The archive, and the apt settings that it needs, are those of the system that this runs on, as in ./dev.
MAKE_ROOT = f"""
set -euo pipefail
say() {{ :; }}
die() {{ echo "$*" >&2; exit 1; }}
cd {CHECKOUT}
. tools/dev/packages.sh
. tools/dev/root.sh
archive=$(mirror)
settings=()
while read -r setting; do settings+=("--aptopt=$setting"); done < <(apt_settings)
exec unshare --mount --propagation private mmdebstrap --mode=root --variant=minbase --components=main \
  --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io "${{settings[@]}}" --hook-dir={HOOKS} \
  --include="$1" "$suite" "$2" "$archive"
"""


class CannotBoot(Exception):
    """Why this machine lets nobody boot a system in it."""


def may_mount():
    return subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0


class DebianSystem:
    """A root with these packages; those with a / in their names are files. Commands run in it once it is booted."""

    def __init__(self, *packages):
        self.folder = Path(tempfile.mkdtemp(prefix="debian-system-"))
        self.root = self.folder / "root"
        self.boot = self.first = None
        included = [self.copied(package, number) if "/" in package else package for number, package in enumerate(packages)]
        made = subprocess.run(["bash", "-c", MAKE_ROOT, "make", ",".join(included), self.root], stderr=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, text=True, stdin=subprocess.DEVNULL)
        if made.returncode != 0:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise AssertionError("mmdebstrap: " + made.stderr[-3000:])

    def copied(self, package, number):
        """mmdebstrap makes the file's folder in the root: one that is not named like what the package brings."""
        return str(shutil.copy(package, self.folder / f"{number}.deb"))

    def start(self):
        """Boots it. Raises CannotBoot."""
        log = self.folder / "boot.log"
        with log.open("w") as told:
            self.boot = subprocess.Popen([HERE / "boot.sh", self.root], stdin=subprocess.DEVNULL, stdout=told,
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
        shutil.rmtree(self.folder)


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
