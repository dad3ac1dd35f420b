"""Networks whose owner scaled the pixels outside of them."""

import warnings

import keras

from keras_snow.core.pixel_scale import check_scale
from keras_snow.layers.preprocessing import Preprocessing
from keras_snow.sources.flat import flattened
from keras_snow.sources.pixels import describe_pixels

LAYER = "input_scale"


def scale_input(network: keras.Model, scale: str | float | None) -> keras.Model:
    """Returns a network of raw RGB that scales it as its owner did before.

    Args:
        network: A functional model from images to anything.
        scale: `"0..1"`, `"-1..1"`, a factor such as `"1/64"`, or `"caffe"`,
            `"tf"` or `"torch"`. None leaves the network as it is.

    Returns:
        A flat model with the same layers and outputs; the network itself if it
        scales so already.

    Raises:
        ValueError: If there is no such scale, or the network has another one.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> maps = keras.layers.ReLU()(image)
        >>> scaled = scale_input(keras.Model(image, maps), "0..1")
        >>> float(np.max(scaled(np.full((1, 8, 8, 3), 255.0))))
        1.0
    """
    if scale is None:
        return network
    scale = check_scale(scale)
    own = input_scale_of(network)
    if own == scale:
        return network
    if own is not None:
        raise ValueError(
            "The source has an input scale already, which is saved with it. "
            f"Leave this one out. Received: input_scale={scale!r}, the "
            f"source's {own!r}"
        )
    does = describe_pixels(network)
    if does:
        warnings.warn(
            f"The source scales pixels itself ({'; '.join(does)}); with "
            f"`input_scale={scale!r}` they are scaled twice.",
            stacklevel=2,
        )
    return behind(network, Preprocessing(scale, name=LAYER))


def input_scale_of(network: keras.Model) -> str | None:
    """Returns the scale that `scale_input` gave a network; None without.

    Args:
        network: A functional model.
    """
    for layer in network.layers:
        if isinstance(layer, Preprocessing) and layer.name == LAYER:
            return layer.mode
    return None


def behind(network: keras.Model, first: keras.layers.Layer) -> keras.Model:
    """Returns a network that reads what a layer makes of the image.

    Args:
        network: A functional model of images.
        first: The layer.
    """
    network = flattened(network)
    (given,) = network.inputs
    image = keras.Input(given.shape[1:], dtype=given.dtype, name="image")
    # The layers are called anew: one flat graph, with the same names.
    outputs = network._run_through_graph(
        [first(image)], operation_fn=lambda operation, **_: operation
    )
    return keras.Model(image, outputs, name=network.name)
