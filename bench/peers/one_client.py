"""The scenarios of one client: a picture again at the same place in the prompt (same), and elsewhere (moved).

The two systems are asked in turn: one works while the other waits. The one that begins changes from round to round.
"""

from prompts import ANSWER_TOKENS, SYSTEMS, picture_first, question, text_first, two_pictures, under_system
from results import show

SAME_AIMS = {"first request": None, "another question": ("<=", 1.0), "exact repeat": ("<=", 0.05)}
MOVED_AIMS = {"another system prompt": ("<=", 0.2), "after another text": ("<=", 0.2),
              "second of two pictures": ("<=", 0.2), "after other pictures": ("<=", 0.2)}


class OneClient:
    def __init__(self, systems, pictures, rounds, results):
        self.systems, self.pictures, self.rounds, self.results = systems, pictures, rounds, results
        self.others = []  # as many pictures as llama-server has slots, known to both systems

    def warm_up(self, others):
        """Sends both systems requests about `others` pictures, which are not measured. `moved` asks about them later."""
        self.others = [self.pictures.path(f"other-{i}") for i in range(others)]
        for i, other in enumerate(self.others):
            show(f"warming up: {i} of {others}")
            self.ask_both(i, picture_first(other, question(0)))
        show()

    def same(self):
        for number in range(self.rounds):
            picture = self.pictures.path(f"same-{number}")
            self.measure("same", "first request", number, picture_first(picture, question(1)))
            self.measure("same", "another question", number, picture_first(picture, question(2)))
            self.measure("same", "exact repeat", number, picture_first(picture, question(2)))
        self.report("same", SAME_AIMS)

    def moved(self):
        """Another question about a picture that both know, which is elsewhere in the prompt, or no longer in a slot."""
        for number in range(self.rounds):
            picture = self.pictures.path(f"moved-{number}")
            self.ask_both(number, picture_first(picture, question(1)))
            self.measure("moved", "another system prompt", number,
                         under_system(SYSTEMS[number % len(SYSTEMS)], picture, question(2)))
            self.measure("moved", "after another text", number, text_first(picture, question(3)))
            self.measure("moved", "second of two pictures", number,
                         two_pictures(self.others[number % len(self.others)], picture, question(4)))
            for other in self.others:
                self.ask_both(number, picture_first(other, question(5 + number)))
            self.measure("moved", "after other pictures", number, picture_first(picture, question(5)))
        self.report("moved", MOVED_AIMS)

    def measure(self, scenario, case, number, request):
        show(f"{scenario}: round {number + 1} of {self.rounds}, {case}")
        self.results.keep(scenario, case, number, self.ask_both(number, request))

    def ask_both(self, number, request):
        order = self.systems if number % 2 == 0 else self.systems[::-1]
        return {system.name: system.ask(request) for system in order}

    def report(self, scenario, aims):
        show()
        for case, aim in aims.items():
            self.results.add_latency_row(scenario, case, aim)
        self.results.remark(scenario, f"complete answers of at most {ANSWER_TOKENS} tokens; medians of {self.rounds} "
                                      "rounds")
        self.results.print(scenario)
