"""Words that the field has a name for: the old ones do not come back.

An old flag, field or path that still works says so: a line is let through if it, or the line above it, says
"old name". docs/decisions may quote old words `in backticks`, and CHANGELOG.md is history."""

import re
from typing import NamedTuple

FOLDERS = ("src/", "include/", "tests/", "bench/", "fuzz/", "examples/", "tools/")
# This list, and its test, which must write the words.
EXEMPT = ("CHANGELOG.md", "tools/structure/old_words.py", "tests/setup/structure_words_test.py")
MAY_QUOTE = "docs/decisions/"
SAYS_OLD = re.compile(r"\bold name", re.IGNORECASE)


class OldWord(NamedTuple):
    stem: str  # in every match, in lower case: a file without it need not be searched
    pattern: re.Pattern
    now: str
    but_in: tuple = ()  # where the word means something else: beginnings of paths


def word(stem, endings, now, but_in=()):
    """A word alone or as a part of snake_case and CamelCase, with each of the endings, of which "" is one."""
    ends = "|".join(endings)
    pattern = rf"(?:(?<![A-Za-z]){stem}|{stem.capitalize()})(?:{ends})(?![a-z])"
    return OldWord(stem, re.compile(pattern), now, but_in)


def phrase(stem, pattern, now, but_in=()):
    return OldWord(stem, re.compile(pattern), now, but_in)


def type_name(name, now):
    """A class where code uses it as one, and not an English word that begins a sentence."""
    used = rf"\b\w*{name}(?=::|[&*]+ ?[a-z=]|[&*]?>|\((?:const )?[A-Z]| [a-z_]+[;({{=])"
    return phrase(name.lower(), rf"\b(?:class|struct) \w*{name}\b|{used}", now)


OLD_WORDS = [
    word("seat", ["", "s", "ed"], "slot"),
    word("sitting", ["", "s"], "slot task"),
    phrase("sit", r"sit_down|\bsits? down", "acquire a slot"),
    phrase("prompt", r"read_prompt|ReadPrompt", "prefill_prompt"),
    word("wish", ["", "es", "ed"], "submit, or options"),
    word("parted", [""], "diverged"),
    word("gaze", ["", "s"], "attention summary"),
    phrase("tells_attention", r"tells_attention", "has_attention"),
    word("breath", ["e", "es", "ed", "ing"], "yield"),
    type_name("Answering", "RequestRun"),
    phrase("answering", r"\b(?:relay_)?answering(?:_with_others|_embeddings|_prefixes)?\.(?:cc|h)\b", "request_run"),
    phrase("answer_with_others", r"answer_with_others", "coalesced"),
    phrase("taken_over", r"taken_over", "joined"),
    word("board", ["", "s", "ed", "ing"], "join", ("tests/http/",)),
    word("landed", [""], "joined, or Shared"),
    word("shelf", [""], "LevelIndex, PictureSet or ThumbnailCache"),
    word("shelve", ["s"], "LevelIndex, PictureSet or ThumbnailCache"),
    word("ledger", ["", "s"], "budget core"),
    word("departed", [""], "deferred frees; of what left a policy: evicted, ghost"),
    type_name("Places", "Semaphore"),
    phrase("places", r"base/places\b|\bplaces\.h", "Semaphore"),
    phrase("try_take", r"try_take", "try_acquire"),
    phrase("subject", r"(?:(?<![A-Za-z])subject|Subject)s?(?![a-z])(?! line| to\b)", "target"),
    word("asker", ["", "s"], "client"),
    word("afresh", [""], "no_cache_read, or anew"),
    phrase("forget", r"\b[Ff]orget(?:_\w+|[A-Z]\w*)?\(|forget_idle", "purge",
           ("src/cache/", "tests/cache/", "src/serve/dashboard/")),
    phrase("forgetting", r"\bforgetting(?:\.cc|_test)", "purge"),
    phrase("look", r"(?<![A-Za-z])look[_ ]ahead|lookAhead|looked ahead|looked at ahead", "warm"),
    phrase("recent", r"recent_looks|RecentLooks|recentLooks", "recent_requests"),
    phrase("cache/looks", r"cache/looks", "/v1/cache/requests"),
    phrase("look_bench", r"look_bench", "encode_bench"),
    phrase("name_tile", r"name_tile", "hash_tile"),
    phrase("name_ms", r"(?<![A-Za-z_])name_ms", "hash_ms"),
    phrase("who leaves", r"[Ww]ho leaves", "the eviction victim"),
    phrase("picture", r"picture_book|PictureBook", "source_aliases"),
    phrase("prefix", r"prefix_chain|PrefixChain", "prefix_hashes"),
    phrase("chain_t", r"chain_(?:token|tile)", "hash_token, hash_tile"),
]


def searched(house):
    for name in house.texts:
        if (name.startswith(FOLDERS) or name.endswith(".md")) and name not in EXEMPT:
            yield name


def in_text(name, text, old):
    """Each match, with the number of its line."""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if old.stem not in line.lower():
            continue
        if any(SAYS_OLD.search(near) for near in lines[max(0, number - 2):number]):
            continue
        said = re.sub(r"`[^`]*`", "``", line) if name.startswith(MAY_QUOTE) else line
        for found in old.pattern.finditer(said):
            yield number, found[0]


def old_words(house):
    for name in searched(house):
        text = house.text(name)
        lower_name, lower_text = name.lower(), text.lower()
        for old in OLD_WORDS:
            if name.startswith(old.but_in):
                continue
            if old.stem in lower_name and (found := old.pattern.search(name)):
                yield f"{name}: the file's name says \"{found[0]}\"; say: {old.now}"
            if old.stem in lower_text:
                for number, found in in_text(name, text, old):
                    yield f"{name}:{number}: \"{found}\" is an old word; say: {old.now}"
