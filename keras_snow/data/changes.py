"""Changes of an image that are made with some probability."""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from PIL import ImageEnhance
from PIL import ImageFilter
from PIL import ImageOps

from keras_snow.core.checks import check_choice

Picture = Image.Image

_PUBLISHED_SIDE = 224  # What published sizes of a blur are meant for.


@dataclass(frozen=True)
class Change:
    """A change of an image that is made with some probability.

    A pure function of the image and the state of the generator.

    Args:
        name: `"mirror"` (left and right), `"grey"`, `"solarise"` (values from
            128 on are inverted), `"sharpen"` (to twice the sharpness), `"blur"`
            (by 0.1 to 2 pixels at a side of 224) or `"jitter"` (brightness,
            contrast, saturation and hue, in a random order, by up to 0.4, 0.4,
            0.2 and a tenth of the circle).
        probability: Of making it.

    Raises:
        ValueError: If the name is unknown.

    Examples:
        >>> image = Image.new("RGB", (1, 1), (255, 0, 0))
        >>> grey = Change("grey", 1.0)(image, np.random.default_rng(0))
        >>> grey.getpixel((0, 0))
        (76, 76, 76)
    """

    name: str
    probability: float

    def __post_init__(self) -> None:
        check_choice("change", self.name, _CHANGES)

    def __call__(
        self, image: Picture, generator: np.random.Generator
    ) -> Picture:
        """Returns the image, changed or not.

        Args:
            image: RGB.
            generator: Where the random numbers come from.
        """
        if generator.random() < self.probability:
            return _CHANGES[self.name](image, generator)
        return image


def _blur(image: Picture, generator: np.random.Generator) -> Picture:
    radius = generator.uniform(0.1, 2.0) * image.width / _PUBLISHED_SIDE
    return image.filter(ImageFilter.GaussianBlur(radius))


def _jitter(image: Picture, generator: np.random.Generator) -> Picture:
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


_CHANGES = {
    "mirror": lambda image, _: ImageOps.mirror(image),
    "grey": lambda image, _: image.convert("L").convert("RGB"),
    "solarise": lambda image, _: ImageOps.solarize(image, 128),
    "sharpen": lambda image, _: ImageEnhance.Sharpness(image).enhance(2.0),
    "blur": _blur,
    "jitter": _jitter,
}
