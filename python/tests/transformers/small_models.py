"""One small model of each family with random weights, and inputs as its processor writes them.

A picture is a number: the seed of its pixels. Towers are as large as they must be for linear algebra
libraries to compute a row alone as they compute it among others: OpenBLAS has other kernels for products
below 10^6 multiplications.
"""

import torch
import transformers

PIXELS, PATCH, WIDTH = 128, 8, 64  # 256 patches a tile
IMAGE, VIDEO, START, END = 290, 291, 292, 293  # tokens
TEXT = {
    "hidden_size": WIDTH,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 300,
    "max_position_embeddings": 4096,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
TOWER = {
    "hidden_size": WIDTH,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "image_size": PIXELS,
    "patch_size": PATCH,
}


def pixels(picture, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(picture))


class Family:
    """A family's small model. `tokens`: how many a picture takes in the prompt. `encoder`: the module that
    encodes.
    """

    tokens = 256
    tower = "vision_tower"

    def config(self):
        raise NotImplementedError

    def model(self, seed=0):
        torch.manual_seed(seed)
        model = getattr(transformers, f"{self.name}ForConditionalGeneration")(self.config()).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                if (
                    not parameter.any()
                ):  # biases, and all of Gemma 3's projector: nothing would depend on pictures
                    parameter.normal_(std=0.02)
        return model

    def encoder(self, model):
        return getattr(model.model, self.tower)

    def prompt(self, pictures, question):
        ids = [1]
        for _ in pictures:
            ids += [START] + [IMAGE] * self.tokens + [END]
        ids += [5 + ord(letter) % 200 for letter in question]
        return {"input_ids": torch.tensor([ids]), "attention_mask": torch.ones(1, len(ids), dtype=torch.long)}

    def inputs(self, pictures, question="What is this?"):
        return self.prompt(pictures, question) | self.vision(pictures)

    def vision(self, pictures):
        """What the processor makes of pictures."""
        return {"pixel_values": torch.stack([pixels(picture, 3, PIXELS, PIXELS) for picture in pictures])}


class SmolVLM(Family):
    name = "SmolVLM"
    tokens = 64
    tower = "vision_model"

    def config(self):
        text = TEXT | {"model_type": "llama"}
        return getattr(transformers, f"{self.name}Config")(
            vision_config=dict(TOWER), text_config=text, image_token_id=IMAGE, scale_factor=2, pad_token_id=0
        )

    def vision(self, pictures):
        tiles = torch.stack([pixels(picture, 3, PIXELS, PIXELS) for picture in pictures])[None]
        return {
            "pixel_values": tiles,
            "pixel_attention_mask": torch.ones(1, len(pictures), PIXELS, PIXELS, dtype=torch.long),
        }


class Idefics3(SmolVLM):
    name = "Idefics3"


class Llava(Family):
    name = "Llava"

    def config(self):
        tower = transformers.CLIPVisionConfig(**TOWER)
        text = transformers.LlamaConfig(**TEXT)
        return transformers.LlavaConfig(vision_config=tower, text_config=text, image_token_index=IMAGE)


class LlavaNext(Family):
    name = "LlavaNext"
    # A square picture has an overview and four tiles, whose rows end with a newline each.
    tokens = 256 + 32 * 33

    def config(self):
        tower = transformers.CLIPVisionConfig(**TOWER)
        points = [[PIXELS, 2 * PIXELS], [2 * PIXELS, PIXELS], [2 * PIXELS, 2 * PIXELS]]
        text = transformers.LlamaConfig(**TEXT)
        return transformers.LlavaNextConfig(
            vision_config=tower, text_config=text, image_token_index=IMAGE, image_grid_pinpoints=points
        )

    def vision(self, pictures):
        tiles = torch.stack([pixels(picture, 5, 3, PIXELS, PIXELS) for picture in pictures])
        return {
            "pixel_values": tiles,
            "image_sizes": torch.tensor([[2 * PIXELS, 2 * PIXELS]] * len(pictures)),
        }


class Qwen2VL(Family):
    name = "Qwen2VL"
    tokens = 64
    tower = "visual"
    tower_config = {"embed_dim": WIDTH, "hidden_size": WIDTH, "mlp_ratio": 2}

    def config(self):
        tower = {
            "depth": 4,
            "num_heads": 4,
            "patch_size": PATCH,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
        }
        rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]}
        return getattr(transformers, f"{self.name}Config")(
            vision_config=tower | self.tower_config,
            text_config=TEXT | {"rope_parameters": rope, "head_dim": 16},
            image_token_id=IMAGE,
            video_token_id=VIDEO,
            vision_start_token_id=START,
            vision_end_token_id=END,
        )

    def prompt(self, pictures, question):
        prompt = super().prompt(pictures, question)
        return prompt | {"mm_token_type_ids": (prompt["input_ids"] == IMAGE).long()}

    def vision(self, pictures):
        grid = PIXELS // PATCH
        patches = [pixels(picture, grid * grid, 3 * 2 * PATCH * PATCH) for picture in pictures]
        return {
            "pixel_values": torch.cat(patches),
            "image_grid_thw": torch.tensor([[1, grid, grid]] * len(pictures)),
        }


class Qwen25VL(Qwen2VL):
    name = "Qwen2_5_VL"
    tower_config = {
        "hidden_size": WIDTH,
        "intermediate_size": 128,
        "out_hidden_size": WIDTH,
        "fullatt_block_indexes": [3],
        "window_size": 64,
    }


class Qwen3VL(Qwen2VL):
    name = "Qwen3VL"
    tower_config = {
        "hidden_size": WIDTH,
        "intermediate_size": 128,
        "out_hidden_size": WIDTH,
        "deepstack_visual_indexes": [0, 2],
        "num_position_embeddings": 256,
    }


class Gemma3(Family):
    name = "Gemma3"

    def config(self):
        text = transformers.Gemma3TextConfig(
            **TEXT, head_dim=16, sliding_window=512, query_pre_attn_scalar=16
        )
        tower = transformers.SiglipVisionConfig(**TOWER)
        return transformers.Gemma3Config(
            vision_config=tower, text_config=text, mm_tokens_per_image=256, image_token_index=IMAGE
        )

    def prompt(self, pictures, question):
        prompt = super().prompt(pictures, question)
        return prompt | {"token_type_ids": (prompt["input_ids"] == IMAGE).long()}


class InternVL(Family):
    name = "InternVL"
    tokens = 64

    def config(self):
        text = transformers.Qwen2Config(**TEXT)
        tower = transformers.InternVLVisionConfig(**TOWER)
        return transformers.InternVLConfig(
            vision_config=tower, text_config=text, image_token_id=IMAGE, image_seq_length=64
        )


FAMILIES = [
    SmolVLM(),
    Idefics3(),
    Llava(),
    LlavaNext(),
    Qwen2VL(),
    Qwen25VL(),
    Qwen3VL(),
    Gemma3(),
    InternVL(),
]
