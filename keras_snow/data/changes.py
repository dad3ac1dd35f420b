"""Changes of an image that are made with some probability."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image
from PIL import ImageEnhance
from PIL import ImageFilter
from PIL import ImageOps

Picture = Image.Image
Apply = Callable[[Picture, np.random.Generator], Picture]

_PUBLISHED_SIDE = 224  # What published sizes of a blur are meant for.


@dataclass(frozen=True)
class Change:
    """A change of an image that is made with some probability.

    Args:
        probability: Of making it.
        apply: Makes it: a pure function of the image and the state of a
            generator of random numbers.

    Examples:
        >>> change = Change(1.0, to_grey)
        >>> image = Image.new("RGB", (1, 1), (255, 0, 0))
        >>> change(image, np.random.default_rng(0)).getpixel((0, 0))
        (76, 76, 76)
    """

    probability: float
    apply: Apply

    def __call__(
        self, image: Picture, generator: np.random.Generator
    ) -> Picture:
        """Returns the image, changed or not.

        Args:
            image: RGB.
            generator: Where the random numbers come from.
        """
        if generator.random() < self.probability:
            return self.apply(image, generator)
        return image


def mirror(image: Picture, generator: np.random.Generator) -> Picture:
    """Mirrors from left to right.

    Args:
        image: RGB.
        generator: Not used.
    """
    del generator
    return ImageOps.mirror(image)


def to_grey(image: Picture, generator: np.random.Generator) -> Picture:
    """Takes the colour away.

    Args:
        image: RGB.
        generator: Not used.
    """
    del generator
    return image.convert("L").convert("RGB")


def solarise(image: Picture, generator: np.random.Generator) -> Picture:
    """Inverts the values from 128 on.

    Args:
        image: RGB.
        generator: Not used.
    """
    del generator
    return ImageOps.solarize(image, 128)


def sharpen(image: Picture, generator: np.random.Generator) -> Picture:
    """Doubles the sharpness.

    Args:
        image: RGB.
        generator: Not used.
    """
    del generator
    return ImageEnhance.Sharpness(image).enhance(2.0)


def blur(image: Picture, generator: np.random.Generator) -> Picture:
    """Blurs with a deviation of 0.1 to 2 pixels at a side of 224.

    Args:
        image: RGB.
        generator: Draws the deviation.
    """
    radius = generator.uniform(0.1, 2.0) * image.width / _PUBLISHED_SIDE
    return image.filter(ImageFilter.GaussianBlur(radius))


def jitter(image: Picture, generator: np.random.Generator) -> Picture:
    """Changes brightness, contrast, saturation and hue, in a random order.

    By up to 0.4, 0.4, 0.2 and a tenth of the circle.

    Args:
        image: RGB.
        generator: Draws amounts and order.
    """
    parts = (
        (ImageEnhance.Brightness, 0.4),
        (ImageEnhance.Contrast, 0.4),
        (ImageEnhance.Color, 0.2),
        (None, 0.1),
    )
    for index in generator.permutation(len(parts)):
        enhance, amount = parts[index]
        change = generator.uniform(-amount, amount)
        if enhance is None:
            image = _turn_hue(image, change)
        else:
            image = enhance(image).enhance(1.0 + change)
    return image


def _turn_hue(image: Picture, part: float) -> Picture:
    hue, saturation, value = image.convert("HSV").split()
    turned = hue.point(
        [(each + round(255 * part)) % 256 for each in range(256)]
    )
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")
