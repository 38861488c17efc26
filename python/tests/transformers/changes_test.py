"""What changes a value changes its key, and what cannot be named is passed through: no value is ever a stale
one.
"""

import unittest

from needs import fovea, skip_without_frameworks, torch

skip_without_frameworks()

from counted import encodes  # noqa: E402
from small_models import FAMILIES, Llava, LlavaNext, Qwen2VL, SmolVLM  # noqa: E402

import fovea.transformers  # noqa: E402


class Adapter(torch.nn.Module):
    """What libraries for adapters put in a linear layer's place. It is switched by a plain attribute."""

    def __init__(self, layer, rank=4):
        super().__init__()
        self.layer, self.active = layer, True
        self.down = torch.nn.Linear(layer.in_features, rank, bias=False)
        self.up = torch.nn.Linear(rank, layer.out_features, bias=False)

    def forward(self, x):
        return self.layer(x) + self.up(self.down(x)) if self.active else self.layer(x)

    def merge(self):
        self.layer.weight.data += self.up.weight @ self.down.weight  # leaves version and address as they are
        self.active = False


class Case(unittest.TestCase):
    def setUp(self):
        self.store = fovea.Store(memory="64MiB")
        self.addCleanup(self.store.close)
        self.family = SmolVLM()
        self.model = self.family.model()
        self.attached = fovea.transformers.attach(self.model, self.store)
        self.addCleanup(self.attached.detach)
        self.tower = self.model.model.vision_model

    def features(self, model=None):
        with torch.no_grad():
            return (model or self.model).model.get_image_features(**self.family.vision([1])).pooler_output[0]

    def alone(self):
        """What the model computes without the cache."""
        self.attached.detach()
        try:
            return self.features()
        finally:
            self.attached = fovea.transformers.attach(self.model, self.store)
            self.addCleanup(self.attached.detach)


class ChangedWeights(Case):
    def check(self, change):
        before = self.features()
        change()
        after = self.features()
        self.assertFalse(torch.equal(before, after))
        self.assertTrue(torch.equal(after, self.features()))
        self.assertEqual((self.attached.stats().misses, self.attached.stats().hits), (2, 1))
        self.assertTrue(torch.equal(after, self.alone()))

    def test_in_place(self):
        with torch.no_grad():
            self.check(lambda: self.tower.post_layernorm.weight.add_(0.1))

    def test_in_place_through_data(self):
        def change():
            self.tower.encoder.layers[1].mlp.fc1.weight.data *= 1.01

        self.check(change)

    def test_new_data(self):
        def change():
            self.model.model.connector.modality_projection.proj.weight.data = torch.randn(64, 256)

        self.check(change)

    def test_a_loaded_state(self):
        self.check(lambda: self.model.load_state_dict(self.family.model(seed=5).state_dict()))

    def test_another_module(self):
        def change():
            self.tower.encoder.layers[0].mlp.fc1 = torch.nn.Linear(64, 128).eval()

        self.check(change)

    def test_an_adapter_that_is_put_in(self):
        layer = self.tower.encoder.layers[0].mlp

        def change():
            layer.fc1 = Adapter(layer.fc1).eval()

        self.check(change)

    def test_an_adapter_of_the_same_name_that_does_another_thing(self):
        layer = self.tower.encoder.layers[0].mlp
        layer.fc1 = Adapter(layer.fc1).eval()
        other = type("Adapter", (Adapter,), {"__qualname__": "Adapter", "__module__": Adapter.__module__})
        other.forward = lambda self, x: self.layer(x) - self.up(self.down(x))

        def change():
            layer.fc1.__class__ = other

        self.check(change)

    def test_an_adapter_that_is_switched_off(self):
        layer = self.tower.encoder.layers[0].mlp
        layer.fc1 = Adapter(layer.fc1).eval()

        def change():
            layer.fc1.active = False

        self.check(change)

    def test_an_adapter_that_is_merged(self):
        layer = self.tower.encoder.layers[0].mlp
        plain = self.features()
        layer.fc1 = adapter = Adapter(layer.fc1).eval()
        with torch.no_grad():
            adapter.merge()
        layer.fc1 = adapter.layer  # the modules and tensors of the beginning, with other numbers
        merged = self.features()
        self.assertFalse(torch.equal(plain, merged))
        self.assertTrue(torch.equal(merged, self.alone()))

    def test_another_type(self):
        before = self.features()
        self.model.to(torch.bfloat16)
        after = self.features()
        self.assertEqual(after.dtype, torch.bfloat16)
        self.model.to(torch.float32)  # rounded now
        self.assertFalse(torch.equal(self.features(), before))
        self.assertEqual(self.attached.stats().misses, 3)

    def test_weights_that_come_back_find_their_values(self):
        state = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
        before = self.features()
        self.model.load_state_dict(self.family.model(seed=5).state_dict())
        self.features()
        self.model.load_state_dict(state)
        self.assertTrue(torch.equal(self.features(), before))
        self.assertEqual((self.attached.stats().misses, self.attached.stats().hits), (2, 1))

    def test_weights_of_the_language_model_do_not_matter(self):
        self.features()
        with torch.no_grad():
            for parameter in self.model.model.text_model.parameters():
                parameter.mul_(2)
        self.features()
        self.assertEqual((self.attached.stats().misses, self.attached.stats().hits), (1, 1))

    def test_single_numbers_through_data_need_a_refresh(self):
        weight = self.tower.encoder.layers[1].mlp.fc1.weight
        before = self.features()
        weight.data[0, 1] += 1  # 64 of 8192 numbers are compared, and this is none of them
        self.attached.refresh()
        after = self.features()
        self.assertFalse(torch.equal(before, after))
        self.assertTrue(torch.equal(after, self.alone()))

    def test_weights_made_in_inference_mode(self):
        with torch.inference_mode():
            model = self.family.model(seed=3)
        with fovea.transformers.attach(model, self.store) as attached:
            before = self.features(model)
            self.assertTrue(torch.equal(self.features(model), before))
            with torch.inference_mode():
                model.model.vision_model.post_layernorm.weight.add_(0.1)
            self.assertFalse(torch.equal(self.features(model), before))
            self.assertEqual((attached.stats().misses, attached.stats().hits), (2, 1))


class ChangedComputing(Case):
    def test_another_attention(self):
        self.features()
        self.model.set_attn_implementation("eager")
        after = self.features()
        self.assertEqual(self.attached.stats().misses, 2)
        self.assertTrue(torch.equal(after, self.alone()))

    def test_autocast(self):
        before = self.features()
        with torch.autocast("cpu", torch.bfloat16):
            after = self.features()
        self.assertFalse(torch.equal(before, after.to(before.dtype)))
        self.assertTrue(torch.equal(self.features(), before))
        self.assertEqual((self.attached.stats().misses, self.attached.stats().hits), (2, 1))

    def test_another_number_of_threads(self):
        threads = torch.get_num_threads()
        self.addCleanup(torch.set_num_threads, threads)
        self.features()
        torch.set_num_threads(threads + 1)
        self.features()
        self.assertEqual(self.attached.stats().misses, 2)

    def test_another_layer_of_the_tower(self):
        family, model = Llava(), Llava().model()
        vision = family.vision([1])
        with torch.no_grad():
            plain = [
                model.model.get_image_features(**vision, vision_feature_layer=layer).pooler_output
                for layer in (-2, -1)
            ]
            self.assertFalse(torch.equal(plain[0][0], plain[1][0]))
            with fovea.transformers.attach(model, self.store) as attached:
                for _ in range(2):
                    for layer, expected in zip((-2, -1), plain):
                        value = model.model.get_image_features(
                            **vision, vision_feature_layer=layer
                        ).pooler_output
                        self.assertTrue(torch.equal(value[0], expected[0]))
                self.assertTrue(
                    torch.equal(model.model.get_image_features(**vision).pooler_output[0], plain[0][0])
                )
                model.config.vision_feature_layer = -1
                self.assertTrue(
                    torch.equal(model.model.get_image_features(**vision).pooler_output[0], plain[1][0])
                )
                self.assertEqual(attached.stats().bypasses, 0)

    def test_what_the_configuration_says_need_not_be_said(self):
        # forward() names the layer, generate() does not.
        family, model = LlavaNext(), LlavaNext().model()
        vision = family.vision([1])
        with fovea.transformers.attach(model, self.store) as attached, torch.no_grad():
            model.model.get_image_features(**vision)
            model.model.get_image_features(
                **vision, vision_feature_layer=-2, vision_feature_select_strategy="default"
            )
            self.assertEqual((attached.stats().misses, attached.stats().hits), (1, 1))


class PassedThrough(Case):
    def passed(self, reason):
        stats = self.attached.stats()
        self.assertEqual((stats.misses, stats.hits, stats.bypasses), (0, 0, 1), stats)
        self.assertRegex(next(iter(stats.reasons)), reason)

    def test_training(self):
        self.model.train()
        self.features()
        self.passed("training mode")

    def test_a_tower_in_training(self):
        self.tower.train()
        self.features()
        self.passed("training mode")

    def test_gradients(self):
        for family in FAMILIES:
            with self.subTest(family.name):
                model, inputs = family.model(), family.inputs([1])
                with fovea.transformers.attach(model, self.store) as attached:
                    model(**inputs).logits.sum().backward()
                    self.assertEqual((attached.stats().bypasses, attached.stats().misses), (1, 0))
                first = next(family.encoder(model).parameters())
                self.assertGreater(float(first.grad.abs().sum()), 0)

    def test_gradients_of_pixels(self):
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)
        vision = self.family.vision([1])
        vision["pixel_values"].requires_grad_()
        self.model.model.get_image_features(**vision)
        self.passed("pixels need gradients")

    def test_a_frozen_tower_is_cached_while_the_language_model_learns(self):
        model = self.model.model
        for part in (model.vision_model, model.connector):
            part.requires_grad_(False)
        model.text_model.train()
        inputs = self.family.inputs([1])
        for _ in range(2):
            self.model(**inputs, labels=inputs["input_ids"]).loss.backward()
        self.assertEqual((self.attached.stats().misses, self.attached.stats().hits), (1, 1))
        self.assertGreater(float(next(model.text_model.layers.parameters()).grad.abs().sum()), 0)

    def test_hooks(self):
        hook = self.tower.encoder.layers[0].register_forward_hook(lambda module, inputs, output: None)
        self.features()
        self.passed("vision_model.encoder.layers.0 has a hook or forward of .*, which may change")
        hook.remove()
        self.features()
        self.assertEqual(self.attached.stats().misses, 1)

    def test_a_forward_of_ones_own(self):
        forward = self.tower.forward
        self.tower.forward = lambda *args, **kwargs: forward(*args, **kwargs)
        self.features()
        self.passed("has a hook or forward")

    def test_all_hidden_states(self):
        with torch.no_grad():
            output = self.model.model.get_image_features(**self.family.vision([1]), output_hidden_states=True)
        self.assertEqual(len(output.hidden_states), 3)
        self.passed("output_hidden_states")

    def test_tuples(self):
        with torch.no_grad():
            output = self.model.model.get_image_features(**self.family.vision([1]), return_dict=False)
        self.assertIsInstance(output, tuple)
        self.passed("return_dict")

    def test_arguments_that_belong_to_all_pictures(self):
        family, model = Qwen2VL(), Qwen2VL().model()
        with fovea.transformers.attach(model, self.store) as attached, torch.no_grad():
            model.model.get_image_features(
                **family.vision([1]), image_cu_seqlens=torch.tensor([0, 256], dtype=torch.int32)
            )
            self.assertEqual(attached.stats().bypasses, 1)
            self.assertIn("image_cu_seqlens is a Tensor", next(iter(attached.stats().reasons)))

    def test_pictures_that_do_not_fit(self):
        family, model = Qwen2VL(), Qwen2VL().model()
        vision = family.vision([1])
        vision["image_grid_thw"] = torch.tensor([[1, 16, 18]])
        with fovea.transformers.attach(model, self.store) as attached, torch.no_grad():
            with self.assertRaises(RuntimeError):  # the model's own
                model.model.get_image_features(**vision)
            self.assertEqual(attached.stats().bypasses, 1)

    def test_nothing_but_padding(self):
        vision = {"pixel_values": torch.zeros(1, 2, 3, 128, 128)}
        with torch.no_grad():
            self.model.model.get_image_features(**vision)
        self.passed("no picture in the call")

    def test_weights_that_cannot_be_read(self):
        class Quantised(torch.nn.Parameter):
            pass

        layer = self.tower.encoder.layers[0].mlp.fc1
        layer.bias = Quantised(layer.bias.detach())
        self.features()
        self.passed("fc1.bias is a Quantised")

    def test_a_failing_model_raises_its_own_error_and_stores_nothing(self):
        with self.assertRaises(RuntimeError), torch.no_grad():
            self.model.model.get_image_features(pixel_values=torch.randn(1, 1, 4, 128, 128))
        self.assertEqual(len(self.store), 0)

    def test_a_compiler_sees_the_model_alone(self):
        seen = torch.compile(
            lambda **vision: self.model.model.get_image_features(**vision).pooler_output[0], backend="eager"
        )
        vision = self.family.vision([1])
        with torch.no_grad():
            self.assertEqual(seen(**vision).shape, (64, 64))
        self.assertEqual(self.attached.stats().calls, 0)

    def test_reasons_are_bounded(self):
        family, model = Qwen2VL(), Qwen2VL().model()
        with fovea.transformers.attach(model, self.store) as attached, torch.no_grad():
            for rows in range(1, 101):
                with self.assertRaises(RuntimeError):
                    model.model.get_image_features(torch.zeros(rows, 384), torch.tensor([[1, 16, 16]]))
            stats = attached.stats()
            self.assertEqual((stats.bypasses, len(stats.reasons)), (100, 65))

    def test_each_reason_is_logged_once(self):
        self.model.train()
        with self.assertLogs("fovea", "WARNING") as logs:
            self.features()
            self.features()
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(self.attached.stats().bypasses, 2)


class Encodes(Case):
    def test_counts_are_those_of_the_tower(self):
        with encodes(self.tower) as calls:
            self.features()
            self.features()
        self.assertEqual(len(calls), self.attached.stats().misses)


if __name__ == "__main__":
    unittest.main()
