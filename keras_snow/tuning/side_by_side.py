"""SideBySide: one pass of a source for the deltas of many settings."""

from typing import Any

import keras

from keras_snow.deltas.delta import Delta
from keras_snow.sources.source import Source


class SideBySide(keras.Model):
    """Trains deltas on the same batches; the source runs once for all.

    In a step each delta's own `train_step` is called on the maps, with its own
    loss, optimizer and metrics: what its own run would do. TensorFlow only.

    Args:
        source: The source, with all taps that the deltas read.
        deltas: Compiled models from image and maps to logits.

    Call arguments:
        - `inputs`: Raw RGB, `(batch, height, width, 3)`.

    Output shape:
        A list of `(batch, num_classes)`, one a delta.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(8, 3, 2, name="maps")(image)
        >>> SideBySide(Source(keras.Model(image, maps)), []).deltas
        []
    """

    def __init__(self, source: Source, deltas: list[keras.Model]) -> None:
        super().__init__()
        self.source = source
        self.deltas = deltas
        self.built = True

    def call(self, inputs):
        maps = self.read(inputs)
        return [
            delta(_wanted(delta, maps), training=False) for delta in self.deltas
        ]

    def read(self, images: Any) -> dict[str, Any]:
        """Returns the images and the source's maps of them.

        Args:
            images: Raw RGB, `(batch, height, width, 3)`.
        """
        return {Delta.IMAGE: images, **self.source(images)}

    def train_step(self, data):
        """Takes one step with each delta.

        Returns:
            The deltas' logs; a name is `NUMBER/NAME`.
        """
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        maps = self.read(images)
        logs: dict[str, Any] = {}
        for number, delta in enumerate(self.deltas):
            own = delta.train_step((_wanted(delta, maps), labels))
            logs |= {f"{number}/{name}": own[name] for name in own}
        return logs

    def prepare(self, images: Any, labels: Any) -> None:
        """Makes the variables of the deltas' losses and metrics.

        A graph can't make them.
        """
        maps = self.read(images)
        for delta in self.deltas:
            delta._symbolic_build(data_batch=(_wanted(delta, maps), labels))


def _wanted(delta: keras.Model, maps: dict[str, Any]) -> dict[str, Any]:
    return {name: maps[name] for name in delta.input}
