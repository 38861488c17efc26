"""The scenario of many clients: one system answers a list of requests, and then the other does, both from cold."""

import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from prompts import QUESTIONS, SYSTEMS, picture_first, question, text_first, under_system
from results import show

ZIPF_EXPONENT = 1.2
REPEATS_EVERY = 5  # one request in five repeats an earlier one
THROUGHPUT_AIM = (">=", 2.0)


def crowd_requests(seed, count, pictures):
    """`count` requests about `pictures`, of which the first is the most popular. Only the repeats are equal."""
    dice = random.Random(f"{seed}/crowd")
    weights = [1 / (rank + 1) ** ZIPF_EXPONENT for rank in range(len(pictures))]
    questions = {picture: dice.sample(range(QUESTIONS), QUESTIONS) for picture in pictures}
    requests = []
    for number in range(count):
        if number % REPEATS_EVERY == REPEATS_EVERY - 1:
            requests.append(dice.choice(requests))
            continue
        picture = dice.choices(pictures, weights)[0]
        text = question(questions[picture].pop() if questions[picture] else dice.randrange(QUESTIONS))
        requests.append(dice.choice([
            lambda: picture_first(picture, text),
            lambda: text_first(picture, text),
            lambda: under_system(dice.choice(SYSTEMS), picture, text),
        ])())
    return requests


def answer_all(open_system, requests, clients, warm_up):
    """The answers, in order, and the seconds that all of them took. A free client takes the next request."""
    # The system ends first, so that clients which still wait for an answer end as well.
    with ThreadPoolExecutor(clients) as pool, open_system() as system:
        system.ask(warm_up)
        began = time.perf_counter()
        answers = [pool.submit(system.ask, request) for request in requests]
        try:
            for done, answer in enumerate(as_completed(answers), 1):
                show(f"crowd: {system.name}, {done} of {len(requests)}")
                answer.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [answer.result() for answer in answers], time.perf_counter() - began


def crowd(kinds, setup, pictures, results, count, picture_count, seed):
    names = [pictures.path(f"crowd-{i}") for i in range(picture_count)]
    requests = crowd_requests(seed, count, names)
    warm_up = picture_first(pictures.path("other-0"), question(0))
    answers, seconds = {}, {}
    for kind in kinds:
        answers[kind.name], seconds[kind.name] = answer_all(lambda: kind(setup), requests, setup.clients, warm_up)
    show()
    for number in range(count):
        results.keep("crowd", "request", number, {name: each[number] for name, each in answers.items()})
    report(results, answers, {name: count / taken for name, taken in seconds.items()}, setup, picture_count)


def report(results, answers, per_second, setup, picture_count):
    fovea, server = answers["Fovea"], answers["llama-server"]
    results.add_row("crowd", "throughput", "/s", per_second["Fovea"], per_second["llama-server"], THROUGHPUT_AIM,
                    equal=sum(a.text == b.text for a, b in zip(fovea, server)), answers=len(fovea))
    for percent in (50, 95):
        results.add_row("crowd", f"latency, p{percent}", "ms",
                        *(percentile([answer.total_ms for answer in each], percent) for each in (fovea, server)))
    results.remark("crowd", f"{len(fovea)} requests over {picture_count} pictures, {setup.clients} clients; Zipf "
                            f"{ZIPF_EXPONENT}, one in {REPEATS_EVERY} an exact repeat; each system alone, from cold")
    hits = [sum(answer.levels.split()[level] == "hit" for answer in fovea) for level in range(3)]
    results.remark("crowd", "Fovea's hits: {} responses, {} prefixes, {} embeddings".format(*hits))
    for name, each in answers.items():
        results.remark("crowd", f"{name}: {sum(answer.cached_tokens for answer in each):,} of "
                                f"{sum(answer.prompt_tokens for answer in each):,} prompt tokens not prefilled")
    results.print("crowd")


def percentile(values, percent):
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
