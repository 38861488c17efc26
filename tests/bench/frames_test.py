# SPDX-License-Identifier: Apache-2.0
"""bench/approximate/frames*.py: what is drawn, and what the rules say of made-up results."""
import contextlib
import copy
import io
import random
import sys
import unittest
import unittest.mock
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/approximate"))
sys.dont_write_bytecode = True

import frames  # noqa: E402
import frames_report as report  # noqa: E402
from paired import newcombe  # noqa: E402

EVERY = report.EVERY


class Drawing(unittest.TestCase):
    def frames_of(self, noise, light, jpeg, count):
        camera = frames.Camera(random.Random(1), noise, light, jpeg)
        picture = np.full((96, 96, 3), 127.0, np.float32)
        return [camera.frame(picture).astype(float) for _ in range(count)]

    def test_the_noise_is_as_strong_as_its_name_says(self):
        for noise in report.NOISES:
            one, two = self.frames_of(noise, False, False, 2)
            self.assertAlmostEqual((one - two).std() / 2**0.5 / noise, 1, delta=0.1)

    def test_bright_values_have_more_noise(self):
        camera = frames.Camera(random.Random(1), 2, False, False)
        dark, bright = (np.full((96, 96, 3), level, np.float32) for level in (20.0, 200.0))
        spread = [np.std(camera.frame(picture).astype(float)) for picture in (dark, bright)]
        self.assertLess(spread[0] * 1.2, spread[1])

    def test_light_drifts_by_a_tenth_in_300_frames(self):
        camera = frames.Camera(random.Random(1), 1, True, False)
        picture = np.full((96, 96, 3), 127.0, np.float32)
        first = camera.frame(picture).astype(float)
        camera.skip(299)
        self.assertAlmostEqual(abs(camera.frame(picture).astype(float).mean() - first.mean()) / 127, 0.1, delta=0.005)

    def test_a_thing_is_like_no_other_and_touches_none(self):
        for seed in range(50):
            rng = random.Random(seed)
            scene, picture = frames.draw_scene(rng, 96, 3)
            thing = frames.new_thing(scene, rng, 6)
            if thing is None:
                continue
            self.assertNotIn((thing.shape, thing.color), {(t.shape, t.color) for t in scene.things})
            changed = (frames.overlay(picture, thing, 1.0, rng) != picture).any(2)
            self.assertTrue(changed.any())
            ys, xs = np.nonzero(changed)
            self.assertLessEqual(max(np.ptp(xs), np.ptp(ys)), 0.06 * 96 * 1.4)

    def test_questions_are_about_the_thing_alone(self):
        for seed in range(30):
            rng = random.Random(seed)
            scene, _ = frames.draw_scene(rng, 96, 3)
            if (thing := frames.new_thing(scene, rng, 6)) is None:
                continue
            scene.things.append(thing)
            kind, question, truth = frames.ask_about(scene, rng, 3)
            self.assertIn(kind, frames.KINDS)
            self.assertNotEqual(truth, "no")
            self.assertTrue(thing.shape in question + truth or thing.color in question + truth, question)


def made_up():
    """Results in which every rule holds: (appearances, first, still, others)."""
    def answers(number):  # a quarter is wrong, both ways
        word = "blue" if number % 4 == 0 else "red"
        return {"kind": "color", "question": "?", "truth": "red", "exact": word, "near": [word] * 3}
    appearances = [{"run": f"a{i}", "noise": 1, "light": False, "jpeg": False, "size": report.SIZES[i % 3], "asked": [
        {**answers(i), "offset": offset, "outcome": ["changed"] * 3, "missed": [False] * 3}
        for offset in (0, 1, 5, *EVERY)]} for i in range(1080)]
    still = [{"run": f"s{i}", "noise": noise, "light": light, "jpeg": jpeg, "asked": [
        {**answers(i), "outcome": ["near"] * 3, "taken": [0.009] * 3, "consecutive": 0.010}] * 12,
        "outcomes": [{"near": 80, "changed": 20}] * 3} for i in range(20) for noise, light, jpeg in report.conditions()]
    others = [{"run": f"o{i}", "crossed": 0, "exact": "red", "near": ["red"] * 3, "truth": "red", "outcome": ["near"] * 3}
              for i in range(500)]
    first = [{"run": f"f{i}", "asked": [{**answers(i), "missed": [False] * 3}] * 3} for i in range(720)]
    return appearances, first, still, others


class Ratio(unittest.TestCase):
    def test_of_95th_percentiles(self):
        scenes = [[(0.02 * (i + j), 0.01 * (i + j)) for j in range(10)] for i in range(30)] + [[]]
        value, low, high = report.quantile_ratio(scenes, draws=50)
        self.assertAlmostEqual(value, 2)
        self.assertAlmostEqual(low, 2)
        self.assertAlmostEqual(high, 2)


class Rules(unittest.TestCase):
    def setUp(self):
        self.appearances, self.first, self.still, self.others = copy.deepcopy(made_up())

    def verdicts(self):
        # Newcombe's interval alone: a bootstrap for each row takes long, and paired_test.py is about it.
        def quick(exact, near, _):
            exact, near = np.array(exact), np.array(near)
            return newcombe(*(int(c.sum()) for c in (exact & near, exact & ~near, ~exact & near, ~exact & ~near)))
        with contextlib.redirect_stdout(io.StringIO()), unittest.mock.patch.object(report, "difference", quick), \
                unittest.mock.patch.object(report, "quantile_ratio", lambda _: (1.0, 0.9, 1.1)):
            verdicts = report.appearance_tables(self.appearances)
            report.first_frame_table(self.first, verdicts)
            report.still_tables(self.still, verdicts)
            report.other_tables(self.others, verdicts)
        return verdicts

    def fails(self, k):
        return [rule for rule, holds in self.verdicts()[k].items() if not holds]

    def miss(self, run, offset, k):
        for asked in self.appearances[run]["asked"]:
            if asked["offset"] == offset:
                asked["missed"][EVERY.index(k)] = True

    def test_all_hold(self):
        for k in EVERY:
            self.assertEqual(self.fails(k), [])

    def test_one_may_be_missed_but_not_two(self):
        self.miss(3, 0, 30)
        self.assertEqual(self.fails(30), [])
        self.miss(4, 0, 30)
        self.assertEqual(self.fails(30), ["1"])
        self.assertEqual(self.fails(10), [])

    def test_none_is_missed_k_frames_later(self):
        self.miss(3, 100, 100)
        self.assertEqual(self.fails(100), ["1"])

    def test_recall_of_the_smallest_counts_too(self):
        for run in self.appearances[3:48:3]:  # 15 of 360
            run["asked"][0]["near"][0] = "nothing"
        self.assertIn("2, the smallest of these", self.fails(10))
        self.assertEqual(self.fails(30), [])
        self.setUp()
        for run in self.first[1:25]:
            run["asked"] = [{**asked, "near": ["red", "red", "nothing"]} for asked in run["asked"]]
        self.assertEqual(self.fails(100), ["2, the smallest, more questions"])
        self.assertEqual(self.fails(30), [])

    def test_answers_about_still_frames(self):
        for run in self.still[12:16]:
            run["asked"] = [{**asked, "near": ["blue", "red", "red"]} for asked in run["asked"]]
        self.assertEqual(self.fails(10), ["3"])

    def test_embeddings_that_lie_further(self):
        for run in self.still:
            run["asked"] = [{**asked, "taken": [0.009, 0.009, 0.011]} for asked in run["asked"]]
        self.assertEqual(self.fails(100), ["4", "4, beside all frames"])
        self.assertEqual(self.fails(30), [])

    def test_what_is_encoded_all_the_same(self):
        for run in self.still:
            run["outcomes"] = [{"near": 40, "changed": 60}, {"near": 80, "changed": 20}, {"near": 80, "due": 20}]
        self.assertEqual(self.fails(10), ["6, share"])

    def test_another_source(self):
        self.others[7]["crossed"] = 1
        self.assertEqual(self.fails(10), ["5, drawn"])


if __name__ == "__main__":
    unittest.main()
