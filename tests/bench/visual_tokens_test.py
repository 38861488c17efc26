# SPDX-License-Identifier: Apache-2.0
"""bench/approximate/visual_tokens*.py: what is drawn, what is kept, and what the report makes of raw results."""
import gzip
import json
import random
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/approximate"))
sys.dont_write_bytecode = True

import visual_tokens  # noqa: E402
import visual_tokens_choice as choice  # noqa: E402
import visual_tokens_develop as develop  # noqa: E402
import visual_tokens_draw as draw  # noqa: E402
import visual_tokens_report as report  # noqa: E402

TOKENS = 64


class Choices(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(1)
        self.scores, self.embedding = rng.random(TOKENS), rng.standard_normal((TOKENS, 16))

    def every(self, share):
        count = choice.kept_count(share, TOKENS)
        return [choice.highest(self.scores, count), choice.spread_over(self.embedding, count),
                choice.spread_over_grid(count), choice.every_nth(share, TOKENS),
                choice.at_random(share, TOKENS, random.Random(1)),
                *(choice.remembered(self.scores, self.embedding, share, diverse) for diverse in (0, 0.25, 1)),
                choice.remembered(self.scores, self.embedding, share, 0.5, over="grid")]

    def test_as_many_as_the_share_says_each_once_and_the_last(self):
        for share in (0.75, 0.5, 0.25, 0.12, 0.001):
            for kept in self.every(share):
                self.assertEqual(len(kept), max(1, round(share * TOKENS)))
                self.assertEqual(len(set(kept)), len(kept))
                self.assertEqual(kept[-1], TOKENS - 1)
                self.assertEqual(list(kept), sorted(kept))

    def test_a_share_of_1_keeps_all(self):
        for kept in self.every(1):
            self.assertEqual(list(kept), list(range(TOKENS)))

    def test_without_diversity_the_highest_scores_are_kept(self):
        kept = choice.remembered(self.scores, self.embedding, 0.25, 0)
        left_out = sorted(set(range(TOKENS)) - set(kept))
        self.assertGreater(self.scores[kept[:-1]].min(), self.scores[left_out].max())

    def test_diversity_takes_what_is_least_like_the_kept(self):
        embedding = np.tile([1.0, 0.0], (TOKENS, 1))
        embedding[17] = [0.0, 1.0]
        scores = np.arange(TOKENS)[::-1].copy()  # token 17 is not among the highest
        self.assertNotIn(17, choice.remembered(scores, embedding, 0.12, 0))
        self.assertIn(17, choice.remembered(scores, embedding, 0.12, 0.25))

    def test_equation_3(self):
        looks = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
        # Token 1: 0; 0.7 * 0 + 0.3 * 1; 0.7 * 0.3 + 0.3 * 1.
        np.testing.assert_allclose(choice.merged_by_equation_3(looks), [1.0, 0.51])
        np.testing.assert_allclose(choice.merged_by_mean(looks), [0.5, 0.5])

    def test_each_question_counts_alike(self):
        attention = np.ones((2, 6, TOKENS))
        attention[1] *= 9
        np.testing.assert_allclose(choice.looked_at(attention, [1, 3]), np.full((2, TOKENS), 1 / TOKENS))


class Drawn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.asked = draw.draw(cls.folder.name, "test", 0.012)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_all_samples_have_their_size(self):
        for sample, size in draw.SIZES.items():
            self.assertEqual(sum(one.sample == sample for one in self.asked), round(0.012 * size))

    def test_each_picture_was_asked_other_questions_before(self):
        for one in self.asked:
            words = {part["text"] for message in one.messages if isinstance(message["content"], list)
                     for part in message["content"] if part["type"] == "text"}
            self.assertEqual(len(one.pictures), len(one.earlier))
            for name, earlier in zip(one.pictures, one.earlier):
                self.assertTrue((Path(self.folder.name) / name).exists())
                self.assertEqual(len(set(earlier)), draw.EARLIER)
                self.assertFalse(words & set(earlier))

    def test_samples_ask_what_they_are_named_for(self):
        kinds = {draw.COUNTING: draw.COUNTING_KINDS, draw.PLACES: draw.PLACE_KINDS, draw.SMALL: draw.THING_KINDS,
                 draw.BLIND: draw.THING_KINDS}
        for one in self.asked:
            if one.sample in kinds:
                self.assertIn(one.kind, kinds[one.sample])

    def test_near_is_less_than_a_token_between_outlines(self):
        def thing(x):
            return draw.scenes.Thing("circle", "red", "small", x, 50.0, 8.0, 0.0)
        reach = 2 * 1.16 * 8.0
        self.assertTrue(draw.is_near(thing(10), thing(10 + reach + draw.NEAR - 0.1)))
        self.assertFalse(draw.is_near(thing(10), thing(10 + reach + draw.NEAR + 0.1)))

    def test_it_is_not_drawn_twice(self):
        with tempfile.TemporaryDirectory() as folder:
            first = draw.drawn(folder, "test", 0.002)
            self.assertEqual(draw.drawn(folder, "test", 0.002), first)
            with self.assertRaises(SystemExit):
                draw.drawn(folder, "another", 0.002)


class Captured(unittest.TestCase):
    def test_all_of_one_in_1_and_a_fourth_of_one_in_4(self):
        attention = np.zeros((draw.EARLIER, 6, TOKENS))
        self.assertEqual(len(visual_tokens.captured(attention, 1, "a")), draw.EARLIER)
        share = np.mean([len(visual_tokens.captured(attention, 4, number)) for number in range(2000)]) / draw.EARLIER
        self.assertAlmostEqual(share, 0.25, delta=0.02)

    def test_without_attention_all_is_kept(self):
        look = (np.zeros(TOKENS), np.ones((TOKENS, 4)), np.ones((draw.EARLIER, 6, TOKENS)))
        name = next(n for n in range(1000) if not len(visual_tokens.captured(look[2], 16, n)))
        self.assertEqual(len(visual_tokens.kept_after_capture(look, 0.25, 16, name)), TOKENS)


class Page(unittest.TestCase):
    def test_its_tables_are_those_of_the_raw_results(self):
        page = report.PAGE.read_text()
        self.assertEqual(report.page_with(page, visual_tokens.RAW), page)


    def test_so_is_the_one_of_the_development_seed(self):
        raw = report.Results(visual_tokens.RAW / f"{develop.SEED}.json.gz")
        self.assertIn(develop.table(raw), report.PAGE.read_text())


class Report(unittest.TestCase):
    """Raw results that are made up: 200 questions a sample in 100 clusters."""

    def results(self, wrong_of):
        """`wrong_of`: choice -> how many of the first questions of each sample it answers wrongly."""
        questions, right = [], {}
        names = ["exact"] + [f"{which}@{share}" for which in wrong_of if which != "exact" for share in report.DECIDED]
        for sample in report.SAMPLES:
            for number in range(200):
                questions.append([sample, "count", "picture-first", f"{sample} {number // 2}", 1])
        for name in names:
            wrong = wrong_of[name.split("@")[0]]
            right[name] = "".join("0" if number < wrong else "1" for _ in report.SAMPLES for number in range(200))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "test.json.gz"
            with gzip.open(path, "wt") as file:
                json.dump({"seed": "test", "questions": questions, "right": right, "divergence": {},
                           "other": {name: "0" * len(questions) for name in names}}, file)
            return report.Results(path)

    def test_better_than_all_simple_choices_and_as_good_as_exact_passes(self):
        same = {"exact": 0, "remembered-1": 0, "remembered-3": 0, "remembered-6": 0}
        results = self.results(same | {"encoder": 60, "uniform": 60, "encoder-diverse": 60, "diverse": 60, "random-0": 60, "random-1": 50})
        # With 200 pairs alike, Newcombe's interval still reaches 1.9 points down: only the margin of 3 holds.
        self.assertFalse(report.rule_1(results, "remembered-1@0.5")[0])
        self.assertTrue(report.rule_2(results, "remembered-1@0.5")[0])
        self.assertTrue(all(passed for passed, *_ in report.rule_3(results, "remembered-1@0.5", 0.5).values()))

    def test_as_good_as_a_simple_choice_is_not_enough(self):
        results = self.results({"exact": 0, "remembered-1": 5, "remembered-3": 5, "remembered-6": 5, "encoder": 5,
                                "encoder-diverse": 5, "uniform": 60, "diverse": 5, "random-0": 60})
        found = report.rule_3(results, "remembered-3@0.25", 0.25)
        self.assertEqual({name: passed for name, (passed, *_) in found.items()},
                         {"encoder": False, "uniform": True, "random": True})
        self.assertIn("**No share passes", report.verdict(report.decision_tables(results)[2]))

    def test_random_is_the_mean_of_its_draws(self):
        results = self.results({"exact": 0, "random-0": 20, "random-1": 40})
        self.assertAlmostEqual(results.accuracy("random draws@0.5", "all"), 0.85)
        self.assertAlmostEqual(results.accuracy("random@0.5", "all"), 0.9)


if __name__ == "__main__":
    unittest.main()
