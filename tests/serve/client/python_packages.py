"""The Python packages of the client tests, at the versions and hashes of requirements.txt.

    python_packages.py install FOLDER   puts them into FOLDER, which goes on PYTHONPATH; does nothing where they are there
    python_packages.py lock             writes requirements.txt anew, with the newest versions

Packages come from the index that pip is configured to use; no file here names a host. Only wheels are taken, so no
package's code runs while it is installed. Without a reachable index `install` ends with 77, which CTest reads as skipped.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
WANTED = ["openai", "anthropic", "litellm", "langchain-openai"]
MACHINES = ["x86_64", "aarch64"]
GLIBC_FROM, GLIBC_TO = 17, 41  # of the manylinux tags that are asked for
SKIPPED = 77
OFFLINE = ("NewConnectionError", "NameResolutionError", "Connection refused", "ConnectTimeout", "ProxyError")
PIP = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--only-binary", ":all:"]


def install(folder):
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    done = subprocess.run([*PIP, "--no-deps", "--no-compile", "--require-hashes", "--target", partial, "-r", REQUIREMENTS],
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        if any(word in done.stderr for word in OFFLINE):
            print("skipped: the Python package index must be reachable once", file=sys.stderr)
            sys.exit(SKIPPED)
        sys.exit(done.returncode)
    (partial / "installed").write_text(wanted)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def lock():
    found = {}
    for machine in MACHINES:
        tags = [f"--platform=manylinux_2_{glibc}_{machine}" for glibc in range(GLIBC_FROM, GLIBC_TO)]
        report = subprocess.run([*PIP, "--dry-run", "--ignore-installed", "--target", "none", "--report", "-", *tags,
                                 f"--platform=manylinux2014_{machine}", *WANTED], stdout=subprocess.PIPE, check=True)
        for package in json.loads(report.stdout)["install"]:
            name, version = package["metadata"]["name"].lower().replace("_", "-"), package["metadata"]["version"]
            sha256 = package["download_info"]["archive_info"]["hashes"]["sha256"]
            found.setdefault(f"{name}=={version}", set()).add(sha256)
    lines = [f"{pin} " + " ".join(f"--hash=sha256:{sha256}" for sha256 in sorted(found[pin])) for pin in sorted(found)]
    REQUIREMENTS.write_text("# Written by python_packages.py lock.\n" + "\n".join(lines) + "\n")


match sys.argv[1:]:
    case ["install", target]:
        install(Path(target))
    case ["lock"]:
        lock()
    case _:
        sys.exit(__doc__)
