"""A source whose pixels are shifted and scaled before it sees them."""

from collections.abc import Sequence

import keras

from keras_snow.sources.input_scale import behind
from keras_snow.sources.source import Source


def rescale_pixels(
    source: Source, scale: Sequence[float], offset: Sequence[float]
) -> Source:
    """Returns a source that sees `pixels * scale + offset`.

    It still takes raw RGB, and still does its own preprocessing behind that.
    It is another source to a delta: its fingerprint differs.

    Args:
        source: The source; it is left as it is.
        scale: One factor a channel.
        offset: What is added to each channel, in units of raw pixels.

    Returns:
        A source with the same taps.

    Raises:
        ValueError: If there are not three factors and three offsets.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> both = keras.layers.Concatenate(name="both")([image, image])
        >>> source = Source(keras.Model(image, both), ["both"])
        >>> darker = rescale_pixels(source, [0.5] * 3, [0.0, 0.0, 1.0])
        >>> pixels = np.full((1, 8, 8, 3), 100.0)
        >>> darker(pixels)["both"].numpy()[0, 0, 0].tolist()
        [50.0, 50.0, 51.0, 50.0, 50.0, 51.0]
    """
    if len(scale) != 3 or len(offset) != 3:
        raise ValueError(
            "Each of the three channels needs a factor and an offset. "
            f"Received: scale={list(scale)}, offset={list(offset)}"
        )
    rescaling = keras.layers.Rescaling(
        [float(each) for each in scale],
        offset=[float(each) for each in offset],
        name="rescaling_to_statistics",
    )
    network = behind(source.network, rescaling)
    taps = [tap.name for tap in source.taps]
    return Source(network, taps, source.engine, name=source.name)
