"""The tests' mirror: src/a/b.cc has tests/a/b_test.cc, or tests/a/b_test.py where a program is tested from
outside. A source that another test covers is listed in tests/covered_by.txt, a line each:

    src/a/b.cc tests/c/d_test.cc  # why it has no test of its own

A test has a source of its name, or is of a kind that belongs to a whole room."""

import re
from fnmatch import fnmatchcase

from structure.mentions import Mentions

LIST = "tests/covered_by.txt"
LINE = re.compile(r"(\S+)\s+(\S+)\s+#\s*(\S.*)")
CANDIDATES_MAX = 4

# Tests of what no single source does, by their names without "_test".
WHOLE_ROOM = {
    "attention": "what the decoder's attention is from the model's files to the answer",
    "bit_identity": "an answer with the cache against one without, through every level",
    "bounds": "replay's bounds held against each other",
    "*conformance": "one suite for every implementation of an interface",
    "*corpus": "the fuzz targets' corpus through the decoders, in every build",
    "*crowd": "random requests at the same time",
    "disk_faults": "a disk where the machine does what it should not",
    "*drafted_answers": "answers with drafts beside the same answers without, through the decoder",
    "drafts_pay": "what drafts gain and lose with the step times of known machines",
    "drafts": "what an answer is drafted from, through a pipeline",
    "frames_model": "random exact and near requests of several tenants through a pipeline, beside what each may say",
    "hit_ratio": "all policies against the best possible one",
    "in_flight": "requests at the same time, each step held by a gate",
    "incident": "what went wrong in other caches",
    "*level_checker": "a history of concurrent calls that must have an order",
    "injection": "control tokens that clients write, through whole engines and servers",
    "moving_scene": "the frames of a video through every level, against the answer without a cache",
    "mutilated": "damaged model files through the whole loader",
    "pipeline_prefetch": "a session in front of a pipeline with a tier, as far as its next pictures are in memory",
    "pipeline_purge": "purging, which reaches every level of a pipeline",
    "published_templates": "conversations through chat templates as published models have them",
    "purged_elsewhere": "what one process purges, in the stores of another one",
    "real_tiers": "random operations of a store over a real disk and real servers",
    "refusal": "damaged images through the whole decoder",
    "sharded_loss": "a sharded level against a policy that sees every access",
    "tiered_store_model": "random operations of a store over a faulty tier, beside a plain map",
}



def own_tests(house, source):
    stem = source.removeprefix("src/").removesuffix(".cc")
    return [test for test in (f"tests/{stem}_test.cc", f"tests/{stem}_test.py") if test in house.tests]


def covered_by(house):
    """The list, line by line: number, source, test; source and test are None where a line has another form."""
    path = house.checkout / LIST
    for number, line in enumerate(path.read_text("utf-8").splitlines() if path.is_file() else [], 1):
        if line.strip() and not line.startswith("#"):
            said = LINE.fullmatch(line.strip())
            yield number, *((said[1], said[2]) if said else (None, None))


def mentions_in(house):
    listed = {source: [test] for _, source, test in covered_by(house)}
    return Mentions(house, lambda source: own_tests(house, source) or listed.get(source, []))


def wrong_lines(house):
    mentions = mentions_in(house)
    seen = set()
    for number, source, test in covered_by(house):
        where = f"{LIST}:{number}"
        if source is None:
            yield f"{where}: not of the form: src/a/b.cc tests/c/d_test.cc  # why"
        elif source not in house.under("src", ".cc"):
            yield f"{where}: there is no {source}"
        elif source in seen:
            yield f"{where}: {source} is listed twice"
        elif own := own_tests(house, source):
            yield f"{where}: {source} has a test of its own, {own[0]}"
        elif test not in house.tests:
            yield f"{where}: there is no test {test}"
        elif mentions.of(source, test) is None:
            yield f"{where}: nothing in {test} shows that it covers {source} (tools/structure/mentions.py)"
        seen.add(source)


def uncovered_sources(house):
    listed = {source for _, source, _ in covered_by(house)}
    return [name for name in house.under("src", ".cc") if name not in listed and not own_tests(house, name)]


def missing_tests(house):
    for source in uncovered_sources(house):
        stem = source.removeprefix("src/").removesuffix(".cc")
        yield f"{source}: no tests/{stem}_test.cc; write it, or say in {LIST} which test covers the source"


def orphaned_tests(house):
    for test in house.tests:
        if not test.endswith("_test.cc"):
            continue
        stem = test.removeprefix("tests/").removesuffix("_test.cc")
        room, name = stem.split("/")[0], stem.split("/")[-1]
        if any(fnmatchcase(name, kind) for kind in WHOLE_ROOM):
            continue
        tested = [f"{folder}/{stem}{suffix}" for folder in ("src", "tests") for suffix in (".cc", ".h")]
        public = f"include/fovea/{name}.h" in house.includes and room in house.rooms_of_stem(name)
        if not public and not any(file in house.includes for file in tested):
            yield f"{test}: no src/{stem}.cc, and no such kind of test in WHOLE_ROOM (tools/structure/mirror.py)"


def suggestions(house):
    """Lines for the list: for each uncovered source the likeliest test, and below it others that may cover it."""
    mentions = mentions_in(house)
    for source in uncovered_sources(house):
        found = [(test, evidence) for test in house.tests if (evidence := mentions.of(source, test))]
        room = source.split("/")[1]
        found.sort(key=lambda one: (-one[1].weight() - (one[0].split("/")[1] == room), one[0]))
        for at, (test, evidence) in enumerate(found[:CANDIDATES_MAX]):
            yield f"{'' if at == 0 else '#   or '}{source} {test}  # {evidence}"
        if not found:
            yield f"# {source}: nothing shows that a test covers it"
