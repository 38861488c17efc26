# SPDX-License-Identifier: Apache-2.0

"""image_key: which picture this is, whatever file or array it came in."""

from __future__ import annotations

import io
import os
from typing import Any

from ._fovea import Key, pixels_key


def image_key(image: Any) -> Key:
    """The key of a picture's size and pixels: upright, 8-bit RGB, alpha flattened on white.

    Takes an array of uint8 of (height, width), (height, width, 3) or (height, width, 4); a PIL image; the bytes of an
    image file; or a path to one. Files, their bytes and PIL images need Pillow (pip install fovea[images]).
    """
    if isinstance(image, (str, os.PathLike)):
        return _key_of_file(os.fspath(image))
    if isinstance(image, (bytes, bytearray)) or (isinstance(image, memoryview) and image.ndim == 1):
        return _key_of_file(io.BytesIO(image))
    if hasattr(image, "getexif") and hasattr(image, "convert"):
        return pixels_key(_upright_pixels(image))
    return pixels_key(image)


def _key_of_file(file: Any) -> Key:
    try:
        from PIL import Image
    except ImportError:
        raise ImportError("image_key of a file or its bytes needs Pillow: pip install fovea[images]") from None
    with Image.open(file) as image:
        return pixels_key(_upright_pixels(image))


def _upright_pixels(image: Any) -> Any:
    from PIL import ImageOps

    if image.mode.startswith(("I", "F")):
        raise ValueError(f"a picture of mode {image.mode} has more than 8 bits a sample: convert it to RGB first")
    image = ImageOps.exif_transpose(image)
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    image = image.convert("RGBA" if has_alpha else "RGB")
    return memoryview(image.tobytes()).cast("B", (image.height, image.width, len(image.getbands())))
