"""A model that is attached computes the same bits as one that is not, at the first look, the second and in
any company.
"""

import functools
import unittest

from needs import (
    fovea,
    skip_without_frameworks,
    torch,
    transformers,
)  # first: skips where something is missing

skip_without_frameworks()

from counted import encodes  # noqa: E402
from small_models import FAMILIES, IMAGE, PATCH, PIXELS, Llava, Qwen2VL, Qwen3VL, SmolVLM, pixels  # noqa: E402

import fovea.transformers  # noqa: E402


def logits(model, inputs):
    with torch.no_grad():
        return model(**inputs).logits


def tokens(model, inputs):
    return model.generate(**inputs, max_new_tokens=6, do_sample=False)


def each_family(check):
    """A test that checks every family, with a store of its own."""

    @functools.wraps(check)
    def test(self):
        for family in FAMILIES:
            with self.subTest(family.name), fovea.Store(memory="64MiB") as store:
                check(self, family, family.model(), store)

    return test


class Exact(unittest.TestCase):
    @each_family
    def test_logits_of_first_and_second_look_are_those_without_a_cache(self, family, model, store):
        inputs = family.inputs([1, 2, 3])
        without = logits(model, inputs)
        with fovea.transformers.attach(model, store) as attached:
            self.assertTrue(torch.equal(logits(model, inputs), without))
            self.assertTrue(torch.equal(logits(model, inputs), without))
            stats = attached.stats()
        self.assertEqual((stats.misses, stats.hits, stats.bypasses), (3, 3, 0), stats)
        # The comparison can fail: pictures matter to these models.
        self.assertFalse(torch.equal(logits(model, family.inputs([1, 2, 4])), without))

    @each_family
    def test_generated_tokens_are_those_without_a_cache(self, family, model, store):
        inputs = family.inputs([1, 2])
        without = tokens(model, inputs)
        with fovea.transformers.attach(model, store) as attached:
            for _ in range(2):
                self.assertTrue(torch.equal(tokens(model, inputs), without))
            self.assertEqual((attached.stats().misses, attached.stats().hits), (2, 2))

    @each_family
    def test_beams_and_inference_mode(self, family, model, store):
        inputs = family.inputs([1, 2])
        options = {"max_new_tokens": 3, "num_beams": 2, "do_sample": False}
        with torch.inference_mode():
            without, expected = model.generate(**inputs, **options), model(**inputs).logits
            with fovea.transformers.attach(model, store):
                for _ in range(2):
                    self.assertTrue(torch.equal(model.generate(**inputs, **options), without))
                    self.assertTrue(torch.equal(model(**inputs).logits, expected))

    @each_family
    def test_two_questions_about_one_picture_are_one_encode(self, family, model, store):
        expected = [
            tokens(model, family.inputs([7], question)) for question in ("What is it?", "And its colour?")
        ]
        with fovea.transformers.attach(model, store), encodes(family.encoder(model)) as calls:
            answers = [
                tokens(model, family.inputs([7], question)) for question in ("What is it?", "And its colour?")
            ]
        self.assertEqual(len(calls), 1)
        self.assertTrue(all(map(torch.equal, answers, expected)))

    @each_family
    def test_of_known_and_unknown_pictures_only_the_unknown_are_encoded(self, family, model, store):
        mixed = family.inputs([1, 2, 3, 4])
        without = logits(model, mixed)
        with fovea.transformers.attach(model, store):
            logits(model, family.inputs([3, 1]))
            with encodes(family.encoder(model)) as calls:
                self.assertTrue(torch.equal(logits(model, mixed), without))
                self.assertEqual(len(calls), 2)

    @each_family
    def test_a_picture_that_is_twice_in_a_call_is_encoded_once(self, family, model, store):
        twice = family.inputs([5, 5])
        without = logits(model, twice)
        with fovea.transformers.attach(model, store), encodes(family.encoder(model)) as calls:
            self.assertTrue(torch.equal(logits(model, twice), without))
        self.assertEqual(len(calls), 1)

    @each_family
    def test_a_budget_that_holds_nothing_changes_nothing(self, family, model, store):
        inputs = family.inputs([1, 1, 2])
        without = logits(model, inputs)
        with fovea.Store(memory="4KiB") as small, fovea.transformers.attach(model, small):
            with encodes(family.encoder(model)) as calls:
                self.assertTrue(torch.equal(logits(model, inputs), without))
        self.assertEqual(len(calls), 2)  # the same picture twice in a call: once

    @each_family
    def test_half_precision_too(self, family, model, store):
        # Of several pictures in one call a hit is what a miss computed. For a whole batch at once oneDNN may
        # take other kernels (for LLaVA's 257 rows a picture), so that is compared for one picture alone.
        for kind in (torch.bfloat16, torch.float16):
            model, one, three = model.to(kind), family.inputs([1]), family.inputs([1, 2, 3])
            for inputs in (one, three):
                inputs["pixel_values"] = inputs["pixel_values"].to(kind)
            without = logits(model, one)
            with fovea.transformers.attach(model, store) as attached:
                self.assertTrue(torch.equal(logits(model, one), without))
                self.assertTrue(torch.equal(logits(model, three), logits(model, three)))
                self.assertEqual((attached.stats().misses, attached.stats().hits), (3, 4))

    @each_family
    def test_what_is_written_into_the_features_does_not_reach_the_cache(self, family, model, store):
        vision = family.vision([1])
        vision.pop("pixel_attention_mask", None)
        with fovea.transformers.attach(model, store), torch.no_grad():
            first = model.model.get_image_features(**vision).pooler_output
            expected = [part.clone() for part in first]
            for _ in range(2):
                for part in model.model.get_image_features(**vision).pooler_output:
                    part.zero_()
            self.assertTrue(
                all(map(torch.equal, model.model.get_image_features(**vision).pooler_output, expected))
            )

    @each_family
    def test_results_have_the_form_of_those_without_a_cache(self, family, model, store):
        vision = family.vision([1, 2])
        with torch.no_grad():
            plain = model.model.get_image_features(**vision)
            with fovea.transformers.attach(model, store):
                cached = model.model.get_image_features(**vision)
        self.assertIs(type(cached.pooler_output), type(plain.pooler_output))
        for some, others in zip(plain.pooler_output, cached.pooler_output, strict=True):
            self.assertEqual((some.shape, some.dtype), (others.shape, others.dtype))
        self.assertEqual(hasattr(plain, "deepstack_features"), hasattr(cached, "deepstack_features"))


class Layouts(unittest.TestCase):
    """What only some families have."""

    def setUp(self):
        self.store = fovea.Store(memory="64MiB")
        self.addCleanup(self.store.close)

    def test_prompts_with_different_numbers_of_pictures(self):
        family, model = SmolVLM(), SmolVLM().model()
        two, one = family.inputs([1, 2]), family.inputs([3])
        padding = two["input_ids"].shape[1] - one["input_ids"].shape[1]
        ids = torch.cat([two["input_ids"], torch.nn.functional.pad(one["input_ids"], (padding, 0))])
        empty = torch.zeros(1, 1, 3, PIXELS, PIXELS)  # the second prompt's missing picture
        inputs = {
            "input_ids": ids,
            "attention_mask": (ids != 0).long(),
            "pixel_values": torch.cat([two["pixel_values"], torch.cat([one["pixel_values"], empty], dim=1)]),
        }
        without = logits(model, inputs)
        with fovea.transformers.attach(model, self.store) as attached:
            self.assertTrue(torch.equal(logits(model, inputs), without))
            self.assertTrue(torch.equal(logits(model, inputs), without))
            self.assertEqual((attached.stats().misses, attached.stats().hits), (3, 3))

    def test_a_mask_that_leaves_out_patches_names_another_unit(self):
        family, model = SmolVLM(), SmolVLM().model()
        whole, part = family.inputs([1]), family.inputs([1])
        part["pixel_attention_mask"][..., PIXELS // 2 :] = 0
        without = logits(model, part)
        with fovea.transformers.attach(model, self.store) as attached:
            logits(model, whole)
            self.assertTrue(torch.equal(logits(model, part), without))
            self.assertTrue(torch.equal(logits(model, part), without))
            self.assertEqual(attached.stats().misses, 2)

    def test_pictures_of_different_sizes(self):
        model = Qwen3VL().model()
        grids = torch.tensor([[1, 16, 16], [1, 8, 32], [1, 32, 32]])
        vision = {
            "pixel_values": pixels(1, int(grids.prod(-1).sum()), 3 * 2 * PATCH * PATCH),
            "image_grid_thw": grids,
        }
        with torch.no_grad():
            plain = model.model.get_image_features(**vision)
            with fovea.transformers.attach(model, self.store) as attached:
                for _ in range(2):
                    cached = model.model.get_image_features(**vision)
                    self.assertTrue(all(map(torch.equal, cached.pooler_output, plain.pooler_output)))
                    for some, others in zip(cached.deepstack_features, plain.deepstack_features, strict=True):
                        self.assertTrue(all(map(torch.equal, some, others)))
            self.assertEqual((attached.stats().misses, attached.stats().hits), (3, 3))

    def test_the_same_patches_in_another_grid_are_another_picture(self):
        model = Qwen2VL().model()
        patches = pixels(1, 256, 3 * 2 * PATCH * PATCH)
        with fovea.transformers.attach(model, self.store) as attached, torch.no_grad():
            for grid in ([1, 16, 16], [1, 8, 32]):
                model.model.get_image_features(pixel_values=patches, image_grid_thw=torch.tensor([grid]))
            self.assertEqual(attached.stats().misses, 2)

    def test_a_tower_for_pictures_of_any_size(self):
        # LLaVA with Pixtral's tower: pictures are padded to the largest, and their sizes are given.
        tower = transformers.PixtralVisionConfig(
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            image_size=PIXELS,
            patch_size=PATCH,
        )
        config = transformers.LlavaConfig(
            vision_config=tower,
            text_config=Llava().config().text_config,
            image_token_index=IMAGE,
            vision_feature_layer=-1,
            vision_feature_select_strategy="full",
        )
        torch.manual_seed(0)
        model = transformers.LlavaForConditionalGeneration(config).eval()
        large, small = pixels(1, 1, 3, PIXELS, PIXELS), pixels(2, 1, 3, PIXELS, PIXELS)
        small[:, :, PIXELS // 2 :] = 0
        sizes = torch.tensor([[PIXELS, PIXELS], [PIXELS // 2, PIXELS]])
        with torch.no_grad():
            plain = model.model.get_image_features(torch.cat([large, small]), image_sizes=sizes).pooler_output
            with fovea.transformers.attach(model, self.store) as attached:
                for _ in range(2):
                    cached = model.model.get_image_features(
                        torch.cat([large, small]), image_sizes=sizes
                    ).pooler_output
                    self.assertIs(type(cached), type(plain))
                    self.assertTrue(
                        all(map(torch.equal, cached, plain)),
                        [(a - b).abs().max() for a, b in zip(cached, plain)],
                    )
                # In other company, with no padding, it is the same picture.
                alone = model.model.get_image_features(
                    small[:, :, : PIXELS // 2], image_sizes=sizes[1:]
                ).pooler_output
                self.assertTrue(torch.equal(alone[0], plain[1]))
                self.assertEqual((attached.stats().misses, attached.stats().hits), (2, 3))

    def test_videos(self):
        for family in (Qwen2VL(), Qwen3VL()):
            model = family.model()
            vision = {
                "pixel_values_videos": pixels(1, 4 * 256, 3 * 2 * PATCH * PATCH),
                "video_grid_thw": torch.tensor([[4, 16, 16]]),
            }
            with self.subTest(family.name), torch.no_grad():
                plain = model.model.get_video_features(**vision).pooler_output
                with fovea.transformers.attach(model, self.store) as attached:
                    for _ in range(2):
                        cached = model.model.get_video_features(**vision).pooler_output
                        self.assertTrue(all(map(torch.equal, cached, plain)))
                    self.assertEqual((attached.stats().misses, attached.stats().hits), (1, 1))

    def test_batches_of_prompts(self):
        family, model = Llava(), Llava().model()
        prompts = [family.inputs([1], "What?"), family.inputs([2], "Where")]
        inputs = {name: torch.cat([prompt[name] for prompt in prompts]) for name in prompts[0]}
        without = logits(model, inputs)
        self.assertEqual(int((inputs["input_ids"] == IMAGE).sum()), 2 * family.tokens)
        with fovea.transformers.attach(model, self.store) as attached:
            logits(model, prompts[1])
            self.assertTrue(torch.equal(logits(model, inputs), without))
            self.assertEqual(attached.stats().hits, 1)


if __name__ == "__main__":
    unittest.main()
