#!/usr/bin/env python3
"""Packs a report's raw results into one file:

    pack.py DIR     puts DIR/raw/*.jsonl into DIR/raw.tar.xz, and removes them

`fovea bench --report DIR` reads the archive as it reads the folder. Files that are already in the archive stay in it,
and a plain file replaces the packed one of its name. The same files give the same archive, byte for byte, with the
same version of xz: names are sorted, and times, owners and modes are fixed. `tar -xf DIR/raw.tar.xz -C DIR` unpacks it.
"""

import io
import lzma
import os
import sys
import tarfile
from pathlib import Path

PRESET = 9 | lzma.PRESET_EXTREME  # a second for ten megabytes, once


def packed(archive):
    """The bytes of each file of the archive by name; none where there is no archive."""
    if not archive.exists():
        return {}
    with tarfile.open(archive, "r:xz") as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar if entry.isfile()}


def pack(report):
    folder, archive = Path(report) / "raw", Path(report) / "raw.tar.xz"
    plain = sorted(folder.glob("*.jsonl"))
    if not plain:
        return
    files = packed(archive) | {f"raw/{file.name}": file.read_bytes() for file in plain}
    unfinished = archive.with_name(archive.name + ".part")
    with tarfile.open(unfinished, "w:xz", preset=PRESET, format=tarfile.USTAR_FORMAT) as tar:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)  # of root, of 1970, readable by all
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    os.replace(unfinished, archive)
    for file in plain:
        file.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit(__doc__)
    pack(sys.argv[1])
