"""Does a long prompt delay other requests? The scenario of a request that comes during the prefill of a long prompt.

It measures the time to the first text of a short request that comes during the prefill of a long prompt, and the
longest pause between pieces of an answer while a long prompt comes in. Each is compared with the same request alone.
Texts are new every time, so no cache helps either system.
"""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from prompts import long_text, text_only
from results import show

LONG_TOKENS = 2000
CONTEXT_MARGIN = 100  # tokens of the context for the template around a long text, and for the answer
GENERATED_TOKENS = 128
ARRIVES_AT = 0.1  # of the time of the long prompt: its prefill has begun by then
COMES_IN_AT = 0.2  # of the time between the first and the last text of an answer: it is being generated then


class Stall:
    def __init__(self, systems, server, rounds, seed, results):
        self.systems, self.rounds, self.seed, self.results = systems, rounds, seed, results
        self.tokens = min(LONG_TOKENS, server.slot_tokens() - CONTEXT_MARGIN)
        self.words = words_of(server, self.tokens)
        self.texts = 0

    def run(self):
        with ThreadPoolExecutor(1) as beside:
            for number in range(self.rounds):
                for system in self.systems if number % 2 == 0 else self.systems[::-1]:
                    show(f"stall: round {number + 1} of {self.rounds}, {system.name}")
                    self.measure(system, number, beside)
        show()
        self.report()

    def measure(self, system, number, beside):
        def keep(case, answer):
            self.results.keep("stall", case, number, {system.name: answer})

        system.ask(self.short())  # a first one after a pause takes longer
        keep("short alone", system.ask(self.short()))
        long_alone = system.ask(self.long())
        keep("long alone", long_alone)
        writing_alone = system.ask(self.writing())
        keep("writing alone", writing_alone)

        reading = beside.submit(system.ask, self.long())
        time.sleep(ARRIVES_AT * long_alone.first_ms / 1000)
        keep("short beside long", system.ask(self.short()))
        reading.result()

        began = time.perf_counter()
        writing = beside.submit(system.ask, self.writing())
        first, last = writing_alone.first_ms, writing_alone.total_ms
        time.sleep((first + COMES_IN_AT * (last - first)) / 1000)
        came_in_ms = 1000 * (time.perf_counter() - began)
        system.ask(self.long())
        answer = writing.result()
        if answer.token_ms and answer.token_ms[-1] > came_in_ms:  # it was not over by then
            keep("writing beside long", answer)

    def next_text(self, words):
        self.texts += 1
        return long_text(words, f"{self.seed}/stall/{self.texts}")

    def short(self):
        return text_only(self.next_text(4))

    def long(self):
        return text_only(self.next_text(self.words), tokens=1)

    def writing(self):
        return text_only(f"Tell a long story about {self.next_text(2)}.", tokens=GENERATED_TOKENS)

    def report(self):
        for title, case, measure in [
                ("first text of a short request, alone", "short alone", lambda answer: answer.first_ms),
                ("  during the prefill of a long prompt", "short beside long", lambda answer: answer.first_ms),
                ("longest pause in an answer, alone", "writing alone", longest_pause),
                ("  while a long prompt comes in", "writing beside long", longest_pause),
                ("the long prompt alone, to its first text", "long alone", lambda answer: answer.first_ms)]:
            self.add_row(title, case, measure)
        self.results.remark("stall", f"the long prompt is a text of {self.tokens:,} tokens; medians of {self.rounds} "
                                     "rounds")
        self.results.print("stall")

    def add_row(self, title, case, measure):
        medians = []
        for name in ("Fovea", "llama-server"):
            values = [measure(each[name]) for each in self.results.answers("stall", case) if name in each]
            if not values:
                self.results.remark("stall", f"{title.strip()}: not measured, because {name}'s answers end too early")
                return
            medians.append(statistics.median(values))
        self.results.add_row("stall", title, "ms", *medians)


def words_of(server, tokens):
    """The number of words of a long text with about `tokens` tokens, and not more."""
    words = tokens
    while (count := server.count_tokens(long_text(words, "length"))) > tokens:
        words = min(words - 1, words * tokens // count)
    return words


def longest_pause(answer):
    return max((later - earlier for earlier, later in zip(answer.token_ms, answer.token_ms[1:])), default=0.0)
