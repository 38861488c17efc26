#!/usr/bin/env python3
"""The profiles in samples/devices are what bench/profile/devices.py writes, and cannot have a wrong unit.

Every published figure is made 1,000 times larger and smaller in turn: each time the script must refuse to write.
FOVEA_SOURCE_DIR is the checkout.
"""

import copy
import json
import os
import sys
import unittest
from pathlib import Path
from unittest import mock

SOURCE = Path(os.environ["FOVEA_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "bench/profile"))

import devices  # noqa: E402
import figures  # noqa: E402

ACCELERATORS = ("apple-m-class", "t4", "l4", "h100", "jetson-orin")


def models_of(name):
    profile = json.loads((SOURCE / f"samples/devices/{name}.json").read_text("utf-8"))
    return {model["name"]: model for model in profile["models"]}


def rates_of(facts):
    """Where the published numbers of a device are: field, place in its list or None, place in the figure."""
    for at in range(2):
        yield "decode", at, 1
    yield "held_out", 0, 1
    yield "prefill", None, 2
    yield "peak", None, 0
    yield "operations", None, 0
    if "layer" in facts:
        yield "layer", None, 1
    if facts["copy"]:
        yield "copy", None, 0


def scaled(figure, place, factor):
    return tuple(value * factor if at == place else value for at, value in enumerate(figure))


class Devices(unittest.TestCase):
    def test_files_are_what_the_figures_give(self):
        written = dict(devices.files())
        for path, text in written.items():
            with self.subTest(path.name):
                self.assertEqual(path.read_text("utf-8"), text, "run bench/profile/devices.py")
        there = {path.stem for path in (SOURCE / "samples/devices").iterdir()}
        self.assertEqual(there, {"2-core-cpu", *ACCELERATORS})

    def test_a_figure_in_another_unit_is_refused(self):
        for name, facts in figures.DEVICES.items():
            for field, at, place in rates_of(facts):
                for factor in (1000, 1 / 1000):
                    with self.subTest(f"{name}: {field} {at} x {factor}"):
                        wrong = copy.deepcopy(facts)
                        if at is None:
                            wrong[field] = scaled(facts[field], place, factor)
                        else:
                            wrong[field][at] = scaled(facts[field][at], place, factor)
                        with mock.patch.dict(figures.DEVICES, {name: wrong}), self.assertRaises(ValueError):
                            list(devices.files())

    def test_a_share_in_another_unit_is_refused(self):
        for shape in ("L4_ENCODER", "M4_ENCODER"):
            for factor in (1000, 1 / 1000):
                wrong = {**getattr(figures, shape), "ms": getattr(figures, shape)["ms"] * factor}
                with self.subTest(f"{shape} x {factor}"), mock.patch.object(figures, shape, wrong):
                    self.assertRaises(ValueError, list, devices.files())
        for figure, place in (("T4_NARROW", 2), ("L4_EIGHT", 2), ("M4_PEAK", 0)):
            for factor in (1000, 1 / 1000):
                wrong = scaled(getattr(figures, figure), place, factor)
                with self.subTest(f"{figure} x {factor}"), mock.patch.object(figures, figure, wrong):
                    self.assertRaises(ValueError, list, devices.files())

    def test_faster_devices_are_faster(self):
        for order in (("h100", "l4", "t4", "jetson-orin", "2-core-cpu"), ("h100", "apple-m-class", "2-core-cpu")):
            for faster, slower in zip(order, order[1:]):
                for name, fast in models_of(faster).items():
                    slow = models_of(slower)[name]
                    with self.subTest(f"{faster}, {slower}: {name}"):
                        self.assertLess(fast["encode_ms"], slow["encode_ms"])
                        self.assertLess(fast["load"]["prefill_ms"], slow["load"]["prefill_ms"])
                        self.assertLess(fast["batches"][0]["ms"], slow["batches"][0]["ms"])

    def test_a_token_is_not_faster_than_its_weights_can_be_read(self):
        for name in ACCELERATORS:
            for model in models_of(name).values():
                least = 1e3 * model["decoder_bytes"] / figures.DEVICES[name]["peak"][0]
                self.assertGreater(model["batches"][0]["ms"], least, f"{name}: {model['name']}")

    def test_more_work_takes_longer_but_less_than_one_after_the_other(self):
        for name in ("2-core-cpu", *ACCELERATORS):
            for model in models_of(name).values():
                for work in (model["prefill"], model["batches"]):
                    for less, more in zip(work, work[1:]):
                        with self.subTest(f"{name}: {model['name']}: {less}, {more}"):
                            self.assertGreaterEqual(more["ms"], less["ms"])
                            self.assertLess(more["ms"] / more["tokens"], less["ms"] / less["tokens"])

    def test_entries_are_of_their_device(self):
        prints = [model[field] for name in ("2-core-cpu", *ACCELERATORS) for model in models_of(name).values()
                  for field in ("vision_fingerprint", "text_fingerprint")]
        self.assertEqual(len(set(prints)), len(prints))


if __name__ == "__main__":
    unittest.main()
