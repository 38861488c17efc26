"""Files and folders: each file is compiled or included, its name says something, and its folder is small."""

import re
from collections import Counter
from pathlib import Path

PUBLIC_HEADERS_MAX = 12
FILES_IN_A_FOLDER_MAX = 30

EMPTY_NAMES = {"utils", "util", "common", "manager", "helper", "helpers", "misc", "impl"}


def unregistered_sources(house):
    """Each source must be named in the CMakeLists.txt of its folder or of a folder above it."""
    words = {}
    for name in house.texts:
        if name.endswith("CMakeLists.txt"):
            words[name] = set(re.split(r"[\s()]+", re.sub(r"#.*", "", house.text(name))))
    for name in house.files:
        if not name.endswith(".cc") or name.startswith("include/"):
            continue
        folders = [folder.as_posix() for folder in list(Path(name).parents)[:-1]]
        if not any(name.removeprefix(folder + "/") in words.get(folder + "/CMakeLists.txt", ()) for folder in folders):
            yield f"{name}: no CMakeLists.txt names it, so it is never compiled"


def dead_headers(house):
    used = {house.included_file(name, spelled) for name in house.files for spelled, _ in house.includes[name]}
    for name in house.files:
        if name.endswith(".h") and not name.startswith("include/") and name not in used:
            yield f"{name}: nothing includes it"


def empty_names(house):
    for name in house.files:
        words = {word for part in name.split("/")[1:] for word in re.split(r"[_.]", part)}
        for word in sorted(words & EMPTY_NAMES):
            yield f"{name}: \"{word}\" says nothing; name it after its concept"


def public_headers(house):
    count = len(house.under("include/fovea", ".h"))
    if count > PUBLIC_HEADERS_MAX:
        yield f"include/fovea: {count} public headers; at most {PUBLIC_HEADERS_MAX}, so that one can read them all"


def crowded_folders(house):
    counts = Counter(Path(name).parent.as_posix() for name in [*house.under("src"), *house.under("tests")])
    for folder, count in sorted(counts.items()):
        if count > FILES_IN_A_FOLDER_MAX:
            yield f"{folder}: {count} sources and headers; at most {FILES_IN_A_FOLDER_MAX}; divide it by concept"
