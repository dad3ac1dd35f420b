"""Conv4: the four blocks of the literature on few images."""

import keras
from keras import layers

from keras_snow.sources.small.parts import activate
from keras_snow.sources.small.parts import raw_image


def conv4(filters: int = 64) -> keras.Model:
    """Four blocks of a convolution, normalisation, ReLU and max-pooling.

    Reference:
        [Vinyals et al., 2016](https://arxiv.org/abs/1606.04080);
        [Snell et al., 2017](https://arxiv.org/abs/1703.05175)

    Args:
        filters: Maps of each block.

    Examples:
        >>> conv4().count_params()
        113600
    """
    image, x = raw_image()
    for block in range(1, 5):
        name = f"block{block}"
        x = layers.Conv2D(filters, 3, padding="same", name=f"{name}_conv")(x)
        x = layers.MaxPooling2D(2, name=f"{name}_pool")(activate(x, name))
    return keras.Model(image, x, name="conv4")
