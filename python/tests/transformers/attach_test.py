"""Attaching and detaching leave a model, its copies and others of its class as they were, and say plainly
what they refuse.
"""

import copy
import gc
import inspect
import io
import subprocess
import sys
import tempfile
import threading
import unittest
import weakref

from needs import fovea, skip_without_frameworks, torch

skip_without_frameworks()

from counted import encodes  # noqa: E402
from small_models import FAMILIES, Gemma3, Llava, SmolVLM  # noqa: E402

import fovea.transformers  # noqa: E402


def surface(model):
    """All that attaching could have changed of a model: attributes, methods, hooks, weights."""
    parts = {"forward": model.model.get_image_features.__func__, "class": type(model.model)}
    for name, module in model.named_modules():
        parts[name] = {key: id(value) for key, value in vars(module).items()}
        parts[f"{name} of its class"] = dict(vars(type(module)))
    parts["state"] = {
        name: (id(tensor), tensor._version) for name, tensor in model.state_dict(keep_vars=True).items()
    }
    return parts


def features(model, family, picture=1):
    with torch.no_grad():
        return model.model.get_image_features(**family.vision([picture])).pooler_output


class Attaching(unittest.TestCase):
    def setUp(self):
        self.store = fovea.Store(memory="64MiB")
        self.addCleanup(self.store.close)

    def test_detaching_leaves_the_model_as_it_was(self):
        for family in FAMILIES:
            with self.subTest(family.name):
                model = family.model()
                features(model, family)  # transformers puts its own recording hooks at the first call
                before = surface(model)
                with fovea.transformers.attach(model, self.store):
                    features(model, family)
                    features(model, family)
                    self.assertEqual(list(model.state_dict()), list(before["state"]))
                self.assertEqual(surface(model), before)

    def test_the_method_keeps_its_signature(self):
        # generate() reads it to know which arguments to pass.
        model = Llava().model()
        before = inspect.signature(model.model.get_image_features)
        with fovea.transformers.attach(model, self.store):
            self.assertEqual(inspect.signature(model.model.get_image_features), before)

    def test_a_second_cache_is_refused(self):
        model = Llava().model()
        with fovea.transformers.attach(model, self.store):
            with self.assertRaisesRegex(ValueError, "has a cache already: detach"):
                fovea.transformers.attach(model, self.store)
            with self.assertRaisesRegex(ValueError, "has a cache already"):
                fovea.transformers.attach(model.model, self.store)
        fovea.transformers.attach(model, self.store).detach()

    def test_detaching_twice_does_nothing(self):
        model, other = Llava().model(), Llava().model()
        attached = fovea.transformers.attach(model, self.store)
        with fovea.transformers.attach(other, self.store) as second:
            attached.detach()
            attached.detach()
            features(other, Llava())
            self.assertEqual(second.stats().misses, 1)
        self.assertFalse(hasattr(type(model.model).get_image_features, "fovea_original"))

    def test_other_models_of_the_class_are_left_alone(self):
        family = SmolVLM()
        model, other = family.model(seed=0), family.model(seed=1)
        expected = features(other, family)
        with fovea.transformers.attach(model, self.store) as attached:
            features(model, family)
            self.assertTrue(torch.equal(features(other, family)[0], expected[0]))
            self.assertEqual(attached.stats().calls, 1)

    def test_two_models_of_a_class_do_not_share_values(self):
        family = SmolVLM()
        models = [family.model(seed=0), family.model(seed=1)]
        expected = [features(model, family)[0] for model in models]
        with (
            fovea.transformers.attach(models[0], self.store),
            fovea.transformers.attach(models[1], self.store),
        ):
            for _ in range(2):
                for model, value in zip(models, expected):
                    self.assertTrue(torch.equal(features(model, family)[0], value))

    def test_equal_weights_share_values(self):
        family = SmolVLM()
        first, second = family.model(), family.model()
        with (
            fovea.transformers.attach(first, self.store),
            fovea.transformers.attach(second, self.store) as attached,
        ):
            features(first, family)
            features(second, family)
            self.assertEqual((attached.stats().hits, attached.stats().misses), (1, 0))

    def test_a_copy_of_an_attached_model_computes_by_itself(self):
        family, model = SmolVLM(), SmolVLM().model()
        with fovea.transformers.attach(model, self.store) as attached:
            clone = copy.deepcopy(model)
            with torch.no_grad():
                for parameter in clone.parameters():
                    parameter.mul_(0.5)
            value = features(clone, family)[0]
            self.assertEqual(attached.stats().calls, 0)
        self.assertTrue(torch.equal(features(clone, family)[0], value))

    def test_an_attached_model_can_be_saved_whole(self):
        family, model = SmolVLM(), SmolVLM().model()
        with fovea.transformers.attach(model, self.store):
            file = io.BytesIO()
            torch.save(model, file)
        file.seek(0)
        loaded = torch.load(file, weights_only=False)
        self.assertTrue(torch.equal(features(loaded, family)[0], features(model, family)[0]))

    def test_a_handle_does_not_keep_the_model_alive(self):
        family, model = SmolVLM(), SmolVLM().model()
        kind = type(model.model)
        attached = fovea.transformers.attach(model, self.store)
        features(model, family)
        alive = weakref.ref(model.model.vision_model)
        weights = weakref.ref(model.model.vision_model.embeddings.patch_embedding.weight.untyped_storage())
        del model
        gc.collect()
        self.assertIsNone(alive())
        self.assertIsNone(weights())
        self.assertFalse(hasattr(kind.get_image_features, "fovea_original"))
        self.assertIn("detached", repr(attached))

    def test_threads_that_meet_one_unknown_picture_encode_it_once(self):
        family, model = Gemma3(), Gemma3().model()
        expected = features(model, family)
        with (
            fovea.transformers.attach(model, self.store) as attached,
            encodes(family.encoder(model)) as calls,
        ):
            together = threading.Barrier(4)
            values = []

            def look():
                together.wait()
                values.append(features(model, family))

            threads = [threading.Thread(target=look) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(calls), 1)
            self.assertEqual((attached.stats().misses, attached.stats().hits), (1, 3))
        self.assertTrue(all(torch.equal(value, expected) for value in values))

    def test_values_outlive_the_process_on_a_disk(self):
        family = SmolVLM()
        with tempfile.TemporaryDirectory() as folder:
            with fovea.Store(memory="16MiB", disk=folder) as store:
                model = family.model()
                with fovea.transformers.attach(model, store):
                    expected = features(model, family)[0]
                store.flush()
            with fovea.Store(memory="16MiB", disk=folder) as store:
                model = family.model()
                with fovea.transformers.attach(model, store) as attached:
                    self.assertTrue(torch.equal(features(model, family)[0], expected))
                    self.assertEqual((attached.stats().hits, attached.stats().misses), (1, 0))

    def test_a_miss_asks_the_tiers_once(self):
        family, model = SmolVLM(), SmolVLM().model()
        with (
            tempfile.TemporaryDirectory() as folder,
            fovea.Store(memory="16MiB", disk=folder) as store,
            fovea.transformers.attach(model, store) as attached,
        ):
            for picture in (1, 2):
                features(model, family, picture)
            (disk,) = store.stats().tiers
            self.assertEqual(attached.stats().misses, 2)
            self.assertEqual(disk.misses + disk.skipped + disk.failed, 2)

    def test_what_is_not_supported_is_refused_with_what_is(self):
        with self.assertRaisesRegex(
            ValueError, "Linear is not supported.*SmolVLM, Idefics3, LLaVA.*InternVL"
        ):
            fovea.transformers.attach(torch.nn.Linear(2, 2), self.store)
        with self.assertRaisesRegex(ValueError, "str is not supported"):
            fovea.transformers.attach("llava", self.store)

    def test_missing_and_old_frameworks_are_named(self):
        old = "type(sys)('transformers'); sys.modules['transformers'].__version__ = '4.57.1'"
        for module, replaced, said in (
            ("torch", "None", "needs PyTorch and Hugging Face transformers 5: pip install"),
            ("transformers", "None", "needs PyTorch and Hugging Face transformers 5: pip install"),
            ("transformers", old, "installed is transformers 4.57.1"),
        ):
            code = f"import sys; sys.modules['{module}'] = {replaced}; import fovea.transformers"
            ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
            self.assertIn(
                f"ImportError: fovea.transformers {said}" if "None" in replaced else said, ran.stderr
            )

    def test_what_is_no_store_is_refused(self):
        with self.assertRaisesRegex(TypeError, "a fovea.Store or fovea.Level, and is a dict"):
            fovea.transformers.attach(Llava().model(), {})

    def test_a_level_and_one_tenant_s_store_are_caches_too(self):
        family, model = SmolVLM(), SmolVLM().model()
        expected = features(model, family)[0]
        for cache in (fovea.Level("16MiB"), self.store.scoped("alice"), self.store.scoped("bob")):
            with fovea.transformers.attach(model, cache) as attached:
                for _ in range(2):
                    self.assertTrue(torch.equal(features(model, family)[0], expected))
                self.assertEqual((attached.stats().hits, attached.stats().misses), (1, 1))

    def test_wrapped_models_are_found(self):
        family, model = SmolVLM(), SmolVLM().model()
        wrapper = torch.nn.Sequential(model)
        with fovea.transformers.attach(wrapper, self.store) as attached:
            features(model, family)
            self.assertEqual(attached.stats().misses, 1)

    def test_a_closed_store_is_no_cache_and_no_fault(self):
        family, model = SmolVLM(), SmolVLM().model()
        expected = features(model, family)[0]
        store = fovea.Store(memory="1MiB")
        with fovea.transformers.attach(model, store) as attached:
            store.close()
            with self.assertLogs("fovea", "WARNING"):
                self.assertTrue(torch.equal(features(model, family)[0], expected))
            self.assertEqual(attached.stats().bypasses, 1)


if __name__ == "__main__":
    unittest.main()
