"""The sizes of images that a network reads, and leaves anything of."""

import keras

from keras_snow.core.errors import sentence_of


def fixed_size(network: keras.Model) -> tuple[int | None, int | None]:
    """Returns the one size of images that a network reads, where it has one.

    Args:
        network: A model of images.

    Returns:
        Height and width in pixels; None where any will do.

    Examples:
        >>> image = keras.Input((32, None, 3))
        >>> fixed_size(keras.Model(image, keras.layers.ReLU()(image)))
        (32, None)
    """
    network = getattr(network, "network", network)  # Of a `Source`.
    shape = getattr(network, "input_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 4:
        return None, None  # No graph of layers, so it never says.
    return shape[1], shape[2]


def image_input(network: keras.Model) -> keras.KerasTensor:
    """Returns a symbolic image of the one size that a network reads, or any.

    Args:
        network: A model of images, a `Source` or a layer.

    Examples:
        >>> image_input(keras.layers.ReLU()).shape
        (None, None, None, 3)
    """
    return keras.Input((*fixed_size(network), 3), name="image")


def check_not_emptied(network: keras.Model, height: int, width: int) -> None:
    """Looks whether a network shrinks images to nothing on its way.

    Args:
        network: A model of images.
        height: Pixels.
        width: Pixels.

    Raises:
        ValueError: If it was built for another size, or a layer has no pixel
            left to read.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(8, 7)(image)
        >>> check_not_emptied(keras.Model(image, maps), 6, 9)
        Traceback (most recent call last):
        ...
        ValueError: The images are too small: ... Received: height=6, width=9
    """
    wanted = fixed_size(network)
    given = (height, width)
    if any(w not in (None, g) for w, g in zip(wanted, given, strict=True)):
        raise ValueError(_other_size(wanted, given))
    try:
        network.compute_output_shape((1, height, width, 3))
    except ValueError as error:
        raise ValueError(
            "The images are too small: a layer of the network has nothing left "
            f"to read ({sentence_of(error)}). Enlarge them. "
            f"Received: height={height}, width={width}"
        ) from error


def _other_size(
    wanted: tuple[int | None, int | None], given: tuple[int, int]
) -> str:
    height, width = wanted
    if height == width:
        way = f"Use that size: `image_size={height}`, `--image-size {height}`."
    elif None in wanted:
        side = width if height is None else height
        way = f"Use that size: `image_size={side}`, `--image-size {side}`."
    else:
        way = "Images are square here, so it can't be used as it is."
    return (
        "The network was built for images of "
        f"{height or 'any'} x {width or 'any'} pixels. {way} Or build it for "
        "any size (`input_shape=(None, None, 3)`). "
        f"Received: height={given[0]}, width={given[1]}"
    )
