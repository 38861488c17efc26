#!/usr/bin/env python3
"""Checks that the house stands as docs/ARCHITECTURE.md draws it: check_structure.py [CHECKOUT]

Fails, with a line for each fault, on a source no CMakeLists.txt names, on a private header nobody includes, on an include that
points up the rooms, on a foreign library's header outside the one folder that wraps it, on a name that says nothing, and
on too many public headers. Reads text only: it needs no compiler and no build tree.
"""

import posixpath
import re
import sys
from pathlib import Path

# Each room may include itself and rooms of a lower floor. Rooms on one floor do not see each other.
FLOORS = [
    {"base"},
    {"cache"},
    {"image", "http", "attention", "tier", "trace"},
    {"engine"},
    {"pipeline"},
    {"eval", "sim"},
    {"serve"},
    {"app"},
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Foreign headers, by how they begin, and the only folders under src/ that may include them.
FOREIGN = {
    r"(llama|mtmd|ggml|gguf)[-_.]": {"engine/llama"},
    r"minja/": {"engine/llama"},
    r"nlohmann/": {"engine/llama"},
    r"vips/": {"image"},
    r"blake3\.h": {"base"},
    r"CLI/": {"app"},
    r"glaze/": {"app", "engine/upstream", "eval", "serve", "serve/wire", "trace"},
    r"(drogon|trantor)/": {"serve"},
    r"simdjson\.h": {"serve/wire"},
    r"simdutf\.h": {"engine/upstream", "serve/wire"},
    r"prometheus/": {"serve"},
    r"toml\+\+/": {"serve"},
    r"spdlog/": {"app", "serve"},
    r"systemd/": {"app"},
    r"boost/": {"cache", "cache/policy", "eval"},
    r"csv\.h": {"trace"},
    r"archive(_entry)?\.h": {"bench"},
    r"curl/": {"http"},
}

# A public header belongs to the room that has a source of its name. One without a source says here where it belongs.
PUBLIC_ROOM = {"version": "base"}
PUBLIC_HEADERS_MAX = 12

EMPTY_NAMES = {"utils", "util", "common", "manager", "helper", "helpers", "misc", "impl"}
SOURCE_FOLDERS = ("src", "tests", "bench", "fuzz")
# Projects of their own that stand in for somebody else's.
FOREIGN_PROJECTS = ("tests/install",)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


class House:
    """The files of a checkout, and what each includes. Paths are relative, with forward slashes."""

    def __init__(self, checkout):
        self.checkout = Path(checkout)
        folders = [self.checkout / folder for folder in (*SOURCE_FOLDERS, "include")]
        files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in (".cc", ".h")]
        names = [path.relative_to(self.checkout).as_posix() for path in files]
        self.files = [name for name in names if not name.startswith(FOREIGN_PROJECTS)]
        self.includes = {name: INCLUDE.findall((self.checkout / name).read_text("utf-8")) for name in self.files}

    def under(self, folder, suffix):
        return [name for name in self.files if name.startswith(folder + "/") and name.endswith(suffix)]

    def room_of(self, name):
        """The room of a file of src/ or include/; None for a public header of no known room."""
        parts = name.split("/")
        if parts[0] == "src":
            return parts[1]
        stem = Path(name).stem
        rooms = {source.split("/")[1] for source in self.under("src", ".cc") if Path(source).stem == stem}
        return PUBLIC_ROOM.get(stem) or (rooms.pop() if len(rooms) == 1 else None)

    def included_file(self, includer, spelled):
        """The file of this house that an include names, or None if it is foreign."""
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(includer), spelled))
        for candidate in (beside, "src/" + spelled, "include/" + spelled, "tests/" + spelled):
            if candidate in self.includes:
                return candidate
        return None


def unregistered_sources(house):
    """Each source must be named in the CMakeLists.txt of its folder or of a folder above it."""
    for name in house.files:
        if not name.endswith(".cc") or name.startswith("include/"):
            continue
        for folder in list(Path(name).parents)[:-1]:
            cmake = house.checkout / folder / "CMakeLists.txt"
            spelled = Path(name).relative_to(folder).as_posix()
            text = re.sub(r"#.*", "", cmake.read_text("utf-8")) if cmake.is_file() else ""
            if spelled in re.split(r"[\s()]+", text):
                break
        else:
            yield f"{name}: no CMakeLists.txt names it, so it is never compiled"


def dead_headers(house):
    used = {house.included_file(name, spelled) for name in house.files for _, spelled in house.includes[name]}
    for name in house.files:
        if name.endswith(".h") and not name.startswith("include/") and name not in used:
            yield f"{name}: nothing includes it"


def unknown_rooms(house):
    for name in [*house.under("src", ""), *house.under("include", "")]:
        room = house.room_of(name)
        if room is None:
            yield f"{name}: no room has a source of this name; say in tools/check_structure.py where it belongs"
        elif room not in FLOOR_OF:
            yield f"{name}: there is no room \"{room}\" in the plan (FLOORS in tools/check_structure.py)"


def upward_includes(house):
    for name in [*house.under("src", ""), *house.under("include", "")]:
        room = house.room_of(name)
        for _, spelled in house.includes[name]:
            target = house.included_file(name, spelled)
            if target is None:
                continue
            if name.startswith("include/") and not target.startswith("include/"):
                yield f"{name}: includes {spelled}, which is not installed with it"
            below = house.room_of(target)
            if room == below or room not in FLOOR_OF or below not in FLOOR_OF:
                continue
            if FLOOR_OF[below] >= FLOOR_OF[room]:
                yield f"{name}: includes {spelled}; {room} does not stand on {below}"


def foreign_headers(house):
    for name in [*house.under("src", ""), *house.under("include", "")]:
        folder = Path(name).parent.as_posix().removeprefix("src/")
        for _, spelled in house.includes[name]:
            if house.included_file(name, spelled):
                continue
            for pattern, owners in FOREIGN.items():
                if re.match(pattern, spelled) and folder not in owners:
                    yield f"{name}: includes <{spelled}>, which only {' and '.join(sorted(owners))} may"


def empty_names(house):
    for name in house.files:
        words = {word for part in name.split("/")[1:] for word in re.split(r"[_.]", part)}
        for word in sorted(words & EMPTY_NAMES):
            yield f"{name}: \"{word}\" says nothing; name it after its concept"


def public_headers(house):
    count = len(house.under("include/fovea", ".h"))
    if count > PUBLIC_HEADERS_MAX:
        yield f"include/fovea: {count} public headers; at most {PUBLIC_HEADERS_MAX}, so that a newcomer can read them all"


CHECKS = [
    unregistered_sources,
    dead_headers,
    unknown_rooms,
    upward_includes,
    foreign_headers,
    empty_names,
    public_headers,
]


def faults_of(checkout):
    house = House(checkout)
    if not house.files:
        return [f"{checkout}: no sources here"]
    return [fault for check in CHECKS for fault in check(house)]


def main():
    checkout = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    faults = faults_of(checkout)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
