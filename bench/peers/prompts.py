"""The requests: their shapes, and as many questions and long texts as the scenarios need."""

import random

ANSWER_TOKENS = 20
SYSTEMS = [
    "You describe pictures to people who cannot see them.",
    "You are a terse inspector of drawings. Answer in few words.",
    "You help children learn the names of colours and shapes.",
    "You check whether pictures fit their captions.",
    "You answer in plain English and never guess.",
]
THINGS = ["circle", "square", "line", "stripe", "dot", "corner", "wave", "shadow", "border", "patch", "box", "bar"]
PLACES = ["at the top", "at the bottom", "on the left", "on the right", "in the middle", "nearest to the edge",
          "below the others", "above the others"]
ASPECTS = ["What color is", "How large is", "What lies next to", "What is inside"]
QUESTIONS = len(THINGS) * len(PLACES) * len(ASPECTS)


def question(number):
    """One of QUESTIONS questions. Different numbers give different questions."""
    number, aspect = divmod(number % QUESTIONS, len(ASPECTS))
    place, thing = divmod(number, len(THINGS))
    return f"{ASPECTS[aspect]} the {THINGS[thing]} {PLACES[place]}?"


def long_text(words, seed):
    """A text of `words` words. Two seeds differ from the first word on."""
    dice = random.Random(seed)
    return " ".join(dice.choice(THINGS + PLACES + ASPECTS) + str(dice.randrange(100)) for _ in range(words))


def asked(*messages, tokens=ANSWER_TOKENS):
    return {"messages": [{"role": role, "parts": parts} for role, parts in messages], "max_tokens": tokens}


def picture_first(picture, text):
    return asked(("user", [{"image": picture}, {"text": text}]))


def text_first(picture, text):
    return asked(("user", [{"text": text}, {"image": picture}]))


def under_system(system, picture, text):
    return asked(("system", [{"text": system}]), ("user", [{"image": picture}, {"text": text}]))


def two_pictures(first, second, text):
    return asked(("user", [{"image": first}, {"image": second}, {"text": text}]))


def text_only(text, tokens=ANSWER_TOKENS):
    return asked(("user", [{"text": text}]), tokens=tokens)
