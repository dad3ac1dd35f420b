"""FoldedDeltas: a layer that answers several folded deltas at once."""

import contextlib
import dataclasses
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import layers
from keras import ops

from keras_snow.core.serialization import serializable
from keras_snow.deltas.delta import Delta
from keras_snow.serving.folded_plan import put_together
from keras_snow.serving.folded_plan import size_of
from keras_snow.serving.folded_plan import take_apart
from keras_snow.serving.folding import FoldedDelta
from keras_snow.serving.serving_graph import draw_deltas


@dataclasses.dataclass
class _Held:
    """What Keras need not track: it would look at each number of a list."""

    plans: dict[str, Any]
    classes: dict[str, int]
    constants: list[np.ndarray] | None = None


@serializable
class FoldedDeltas(layers.Layer):
    """Answers folded deltas from an image and the maps of a source.

    One layer instead of some hundred for each delta, as Keras needs
    milliseconds to make one. The numbers of a delta are one weight.

    Args:
        deltas: Folded deltas by name.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Call arguments:
        - `inputs`: A dict of the image, raw RGB, and maps by tap.

    Output shape:
        A dict by name, `(batch, classes)`.

    Examples:
        >>> from keras_snow import ResNetDelta, Tap
        >>> from keras_snow.serving.folding import fold_delta
        >>> taps = [Tap("early", 64, 4), Tap("late", 256, 8)]
        >>> delta = ResNetDelta(taps, num_classes=10)
        >>> layer = FoldedDeltas({"birds": fold_delta(delta)})
        >>> {name: tuple(x.shape) for name, x in layer(delta.input).items()}
        {'birds': (None, 10)}
    """

    def __init__(
        self, deltas: Mapping[str, FoldedDelta], **kwargs: Any
    ) -> None:
        # Chosen maps are cast, not whole taps.
        super().__init__(**{"autocast": False, "trainable": False, **kwargs})
        self.copies: list[layers.Layer] = []
        self.numbers: list[Any] = []
        self._held = _Held({}, {x: len(deltas[x].bias) for x in deltas})
        for name, delta in deltas.items():
            plan, numbers = take_apart(delta, self._keep)
            self._held.plans[name] = plan
            self._add_numbers(numbers)
        self.built = True

    def call(self, inputs: dict[str, Any]) -> dict[str, Any]:
        image, maps = inputs[Delta.IMAGE], dict(inputs)
        del maps[Delta.IMAGE]
        numbers = self._held.constants
        if numbers is None:
            numbers = [ops.convert_to_tensor(each) for each in self.numbers]
        deltas = {
            name: put_together(plan, values, self.copies)
            for (name, plan), values in zip(
                self._held.plans.items(), numbers, strict=True
            )
        }
        return draw_deltas(deltas, image, maps)

    def compute_output_spec(self, inputs: dict[str, Any]) -> dict[str, Any]:
        batch = inputs[Delta.IMAGE].shape[0]
        return {
            name: keras.KerasTensor((batch, classes), "float32")
            for name, classes in self._held.classes.items()
        }

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "deltas": self._held.plans,
            "copies": [serialize(layer) for layer in self.copies],
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "FoldedDeltas":
        copies = [
            keras.saving.deserialize_keras_object(each)
            for each in config.pop("copies")
        ]
        deltas = {
            name: put_together(plan, np.zeros(size_of(plan), "float32"), copies)
            for name, plan in config.pop("deltas").items()
        }
        return cls(deltas, **config)

    @contextlib.contextmanager
    def as_constants(self) -> Iterator[None]:
        """Puts the numbers into what is traced as constants, for an export."""
        self._held.constants = [ops.convert_to_numpy(x) for x in self.numbers]
        try:
            yield
        finally:
            self._held.constants = None

    def _add_numbers(self, numbers: np.ndarray) -> None:
        made = self.add_weight(
            shape=numbers.shape,
            initializer=lambda *_, **__: ops.convert_to_tensor(numbers),
            trainable=False,
            name=f"numbers{len(self.numbers)}",
        )
        self.numbers.append(made)

    def _keep(self, layer: layers.Layer) -> int:
        """Keeps a copy of a layer, which can be in another graph as well."""
        twin = type(layer).from_config(layer.get_config())
        twin.trainable = False
        if layer.weights:
            twin.build_from_config(layer.get_build_config())
            twin.set_weights(layer.get_weights())
        self.copies.append(twin)
        return len(self.copies) - 1
