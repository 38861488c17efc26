# SPDX-License-Identifier: Apache-2.0
"""Random pictures of a few coloured shapes, and what is true of them.

Geometry is in frame units: the model sees a frame of FRAME x FRAME pixels, a picture's longer side fills it, and its
shorter side is centred between grey bars, as libmtmd's preprocessing does for the `janus_pro` projector. A scene can
be drawn at any resolution; training draws mostly at one pixel a unit.
"""
import io
import math
import random
from dataclasses import dataclass

import numpy as np
from PIL import Image

FRAME = 96
PATCH = 12
GRID = FRAME // PATCH
BAR_GREY = 127
WHITE = (255, 255, 255)
OBJECTS_MAX = 5

SHAPES = ["circle", "square", "triangle", "star", "cross", "diamond"]
COLORS = {
    "red": (220, 40, 40), "orange": (245, 140, 20), "yellow": (245, 220, 50), "green": (40, 160, 70),
    "blue": (40, 80, 220), "purple": (130, 50, 180), "pink": (250, 130, 190), "black": (25, 25, 25),
}
COLOR_NAMES = list(COLORS)
SIZES = ["small", "large"]
RADII = {"small": (7.5, 10.0), "large": (14.0, 18.0)}

# Fraction of a patch an object must cover before the patch is labelled with it.
LABEL_COVER = 14 / PATCH**2


@dataclass
class Thing:
    """One shape in a scene; x, y and radius in frame units, from the picture's top left corner."""
    shape: str
    color: str
    size: str
    x: float
    y: float
    radius: float
    angle: float


@dataclass
class Scene:
    """A picture `width` x `height` frame units large (the longer one is FRAME) with its things."""
    width: int
    height: int
    things: list


def random_canvas(rng):
    """(width, height): square half of the time, else a common or an arbitrary aspect ratio up to 3:1."""
    if rng.random() < 0.5:
        return FRAME, FRAME
    common = [4 / 3, 3 / 2, 16 / 9, 2.0, 5 / 4, 3.0]
    ratio = rng.choice(common) if rng.random() < 0.6 else math.exp(rng.uniform(0.0, math.log(3.0)))
    short = round(FRAME / ratio)
    return (FRAME, short) if rng.random() < 0.6 else (short, FRAME)


def random_scene(rng, canvas=None, count=None):
    """A scene of one to five things that neither touch each other nor leave the picture."""
    width, height = canvas or random_canvas(rng)
    count = count or rng.choices([1, 2, 3, 4, 5], [2, 4, 5, 4, 3])[0]
    things = []
    for _ in range(count):
        for _ in range(30):
            size = "large" if rng.random() < 0.45 else "small"
            radius = rng.uniform(*RADII[size])
            margin = radius * 1.16 + 1
            if 2 * margin > min(width, height):
                continue
            x, y = rng.uniform(margin, width - margin), rng.uniform(margin, height - margin)
            if all((x - o.x) ** 2 + (y - o.y) ** 2 > (1.12 * (radius + o.radius) + 2) ** 2 for o in things):
                things.append(Thing(rng.choice(SHAPES), rng.choice(COLOR_NAMES), size, x, y, radius, rng.uniform(-0.2, 0.2)))
                break
    # Shared colours and shapes make counting and naming less trivial.
    if len(things) > 1 and rng.random() < 0.35:
        a, b = rng.sample(things, 2)
        if rng.random() < 0.5:
            b.shape = a.shape
        else:
            b.color = a.color
    return Scene(width, height, things)


def signed_distance(shape, x, y, r):
    """Signed distance (roughly, in frame units) from points (x, y) to the outline of `shape` with radius r."""
    if shape == "circle":
        return np.hypot(x, y) - r
    if shape == "square":
        return np.maximum(np.abs(x), np.abs(y)) - 0.85 * r
    if shape == "triangle":
        y = y - 0.15 * r
        side = 0.8660254
        return np.maximum(y, np.maximum(side * x - 0.5 * y, -side * x - 0.5 * y)) - 0.575 * r
    if shape == "star":
        outer, inner = 1.15 * r, 0.5175 * r
        step = 2 * np.pi / 5
        angle, distance = np.arctan2(x, -y), np.hypot(x, y)
        angle = np.abs((angle + step / 2) % step - step / 2)
        px, py = distance * np.cos(angle), distance * np.sin(angle)
        ex, ey = inner * np.cos(step / 2) - outer, inner * np.sin(step / 2)
        return ((px - outer) * ey - py * ex) / np.hypot(ex, ey)
    if shape == "cross":
        ax, ay, arm = np.abs(x), np.abs(y), 0.32 * r
        return np.minimum(np.maximum(ax - r, ay - arm), np.maximum(ay - r, ax - arm))
    assert shape == "diamond"
    return (np.abs(x) / 0.68 + np.abs(y) / 1.12 - r) * 0.58


def _background(noise, shape, units):
    """A light background: white, plain, graded or blotchy. `units` are the pixel centres in frame units (x, y)."""
    height, width = shape
    if noise.random() < 0.3:
        return np.full((height, width, 3), 255, np.float32)
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = noise.uniform(150, 252) + noise.uniform(-12, 12, 3)
    style = noise.random()
    if style < 0.35:
        angle = noise.uniform(0, 2 * np.pi)
        slope = units[0] * np.cos(angle) + units[1] * np.sin(angle)
        picture += (noise.uniform(4, 22) / (FRAME / 2) * (slope - slope.mean()))[..., None]
    if 0.25 < style < 0.6:
        cells = Image.fromarray(noise.standard_normal((9, 9), dtype=np.float32) * noise.uniform(2, 9))
        filter_ = Image.NEAREST if noise.random() < 0.5 else Image.BICUBIC
        picture += np.asarray(cells.resize((width, height), filter_))[..., None]
    return picture


def draw(scene, rng, scale=1.0, background=None):
    """The picture as uint8 [height, width, 3] at `scale` pixels a frame unit, and its labels.

    Labels: int8 [height, width], 1 + index of the thing that owns the pixel, 0 for background. With a `background`
    colour the picture is clean: pure colours on that colour, without noise.
    """
    plain = background is not None
    noise = np.random.default_rng(rng.getrandbits(63))
    height, width = max(1, round(scene.height * scale)), max(1, round(scene.width * scale))
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    xs, ys = (xs + 0.5) / scale, (ys + 0.5) / scale
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = background if plain else _background(noise, (height, width), (xs, ys))
    labels = np.zeros((height, width), np.int8)
    softness = 1.0 if plain else noise.uniform(0.7, 1.4)
    for index, thing in enumerate(scene.things):
        reach = thing.radius * 1.25 + 3
        rows = slice(max(0, int((thing.y - reach) * scale)), int((thing.y + reach) * scale) + 1)
        columns = slice(max(0, int((thing.x - reach) * scale)), int((thing.x + reach) * scale) + 1)
        x, y = xs[rows, columns] - thing.x, ys[rows, columns] - thing.y
        c, s = math.cos(thing.angle), math.sin(thing.angle)
        distance = signed_distance(thing.shape, c * x + s * y, c * y - s * x, thing.radius)
        cover = np.clip(0.5 - distance * scale * softness, 0, 1)
        color = np.array(COLORS[thing.color], np.float32)
        if not plain:
            color = color + noise.uniform(-16, 16, 3).astype(np.float32)
        area = picture[rows, columns]
        area += (color - area) * cover[..., None]
        labels[rows, columns][cover > 0.5] = index + 1
    if not plain:
        if noise.random() < 0.3:
            picture = (picture - 128) * noise.uniform(0.9, 1.05) + 128 + noise.uniform(-8, 8)
        if noise.random() < 0.6:
            picture += noise.standard_normal(picture.shape, dtype=np.float32) * noise.uniform(1, 8)
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8), labels


def jpeg(picture, quality):
    """`picture` after a trip through JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def fit_frame(picture):
    """`picture` resized and centred between grey bars exactly as libmtmd does before encoding."""
    height, width, _ = picture.shape
    scale = FRAME / max(width, height)
    w, h = min(FRAME, math.ceil(width * scale - 1e-6)), min(FRAME, math.ceil(height * scale - 1e-6))
    if (w, h) != (width, height):
        picture = np.asarray(Image.fromarray(picture).resize((w, h), Image.BICUBIC))
    if w == h == FRAME:
        return picture
    frame = np.full((FRAME, FRAME, 3), BAR_GREY, np.uint8)
    x, y = (FRAME - w) // 2, (FRAME - h) // 2
    frame[y:y + h, x:x + w] = picture
    return frame


def training_frame(scene, rng):
    """(frame uint8 [FRAME, FRAME, 3], cover uint8 [OBJECTS_MAX, GRID * GRID]).

    Most frames are drawn at one pixel a unit; the rest come through a real down- or upscale, and some through JPEG.
    `cover` counts each thing's pixels in each patch of the frame.
    """
    chance = rng.random()
    scale = 1.0 if chance < 0.68 else 2.0 if chance < 0.86 else rng.uniform(0.6, 1.0)
    picture, labels = draw(scene, rng, scale)
    if rng.random() < 0.15:
        picture = jpeg(picture, rng.randint(40, 92))
    if scale != 1.0:
        _, labels = draw(scene, random.Random(0), 1.0, WHITE)
    frame = fit_frame(picture)
    if frame.shape != (FRAME, FRAME, 3):
        raise AssertionError(f"bad frame {frame.shape}")
    return frame, patch_cover(labels, len(scene.things))


def patch_cover(labels, count):
    """Pixels of each of the first `count` things in each patch, from labels drawn at one pixel a unit."""
    framed = np.zeros((FRAME, FRAME), np.int8)
    h, w = labels.shape
    framed[(FRAME - h) // 2:(FRAME - h) // 2 + h, (FRAME - w) // 2:(FRAME - w) // 2 + w] = labels
    cover = np.zeros((OBJECTS_MAX, GRID * GRID), np.uint8)
    for index in range(count):
        cover[index] = (framed == index + 1).reshape(GRID, PATCH, GRID, PATCH).sum((1, 3)).reshape(-1)
    return cover


def centres(scene):
    """float32 [OBJECTS_MAX, 4]: each thing's centre in the frame (x, y) and in the picture (x, y), from -1 to 1."""
    table = np.zeros((OBJECTS_MAX, 4), np.float32)
    left, top = (FRAME - scene.width) // 2, (FRAME - scene.height) // 2
    for index, t in enumerate(scene.things):
        table[index] = (t.x + left) / FRAME, (t.y + top) / FRAME, t.x / scene.width, t.y / scene.height
    table[:len(scene.things)] = table[:len(scene.things)] * 2 - 1
    return table


def patch_attributes(scene, cover):
    """int8 [GRID * GRID, 3]: shape, colour and size of the thing that fills each patch, 1-based, 0 for none."""
    attributes = np.zeros((GRID * GRID, 3), np.int8)
    owner, filled = cover.argmax(0), cover.max(0) >= LABEL_COVER * PATCH**2
    table = np.array([[SHAPES.index(t.shape) + 1, COLOR_NAMES.index(t.color) + 1, SIZES.index(t.size) + 1]
                      for t in scene.things], np.int8)
    attributes[filled] = table[owner[filled]]
    return attributes
