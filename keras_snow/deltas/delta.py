"""What every delta is: the small trained network of one task."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_snow.core.unquantized import Unquantized
from keras_snow.layers.channel_pooling import ChannelPooling
from keras_snow.layers.map_statistics import MapStatistics
from keras_snow.layers.subscribed_dense import SubscribedDense
from keras_snow.sources.tap import Tap


class Delta(Unquantized, keras.Model):
    """Answers one task from the image and the taps of a source.

    A subclass builds its graph between `inputs_for(taps)` and the logits and
    hands both to `super().__init__`. Its configuration is plain data, so that a
    delta is saved alone and joined to its source again.

    Call arguments:
        - `inputs`: A dict: `"image"` -> `(batch, height, width, 3)`, raw RGB,
          and each tap name -> its maps.

    Output shape:
        `(batch, num_classes)`, logits
    """

    IMAGE = "image"

    taps: tuple[Tap, ...]
    num_classes: int
    source_fingerprint: str | None = None
    input_scale: str | None = None
    """Of the source that it is made for, as of `load_source`."""

    def sign(self, source: Any) -> None:
        """Notes for which source it is made, unless it says so already.

        Args:
            source: A `Source`, cut behind the last tap that it reads.
        """
        if self.source_fingerprint is None:
            self.source_fingerprint = source.fingerprint
            self.input_scale = source.input_scale

    def source_config(self) -> dict[str, Any]:
        """Returns what its configuration says of the source."""
        known: dict[str, Any] = {"source_fingerprint": self.source_fingerprint}
        # What deltas of sources without it say is older than it.
        if self.input_scale is not None:
            known["input_scale"] = self.input_scale
        return known

    @property
    def tap_names(self) -> list[str]:
        """Names of the taps that this delta reads."""
        return [name for name in self.input if name != self.IMAGE]

    @property
    def poolings(self) -> list[ChannelPooling]:
        """Its channel poolings in the order of depth."""
        return [
            layer
            for layer in self._flatten_layers()
            if isinstance(layer, ChannelPooling)
        ]

    @property
    def standardised(self) -> list[SubscribedDense]:
        """Its heads, whose features are standardised."""
        return [
            layer for layer in self.layers if isinstance(layer, SubscribedDense)
        ]

    @property
    def calibrated(self) -> dict[str, list[Any]]:
        """By tap, what has an `adapt` that measures constants of its maps."""
        found: dict[str, list[Any]] = {}
        for head in self.standardised:
            name = head.name.removesuffix("_head")
            found.setdefault(name, []).append(head)
        for pooling in self.poolings:
            if pooling.normalise:
                found.setdefault(tap_of(pooling), []).append(pooling)
        return found

    @property
    def readings(self) -> dict[str, ChannelPooling]:
        """By what it reads, a tap or its statistics, each channel pooling."""
        measured = [
            layer.name
            for layer in self.layers
            if isinstance(layer, MapStatistics)
        ]
        found = {}
        for pooling in self.poolings:
            tap = tap_of(pooling)
            statistics = statistics_of(tap)
            reads = pooling.for_head and statistics in measured
            found[statistics if reads else tap] = pooling
        return found

    def _convert_inputs_to_tensors(self, flat_inputs: list[Any]) -> list[Any]:
        # Keras casts whole taps to float32. Those in half precision are left
        # to the layers that choose among their maps, and cast the chosen ones.
        if not any(_is_half(given) for given in flat_inputs):
            return super()._convert_inputs_to_tensors(flat_inputs)
        return [
            ops.convert_to_tensor(
                given, dtype=None if _is_half(given) else known.dtype
            )
            for given, known in zip(flat_inputs, self.inputs, strict=True)
        ]


def _is_half(given: Any) -> bool:
    dtype = getattr(given, "dtype", None)
    return dtype is not None and keras.backend.standardize_dtype(dtype) in (
        "bfloat16",
        "float16",
    )


def tap_of(subscription: keras.layers.Layer) -> str:
    """Returns the name of the tap that a subscription reads.

    Args:
        subscription: The layer. Of one that no delta has made it is the
            layer's own name.

    Examples:
        >>> from keras_snow import ChannelPooling
        >>> tap_of(ChannelPooling(name="mine"))
        'mine'
    """
    known: str | None = getattr(subscription, "tap", None)
    return known or subscription.name.removesuffix("_choice")


def statistics_of(tap: str) -> str:
    """Returns the name of what a head reads of a tap instead of its maps.

    Args:
        tap: Name of the tap.
    """
    return f"{tap}_statistics"


def inputs_for(taps: Sequence[Tap]) -> dict[str, Any]:
    """Returns the symbolic inputs of a delta.

    Args:
        taps: The taps that it reads.
    """
    image = {Delta.IMAGE: keras.Input((None, None, 3), name=Delta.IMAGE)}
    return image | {
        tap.name: keras.Input((None, None, tap.channels), name=tap.name)
        for tap in taps
    }
