#!/usr/bin/env python3
"""Tries a repaired wheel as on a machine that has none of its libraries: check_wheel.py WHEEL --raw WHEEL [--python EXE]

The wheel is installed into an empty environment. Then the system's copies of all libraries that the module needs, but for those of glibc,
of the compiler and of Python itself, are hidden in a mount namespace of the check's own (as root). There Python keeps and finds values in
memory and on a disk. The unrepaired wheel (--raw) must fail in the same place, or the check would prove nothing.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# What PEP 600 expects of every system, as far as our module needs it.
EVERYWHERE = re.compile(r"(ld-linux|libc|libm|libdl|librt|libpthread|libgcc_s|libstdc\+\+|libz|linux-vdso)[-.]")
DEPENDENCY = re.compile(r"^\s*(?P<name>\S+) => (?P<path>/\S+)", re.MULTILINE)

PROGRAM = """
import tempfile
import fovea

assert "site-packages" in fovea.__file__, fovea.__file__
key = fovea.key("check/1", b"picture")
level = fovea.Level("1MiB")
level[key] = b"in memory"
assert bytes(level[key]) == b"in memory"
with tempfile.TemporaryDirectory() as folder:
    with fovea.Store(memory="1MiB", disk=folder, disk_size="64MiB") as store:
        store.insert(key, b"on the disk", cost_ms=1000)
        store.flush(timeout=20)
    with fovea.Store(memory="1MiB", disk=folder, disk_size="64MiB") as store:
        assert bytes(store[key]) == b"on the disk"
print("fovea", fovea.__version__, fovea.key("check/1").hex()[:16])
"""

# Makes a mount namespace of its own, puts an empty file over each argument that is a library, and runs the
# rest.
HIDE = """
import ctypes, os, sys

MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
libc = ctypes.CDLL(None, use_errno=True)

def mount(source, target, flags):
    if libc.mount(source, target.encode(), None, flags, None) != 0:
        sys.exit(f"mount {target}: {os.strerror(ctypes.get_errno())}")

os.unshare(os.CLONE_NEWNS)
mount(None, "/", MS_REC | MS_PRIVATE)
hidden = [path for path in sys.argv[1:] if ".so" in path and path.startswith(("/lib", "/usr/lib"))]
for path in hidden:
    mount(b"/dev/null", path, MS_BIND)
os.execv(sys.argv[1 + len(hidden)], sys.argv[1 + len(hidden):])
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--raw", type=Path, required=True, help="the same wheel before auditwheel")
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    return parser.parse_args()


def installed(wheel, python, folder):
    """The interpreter of an empty environment with this wheel, without any other package."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    own = folder / "bin/python"
    subprocess.run([own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", wheel], check=True)
    return own


def module_of(folder):
    (module,) = folder.glob("lib/python*/site-packages/fovea/_fovea*.so")
    return module


def libraries(module):
    """The paths of the libraries that a module is loaded with, but for those that are everywhere."""
    listed = subprocess.run(["ldd", module], check=True, capture_output=True, text=True).stdout
    return {found["path"] for found in DEPENDENCY.finditer(listed) if not EVERYWHERE.match(found["name"])}


def tried(python, hidden):
    """How PROGRAM ends where the files of `hidden` are empty."""
    return subprocess.run([sys.executable, "-I", "-c", HIDE, *sorted(hidden), python, "-I", "-c", PROGRAM], capture_output=True, text=True)


def main():
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="fovea-wheel-") as scratch:
        scratch = Path(scratch)
        raw, repaired = (installed(wheel.resolve(), given.python, scratch / name) for name, wheel in
                         [("raw", given.raw), ("repaired", given.wheel)])
        # Python itself may need a few of them.
        kept = libraries(Path(given.python).resolve())
        hidden = {str(Path(path).resolve()) for path in libraries(module_of(scratch / "raw")) - kept}
        if not hidden:
            sys.exit("check_wheel.py: the unrepaired module needs no library, so there is nothing to hide")
        outside = {path for path in libraries(module_of(scratch / "repaired")) if str(scratch) not in path}
        if outside:
            sys.exit(f"check_wheel.py: the repaired module still takes from the system: {', '.join(sorted(outside))}")
        without = tried(raw, hidden)
        if without.returncode == 0 or "file too short" not in without.stderr:
            sys.exit(f"check_wheel.py: the unrepaired wheel does not miss its libraries, which are hidden:\n{without.stderr}")
        outcome = tried(repaired, hidden)
        if outcome.returncode != 0:
            sys.exit(f"check_wheel.py: {given.wheel.name} fails without the system's libraries:\n{outcome.stderr}")
    print(f"{given.wheel.name}, {given.python}: works with {len(hidden)} libraries hidden ({outcome.stdout.strip()})")


if __name__ == "__main__":
    main()
