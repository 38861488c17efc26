# SPDX-License-Identifier: Apache-2.0
"""The model's byte-level BPE: every word of the question language is one token, any other text falls back to bytes.

It is a GPT-2 style vocabulary (llama.cpp: tokenizer model `gpt2`, pre-tokenizer `gpt-2`), built from the question
generator's own output, so it always fits the questions.
"""
import json
import random
import re
from collections import Counter

import questions
import scenes

END_OF_TEXT, USER, ASSISTANT, END, SYSTEM = SPECIAL = ["<|endoftext|>", "<|user|>", "<|assistant|>", "<|end|>", "<|system|>"]
VOCAB_MULTIPLE = 32
NORMAL, CONTROL = 1, 3  # GGUF token types

# How the template lays out a conversation. It is the form that llama.cpp knows as Phi-3, so that its built-in
# renderer (llama_chat_apply_template) and a Jinja renderer agree to the byte.
CHAT_TEMPLATE = ("{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}"
                 "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}")

_WORD = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def _byte_letters():
    """GPT-2's letter for each byte."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters = {b: chr(b) for b in printable}
    for b in range(256):
        if b not in letters:
            letters[b] = chr(256 + len(letters) - len(printable))
    return letters


BYTE_LETTERS = _byte_letters()
LETTER_BYTES = {letter: byte for byte, letter in BYTE_LETTERS.items()}


def _letters(text):
    return "".join(BYTE_LETTERS[b] for b in text.encode())


class Tokenizer:
    """Text to token ids and back. `pieces`, `types` and `merges` go into the GGUF file as they are."""

    def __init__(self, vocabulary):
        self.pieces, self.types = vocabulary["pieces"], vocabulary["types"]
        self.merges = [tuple(pair) for pair in vocabulary["merges"]]
        self.ids = {piece: i for i, piece in enumerate(self.pieces)}
        self._rank = {pair: i for i, pair in enumerate(self.merges)}
        self._cache = {}

    @staticmethod
    def load(path):
        with open(path) as file:
            return Tokenizer(json.load(file))

    def save(self, path):
        with open(path, "w") as file:
            json.dump({"pieces": self.pieces, "types": self.types, "merges": self.merges}, file)

    def word(self, word):
        """The ids of one pre-tokenized word."""
        ids = self._cache.get(word)
        if ids is None:
            parts = list(_letters(word))
            while len(parts) > 1:
                best = min(range(len(parts) - 1), key=lambda i: self._rank.get((parts[i], parts[i + 1]), 1 << 30))
                if (parts[best], parts[best + 1]) not in self._rank:
                    break
                parts[best:best + 2] = [parts[best] + parts[best + 1]]
            ids = [self.ids[p] for p in parts]
            if len(self._cache) < 200_000:
                self._cache[word] = ids
        return ids

    def encode(self, text):
        """The ids of `text`, which holds no special tokens."""
        return [i for word in _WORD.findall(text) for i in self.word(word)]

    def encode_marked(self, text):
        """(ids, bits): `bits` holds, on the last token of a mention, the things it names."""
        text, mentions = questions.split_mentions(text)
        ids, bits = [], []
        for match in _WORD.finditer(text):
            word = self.word(match.group())
            ids += word
            bits += [0] * len(word)
            for end, things in mentions:
                if match.end() == end:
                    bits[-1] = things
        return ids, bits

    def decode(self, ids):
        """The text of `ids` without special tokens."""
        letters = "".join(self.pieces[i] for i in ids if self.types[i] == NORMAL)
        return bytes(LETTER_BYTES[c] for c in letters).decode("utf-8", "replace")


def _language(rng, samples=30_000):
    """How often each pre-tokenized word occurs in questions, answers and system prompts."""
    words = Counter()
    for _ in range(samples):
        asked = questions.ask(scenes.random_scene(rng), rng, ordinal=rng.choice([None, "first", "second"]))
        if asked and asked.kind != "unknown":
            for text in (asked.question, asked.answer):
                words.update(_WORD.findall(questions.plain(text)))
    for text in questions.UNKNOWN_QUESTIONS + [questions.REFUSAL, questions.NO_PICTURE]:
        words.update(_WORD.findall(text))
    for word in {w.strip() for w in words if w.strip().isalpha()}:  # Each as typed anywhere in a sentence.
        for form in (word.lower(), word.capitalize()):
            words[form] += 1
            words[" " + form] += 1
    for text in questions.SYSTEM_PROMPTS:
        words.update(_WORD.findall(text))
    for word in questions.COMMON_WORDS:
        words.update(_WORD.findall(" " + word))
    return words


def build(seed=1):
    """A Tokenizer trained until each word of the language is one token."""
    words = _language(random.Random(seed))
    split = {w: (list(_letters(w)), n) for w, n in words.items() if len(w) > 1}
    merges = []
    while True:
        pairs = Counter()
        for parts, count in split.values():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += count
        if not pairs:
            break
        best = max(sorted(pairs), key=pairs.get)
        merges.append(best)
        for parts, _ in split.values():
            i = 0
            while i < len(parts) - 1:
                if (parts[i], parts[i + 1]) == best:
                    parts[i:i + 2] = [parts[i] + parts[i + 1]]
                i += 1
    pieces = [BYTE_LETTERS[b] for b in range(256)]
    pieces += [p for p in dict.fromkeys(a + b for a, b in merges) if p not in set(pieces)]
    types = [NORMAL] * len(pieces)
    pieces += SPECIAL
    while len(pieces) % VOCAB_MULTIPLE:
        pieces.append(f"<|unused{len(pieces)}|>")
    types += [CONTROL] * (len(pieces) - len(types))
    tokenizer = Tokenizer({"pieces": pieces, "types": types, "merges": merges})
    broken = [w for w in words if len(tokenizer.encode(w)) != 1]
    if broken:
        raise AssertionError(f"words of more than one token: {broken[:10]}")
    return tokenizer
