# SPDX-License-Identifier: Apache-2.0
"""Which of a picture's visual tokens are kept: the choices that docs/results/approximate/rules.md compares. Pure functions.

A choice is the sorted array of kept tokens. Ties go to the lower token, so a choice depends on its arguments alone.
The last token of a picture is in every choice, and counts as one of those kept: libllama computes a token behind a
state only where its position follows the last one that the state holds.
"""
import numpy as np

ALPHA = 0.7  # of the paper's equation 3, as in include/fovea/coherence.h
SIDE = 8  # the bundled model's tokens lie on a grid of SIDE x SIDE


def kept_count(share, tokens):
    return max(1, round(share * tokens))


def looked_at(attention, layers):
    """[questions, tokens] from attention [questions, layers, tokens]: each question's shares sum to 1."""
    of_layers = attention[:, layers].astype(float).mean(1)
    return of_layers / of_layers.sum(1, keepdims=True)


def merged_by_mean(looks):
    return looks.mean(0)


def merged_by_equation_3(looks):
    """m(t+1) = ALPHA m(t) + (1 - ALPHA) max over the questions so far, for each token; starts with the first question."""
    memory, most = looks[0].copy(), looks[0].copy()
    for look in looks[1:]:
        most = np.maximum(most, look)
        memory = ALPHA * memory + (1 - ALPHA) * most
    return memory


def highest(scores, count):
    """The `count` tokens with the highest scores, of which the last token is one."""
    scores = np.array(scores, float)
    scores[-1] = np.inf
    return np.sort(np.argsort(-scores, kind="stable")[:count])


def spread_over(embedding, count, chosen=()):
    """`chosen` and further tokens up to `count`, each the one whose embedding is least like those so far (cosine)."""
    unit = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    chosen = list(chosen) or [len(unit) - 1]
    nearest = (unit @ unit[chosen].T).max(1)
    while len(chosen) < count:
        nearest[chosen] = np.inf
        token = int(np.argmin(nearest))
        chosen.append(token)
        nearest = np.maximum(nearest, unit @ unit[token])
    return np.sort(np.array(chosen))


def spread_over_grid(count, chosen=()):
    """The same by distance on the grid: each further token is the one that lies farthest from those so far."""
    at = np.stack(np.divmod(np.arange(SIDE * SIDE), SIDE), 1).astype(float)
    chosen = list(chosen) or [SIDE * SIDE - 1]
    nearest = ((at[:, None] - at[chosen][None]) ** 2).sum(2).min(1)
    while len(chosen) < count:
        nearest[chosen] = -1
        token = int(np.argmax(nearest))
        chosen.append(token)
        nearest = np.minimum(nearest, ((at - at[token]) ** 2).sum(1))
    return np.sort(np.array(chosen))


def remembered(scores, embedding, share, diverse, over="embedding"):
    """The tokens with the highest scores, and the part `diverse` of all kept ones for diversity."""
    count = kept_count(share, len(scores))
    by_score = highest(scores, max(1, count - round(diverse * count)))
    if over == "grid":
        return spread_over_grid(count, by_score)
    return spread_over(embedding, count, by_score)


def every_nth(share, tokens):
    count = kept_count(share, tokens)
    return np.ceil((np.arange(count) + 1) * tokens / count).astype(int) - 1


def at_random(share, tokens, rng):
    return np.array(sorted(rng.sample(range(tokens - 1), kept_count(share, tokens) - 1)) + [tokens - 1])


def as_text(chosen, tokens):
    kept = np.full(tokens, "0")
    kept[chosen] = "1"
    return "".join(kept)
