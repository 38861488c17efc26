"""Which models are supported, and how a call of theirs falls into units.

A unit is what the vision tower encodes independently of all else in the call: a tile, or a picture. Each
model has a method that encodes pictures (`get_image_features`). It is the one place through which generate()
and forward() both go, and its result is what the language model reads: the projector's work is in it, which
is up to a tenth of the vision time. A layout says three things of such a method: the units of a call, each as
the arguments of a call with that unit alone; the features of one unit in the result of such a call; the
result of the whole call, put together from the units' features as the method itself would.

What a method does to pictures before it encodes them (casting to the weights' type, leaving out padding) is
repeated here where a unit depends on it. That is the price of not copying the methods themselves; tests
compare the bits.
"""

import sys
from dataclasses import dataclass

import torch
from transformers.modeling_outputs import BaseModelOutputWithPooling


class PassThrough(Exception):
    """This call cannot be cached. The message says why, for `stats().reasons`."""


@dataclass(frozen=True)
class Unit:
    """The arguments of a call with one unit alone. Its tensors name it."""

    arguments: dict


class Rows:
    """Each row of `pixel_values` (N, C, H, W) is a picture or tile: LLaVA, Gemma 3, InternVL."""

    def __init__(self, result):
        self._result = result  # list: a tensor for each row; torch.Tensor: one for all

    def units(self, model, names, arguments):
        pixels = _tensor(arguments, names[0], 4)
        if arguments.get("image_sizes") is None:
            return [Unit({names[0]: row}) for row in pixels.split(1)], None
        # Rows are padded to the largest picture of the call. Cut back, a picture is the same in any company.
        sizes = _tensor(arguments, "image_sizes", 2)
        cuts = [row[:, :, :height, :width] for row, (height, width) in zip(pixels.split(1), sizes.tolist())]
        return [
            Unit({names[0]: cut, "image_sizes": size}) for cut, size in zip(cuts, sizes.split(1))
        ], "sizes"

    def features(self, output):
        return (output.pooler_output[0],)

    def output(self, model, features, grouping):
        if self._result is torch.Tensor:
            return BaseModelOutputWithPooling(pooler_output=torch.stack([unit[0] for unit in features]))
        pooled = [unit[0].clone() for unit in features]
        return BaseModelOutputWithPooling(pooler_output=tuple(pooled) if grouping == "sizes" else pooled)


class Tiles:
    """`pixel_values` (prompts, tiles, C, H, W), shorter prompts filled up with black: SmolVLM, Idefics3."""

    def units(self, model, names, arguments):
        pixels = _tensor(arguments, names[0], 5).to(model.dtype)
        mask = arguments.get(names[1])
        mask = None if mask is None else _tensor(arguments, names[1], 4)
        units, counts = [], []
        for prompt in range(pixels.shape[0]):
            real = [tile for tile in range(pixels.shape[1]) if _is_picture(pixels[prompt, tile])]
            counts.append(len(real))
            for tile in real:
                unit = {names[0]: pixels[prompt : prompt + 1, tile : tile + 1]}
                if mask is not None:
                    part = mask[prompt : prompt + 1, tile : tile + 1]
                    # A mask of ones is what the model makes itself when there is none.
                    if not _is_ones(part):
                        unit[names[1]] = part
                units.append(Unit(unit))
        if not units:
            raise PassThrough("no picture in the call: every tile is padding")
        return units, counts

    def features(self, output):
        return (output.pooler_output[0],)

    def output(self, model, features, counts):
        units = iter(features)
        empty = features[0][0].new_empty((0, features[0][0].shape[-1]))
        pooled = [torch.cat([empty] + [next(units)[0] for _ in range(count)]) for count in counts]
        return BaseModelOutputWithPooling(pooler_output=pooled)


class Pictures:
    """`pixel_values` (pictures, tiles, C, H, W), or their tiles one after another; a unit is a whole picture,
    since the model packs its tiles by its size: LLaVA-NeXT.
    """

    def units(self, model, names, arguments):
        from transformers.models.llava_next.modeling_llava_next import image_size_to_num_patches

        pixels, sizes = arguments[names[0]], _tensor(arguments, names[1], 2)
        config = model.config
        counts = [
            image_size_to_num_patches(size, config.image_grid_pinpoints, config.vision_config.image_size)
            for size in sizes
        ]
        if pixels.dim() == 5 and pixels.shape[0] == len(counts) and pixels.shape[1] >= max(counts):
            parts = [picture[:count] for picture, count in zip(pixels, counts)]
        elif pixels.dim() == 4 and pixels.shape[0] == sum(counts):
            parts = pixels.split(counts)
        else:
            raise PassThrough(f"{names[0]} of shape {tuple(pixels.shape)} does not fit {names[1]}")
        return [
            Unit({names[0]: part.unsqueeze(0), names[1]: size}) for part, size in zip(parts, sizes.split(1))
        ], None

    def features(self, output):
        return (output.pooler_output[0],)

    def output(self, model, features, grouping):
        return BaseModelOutputWithPooling(pooler_output=[unit[0].clone() for unit in features])


class Grids:
    """`pixel_values` (patches, numbers) of all pictures, and how many patches each has (`image_grid_thw`):
    Qwen-VL. A video's frames are encoded together, so a video is a unit as a picture is.
    """

    def units(self, model, names, arguments):
        pixels = _tensor(arguments, names[0], 2).type(model.visual.dtype)
        grids = _tensor(arguments, names[1], 2)
        counts = grids.prod(-1).tolist()
        if sum(counts) != pixels.shape[0] or grids.shape[1] != 3:
            raise PassThrough(f"{names[0]} of shape {tuple(pixels.shape)} does not fit {names[1]}")
        return [
            Unit({names[0]: part, names[1]: grid}) for part, grid in zip(pixels.split(counts), grids.split(1))
        ], None

    def features(self, output):
        layers = getattr(output, "deepstack_features", None) or ()
        return (output.pooler_output[0], *(layer[0] for layer in layers))

    def output(self, model, features, grouping):
        pooled, *layers = ([rows.clone() for rows in kind] for kind in zip(*features))
        if not layers:
            return BaseModelOutputWithPooling(pooler_output=tuple(pooled))
        kind = sys.modules[_family_class(model).__module__].BaseModelOutputWithDeepstackFeatures
        return kind(pooler_output=tuple(pooled), deepstack_features=[tuple(layer) for layer in layers])


@dataclass(frozen=True)
class Architecture:
    """A model's class, what people call it, and its methods that encode, with the arguments that hold
    pictures.
    """

    family: str
    layout: object
    methods: dict


_IMAGES = {"get_image_features": ("pixel_values",)}
_TILES = {"get_image_features": ("pixel_values", "pixel_attention_mask")}
_GRIDS = {
    "get_image_features": ("pixel_values", "image_grid_thw"),
    "get_video_features": ("pixel_values_videos", "video_grid_thw"),
}

ARCHITECTURES = {
    "SmolVLMModel": Architecture("SmolVLM", Tiles(), _TILES),
    "Idefics3Model": Architecture("Idefics3", Tiles(), _TILES),
    "LlavaModel": Architecture("LLaVA", Rows(list), _IMAGES),
    "LlavaNextModel": Architecture(
        "LLaVA-NeXT", Pictures(), {"get_image_features": ("pixel_values", "image_sizes")}
    ),
    "Qwen2VLModel": Architecture("Qwen2-VL", Grids(), _GRIDS),
    "Qwen2_5_VLModel": Architecture("Qwen2.5-VL", Grids(), _GRIDS),
    # Its get_video_features calls get_image_features, so that one alone is enough.
    "Qwen3VLModel": Architecture("Qwen3-VL", Grids(), {"get_image_features": _GRIDS["get_image_features"]}),
    "Gemma3Model": Architecture("Gemma 3", Rows(torch.Tensor), _IMAGES),
    "InternVLModel": Architecture("InternVL", Rows(torch.Tensor), _IMAGES),
}
SUPPORTED = tuple(architecture.family for architecture in ARCHITECTURES.values())


def find(model):
    """The part of `model` that encodes pictures, and its architecture. Looks into wrappers (PEFT, DDP,
    torch.compile).

    Raises ValueError, which lists what is supported.
    """
    for module in model.modules() if isinstance(model, torch.nn.Module) else ():
        if family := _family_class(module):
            return module, ARCHITECTURES[family.__name__]
    raise ValueError(
        f"{type(model).__name__} is not supported: give a transformers model of one of these families: "
        f"{', '.join(SUPPORTED)}. Code that is loaded with a model is not"
    )


def _family_class(module):
    for kind in type(module).__mro__:
        if kind.__name__ in ARCHITECTURES and kind.__module__.startswith("transformers.models."):
            return kind
    return None


def _tensor(arguments, name, dimensions):
    value = arguments.get(name)
    if not isinstance(value, torch.Tensor) or value.dim() != dimensions:
        shape = f" of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else ""
        raise PassThrough(
            f"{name} is a {type(value).__name__}{shape}, expected is a tensor of {dimensions} dimensions"
        )
    return value


def _is_ones(mask):
    # NumPy: for so few numbers PyTorch's threads take longer to wake than to count.
    return bool((mask.numpy() == 1).all()) if mask.device.type == "cpu" else bool((mask == 1).all())


def _is_picture(tile):
    # The first number decides nearly always; a look at all of them costs as much as reading the tile.
    return bool(tile.flatten()[0] != 0) or bool(tile.any())
