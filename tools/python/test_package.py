#!/usr/bin/env python3
"""Builds the Python package and runs its tests: test_package.py [PATTERN]

An environment in build/python-venv gets what builds the package, what the tests use (python/tests/core/requirements.txt), and the package.
The sources are compiled in build/, as deep as build/release and with its flags, so that ccache brings what that has compiled. Without a
reachable package index, and without what an earlier run has installed, nothing is tested, and a line says so.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / "build/python-venv"
WHEELS = ROOT / "build/python-wheel"
REQUIREMENTS = ROOT / "python/tests/core/requirements.txt"
BUILD_NEEDS = ("nanobind==3.1.0", "scikit-build-core==1.1.2")
CCACHE = "ccache;depend_mode=true;sloppiness=pch_defines,time_macros"  # as in CMakePresets.json
NOTHING_RAN = 5  # unittest's: the pattern names no test of this folder
OFFLINE = ("NewConnectionError", "NameResolutionError", "Connection refused", "ConnectTimeout", "ProxyError")


def pip(*arguments):
    command = [ENVIRONMENT / "bin/python", "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def checked(done):
    if done.returncode:
        sys.exit(done.stderr)


def make_environment():
    """Whether everything is there."""
    if not (ENVIRONMENT / "bin/python").exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    done = pip("install", "--quiet", "--only-binary", ":all:", *BUILD_NEEDS, "--requirement", str(REQUIREMENTS))
    if done.returncode and any(word in done.stderr for word in OFFLINE):
        print("skipped: the Python package index must be reachable once")
        return False
    checked(done)
    return True


def install_package():
    for old in WHEELS.glob("*.whl"):
        old.unlink()
    checked(pip("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(WHEELS),
                "--config-settings", f"cmake.define.CMAKE_CXX_COMPILER_LAUNCHER={CCACHE}",
                "--config-settings", "cmake.define.CMAKE_LINKER_TYPE=MOLD", "."))
    (wheel,) = WHEELS.glob("fovea-*.whl")
    checked(pip("install", "--quiet", "--no-deps", "--force-reinstall", str(wheel)))


def main():
    if not make_environment():
        return
    install_package()
    pattern = sys.argv[1] if len(sys.argv) > 1 else "*_test.py"
    discover = [ENVIRONMENT / "bin/python", "-B", "-m", "unittest", "discover", "--pattern", pattern, "--start-directory"]
    # The package itself, and then its page and notebook.
    done = [subprocess.run([*discover, folder], cwd=ROOT).returncode for folder in ("python/tests/core", "python/tests")]
    failed = [code for code in done if code not in (0, NOTHING_RAN)]
    sys.exit(max(failed) if failed else min(done))


main()
