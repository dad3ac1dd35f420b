"""Whether a network leaves anything of images of a certain size."""

import keras

from keras_snow.core.errors import sentence_of


def check_not_emptied(network: keras.Model, height: int, width: int) -> None:
    """Looks whether a network shrinks images to nothing on its way.

    Args:
        network: A model of images.
        height: Pixels.
        width: Pixels.

    Raises:
        ValueError: If a layer has no pixel left to read.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(8, 7)(image)
        >>> check_not_emptied(keras.Model(image, maps), 6, 9)
        Traceback (most recent call last):
        ...
        ValueError: The images are too small: ... Received: height=6, width=9
    """
    try:
        network.compute_output_shape((1, height, width, 3))
    except ValueError as error:
        raise ValueError(
            "The images are too small: a layer of the network has nothing left "
            f"to read ({sentence_of(error)}). Enlarge them. "
            f"Received: height={height}, width={width}"
        ) from error
