"""The rooms of src/: which there are, which may include which, and which may include which foreign library."""

import re
from pathlib import Path

# Each room may include itself and rooms of a lower floor. Rooms on one floor do not see each other.
FLOORS = [
    {"base"},
    {"cache"},
    {"image", "http", "attention", "near", "trace", "store"},
    {"engine", "prefetch", "replay", "tier", "video"},
    {"pipeline"},
    {"workload", "report"},
    {"bench", "profile"},
    {"audit"},
    {"cluster", "serve"},
    {"app"},
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Foreign headers, by how they begin, and the only folders under src/ that may include them.
LLAMA_PARTS = ("decode", "decode/states", "draft", "gguf", "grammar", "synth", "template", "vision", "vocabulary", "onednn")
LLAMA = {"engine/llama", *(f"engine/llama/{part}" for part in LLAMA_PARTS)}
FOREIGN = {
    r"(llama|mtmd|ggml|gguf)[-_.]": LLAMA,
    r"dnnl\.hpp": {"engine/llama/onednn"},
    r"minja/": {"engine/llama/template"},
    r"nlohmann/": {"engine/llama/grammar", "engine/llama/grammar/schema", "engine/llama/template", "engine/tools"},
    r"vips/": {"image"},
    r"(jpeglib|jerror)\.h": {"image"},
    r"lib(av|sw)[a-z]+/": {"video"},
    r"blake3\.h": {"base"},
    r"CLI/": {"app", "app/cache", "app/flags", "app/warming"},
    r"glaze/": {
        "app", "app/flags", "app/output", "bench", "cluster", "cluster/file", "engine/upstream", "profile", "serve/wire",
        "trace", "workload",
    },
    r"simdjson\.h": {"audit/log/entry", "serve/wire"},
    r"simdutf\.h": {"engine/upstream", "image"},
    r"prometheus/": {"serve"},
    r"toml\+\+/": {"serve"},
    r"(zlib|zstd)\.h": {"serve/http"},
    r"spdlog/": {"app/server", "serve", "serve/audit", "serve/http", "serve/relay"},
    r"systemd/": {"app/server"},
    r"boost/": {"audit/prompts", "audit/reuse", "audit/spoilers", "bench", "cache", "cache/policy", "report", "serve/http", "serve/http/connection", "serve/http/message"},
    r"csv\.h": {"trace"},
    r"archive(_entry)?\.h": {"bench"},
    r"curl/": {"http"},
    r"rocksdb/": {"tier/rocksdb"},
    r"hiredis/": {"tier/valkey/wire"},
    r"openssl/": {"serve/http/tls", "tier/valkey/wire"},
    r"sodium\.h": {"tier/encryption"},
    r"(simgrid|xbt)/": {"cluster/network"},
}
FOLDERS_NAMED = sorted(set(FLOOR_OF).union(*FOREIGN.values()))

# A public header belongs to the room that has a source of its name. One without a source has its room here.
PUBLIC_ROOM = {"version": "base"}

PLAN = "tools/structure/rooms.py"


def room_of(house, name):
    """The room of a file of src/ or include/; None for a public header of no known room."""
    parts = name.split("/")
    if parts[0] == "src":
        return parts[1]
    stem = Path(name).stem
    rooms = house.rooms_of_stem(stem)
    return PUBLIC_ROOM.get(stem) or (next(iter(rooms)) if len(rooms) == 1 else None)


def unknown_rooms(house):
    rooms = {name.split("/")[1] for name in house.under("src")}
    for room in sorted(rooms - set(FLOOR_OF)):
        yield f"src/{room}: the plan has no room \"{room}\" (FLOORS in {PLAN})"
    for name in house.under("include"):
        if room_of(house, name) is None:
            yield f"{name}: no room, or more than one, has a source of this name; say in {PLAN} where it belongs"


def missing_rooms(house):
    for folder in FOLDERS_NAMED:
        if not house.under(f"src/{folder}"):
            yield f"src/{folder}: the plan names this folder, but it has no sources ({PLAN})"


def upward_includes(house):
    for name in [*house.under("src"), *house.under("include")]:
        room = room_of(house, name)
        for spelled, line in house.includes[name]:
            target = house.included_file(name, spelled)
            if target is None:
                continue
            if name.startswith("include/") and not target.startswith("include/"):
                yield f"{name}:{line}: includes {spelled}, which is not installed with it"
            below = room_of(house, target)
            if room == below or room not in FLOOR_OF or below not in FLOOR_OF:
                continue
            if FLOOR_OF[below] >= FLOOR_OF[room]:
                yield f"{name}:{line}: includes {spelled}; {room} does not stand on {below}"


def foreign_headers(house):
    for name in [*house.under("src"), *house.under("include")]:
        folder = Path(name).parent.as_posix().removeprefix("src/")
        for spelled, line in house.includes[name]:
            if house.included_file(name, spelled):
                continue
            for pattern, owners in FOREIGN.items():
                if re.match(pattern, spelled) and folder not in owners:
                    yield f"{name}:{line}: includes <{spelled}>, which only {' and '.join(sorted(owners))} may"
