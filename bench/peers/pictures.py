"""The pictures of the requests: 512 x 512 pixels, full of detail, all different, the same on every machine."""

import random

import numpy
from PIL import Image, ImageDraw

SIDE = 512
SHAPES = 60


class Pictures:
    """Draws pictures into a folder, one for each name. Not thread-safe: pictures for threads are drawn before."""

    def __init__(self, folder, seed):
        self.folder, self.seed = folder, seed

    def path(self, name):
        """The file of the picture called `name`, which is drawn at the first call."""
        file = self.folder / f"{name}.png"
        if not file.exists():
            draw(f"{self.seed}/{name}").save(file)
        return str(file)


def draw(name):
    dice = random.Random(name)
    picture = Image.fromarray(background(dice))
    pen = ImageDraw.Draw(picture)
    for _ in range(SHAPES):
        shape(pen, dice)
    return picture


def background(dice):
    """Waves of some colour: no two tiles of it are equal."""
    y, x = numpy.mgrid[0:SIDE, 0:SIDE]
    channels = []
    for _ in range(3):
        across, down, begin = dice.uniform(0.005, 0.05), dice.uniform(0.005, 0.05), dice.uniform(0, 6)
        channels.append(127 + 120 * numpy.sin(x * across + y * down + begin))
    return numpy.stack(channels, axis=-1).astype(numpy.uint8)


def shape(pen, dice):
    left, top = dice.randrange(SIDE), dice.randrange(SIDE)
    box = [left, top, left + dice.randrange(8, 120), top + dice.randrange(8, 120)]
    colour = tuple(dice.randrange(256) for _ in range(3))
    dice.choice([pen.rectangle, pen.ellipse, pen.line])(box, fill=colour)
