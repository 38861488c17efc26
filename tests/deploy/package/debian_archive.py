"""What of Debian the tests of the package and of the image install: fetched once, and then without a network.

`folder()` is a small archive of its own: the packages that a minimal Debian, the image of the Dockerfile and a system with
systemd and Fovea's package need, and base.tar, that minimal Debian. It lies in build/deploy and is made again when Fovea's
package needs something else. Whoever installs from it sees it at PLACE, which base.tar's sources name.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
BUILD = CHECKOUT / "build/deploy"
PACKAGE_DIR = Path(os.environ.get("FOVEA_PACKAGE_DIR") or CHECKOUT / "build/release/package")
PLACE = "/archive"
SYSTEM = ["systemd-sysv"]  # besides Fovea's package, what a system has that is booted
SUITE = re.search(r"^suite=(\w+)", (CHECKOUT / "tools/dev/root.sh").read_text(), re.MULTILINE)[1]
WAIT_S = 600

# $1: where packages go; $2: Fovea's; $3, $4: what is installed beside it in the image and in the system. They
# come from the archive of the system which this runs in. The status file is empty: nothing is installed yet.
FETCH = """
set -euo pipefail
into=$1 package=$2 image=$3 system=$4
mkdir -p "$into/state/lists/partial" "$into/cache/archives/partial"
: >"$into/status"
apt() {
  apt-get -o Dir::State="$into/state" -o Dir::State::status="$into/status" -o Dir::Cache="$into/cache" \\
    -o APT::Install-Recommends=false -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any --yes "$@"
}
apt update
required=$(apt-cache -o Dir::State="$into/state" -o Dir::State::status="$into/status" -o Dir::Cache="$into/cache" dumpavail |
  awk 'BEGIN { RS = "" } /\\nPriority: required\\n/ { print $2 }')
for set in "$image" "$system"; do
  apt install --download-only '?essential' apt $required $set "$package"
done
mkdir -p "$into/archive/pool"
mv "$into"/cache/archives/*.deb "$into/archive/pool"
"""

# $1: the archive's folder; $2: the suite; $3: where it is seen later.
MAKE_BASE = """
set -euo pipefail
exec unshare --mount --propagation private mmdebstrap --quiet --mode=root --variant=minbase --components=main \\
  --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/'{locale,info}'/*' \\
  --hook-dir=/usr/share/mmdebstrap/hooks/file-mirror-automount \\
  --customize-hook="echo 'deb [trusted=yes] file:$3 $2 main' >\\"\\$1/etc/apt/sources.list\\"" \\
  "$2" "$1/base.tar" "deb [trusted=yes] file:$1 $2 main"
"""


def may_mount():
    return subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0


def done(*command, **more):
    result = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, stdin=subprocess.DEVNULL, **more)
    if result.returncode != 0:
        raise AssertionError(f"{command[:4]}: {result.returncode}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}")
    return result.stdout


def package():
    found = list(PACKAGE_DIR.glob("*.deb"))
    assert len(found) == 1, f"{PACKAGE_DIR} should have one package, written by make deb: {found}"
    return found[0].resolve()


def packages_of_the_image():
    """What the Dockerfile installs, but for Fovea's package."""
    text = (CHECKOUT / "Dockerfile").read_text()
    words = re.findall(r"--no-install-recommends \\\n +(.*) /package/\*\.deb", text)
    assert len(words) == 1, words
    return words[0].split()


def temporary(name):
    """A folder in build/deploy that goes with the test; those of tests that were killed go now."""
    BUILD.mkdir(parents=True, exist_ok=True)
    for old in BUILD.glob(f"{name}-*"):
        if not Path("/proc", old.name.split("-")[1]).exists():
            shutil.rmtree(old, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=f"{name}-{os.getpid()}-", dir=BUILD)


def folder():
    needs = [done("dpkg-deb", "--field", package(), "Depends"), SUITE, FETCH, MAKE_BASE, *SYSTEM, *packages_of_the_image()]
    made = BUILD / f"archive-{hashlib.sha256(repr(needs).encode()).hexdigest()[:16]}"
    if not made.is_dir():
        for old in BUILD.glob("archive-*"):
            shutil.rmtree(old)
        with temporary("fetched") as into:
            done("bash", "-c", FETCH, "fetch", into, package(), " ".join(packages_of_the_image()), " ".join(SYSTEM))
            archive = Path(into) / "archive"
            described(archive)
            done("bash", "-c", MAKE_BASE, "base", archive, SUITE, PLACE)
            archive.rename(made)
    return made


def described(archive):
    """Adds what apt reads of an archive."""
    for old in archive.glob("pool/fovea_*"):
        old.unlink()
    architecture = done("dpkg", "--print-architecture").strip()
    place = archive / f"dists/{SUITE}/main/binary-{architecture}"
    place.mkdir(parents=True)
    listed = done("dpkg-scanpackages", "pool", cwd=archive).encode()
    (place / "Packages").write_bytes(listed)
    (archive / f"dists/{SUITE}/Release").write_text(
        f"Suite: {SUITE}\nCodename: {SUITE}\nComponents: main\nArchitectures: {architecture}\n"
        f"SHA256:\n {hashlib.sha256(listed).hexdigest()} {len(listed)} main/binary-{architecture}/Packages\n")
