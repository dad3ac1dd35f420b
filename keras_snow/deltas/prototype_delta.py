"""A delta that nobody trained: prototypes of a few images."""

from collections.abc import Sequence
from typing import Any

from keras import layers

from keras_snow.core.checks import check_count
from keras_snow.core.serialization import serializable
from keras_snow.deltas.delta import Delta
from keras_snow.deltas.delta import inputs_for
from keras_snow.layers.global_pooling import GlobalPooling
from keras_snow.sources.tap import Tap


@serializable
class PrototypeDelta(Delta):
    """Answers with the class whose prototype is the nearest.

    Of each tap the means of the maps are read. What they say of the nearest
    prototype is linear in them: of the squared Euclidean distance, the square
    of the image's features is the same for all classes; of the cosine, their
    length is. `keras_snow.fewshot.prototype_delta` makes one of a few images.

    Reference:
        [Snell et al., 2017](https://arxiv.org/abs/1703.05175), Section 2.4.

    Args:
        taps: Taps of the source that are read, in the order of depth.
        num_classes: Number of logits, at least two.
        source_fingerprint: Fingerprint of the source that it is made for.
        input_scale: What that source makes of pixels, as of `load_source`.
        **kwargs: `name` of `keras.Model`.

    Raises:
        ValueError: If there is no tap, or one class only.

    Examples:
        >>> taps = [Tap("early", 64, 4), Tap("late", 256, 8)]
        >>> delta = PrototypeDelta(taps, num_classes=3)
        >>> delta.assign(np.random.rand(320, 3), np.zeros(3))
        >>> delta.tap_names
        ['early', 'late']
    """

    def __init__(
        self,
        taps: Sequence[Tap | dict[str, Any]],
        num_classes: int,
        source_fingerprint: str | None = None,
        input_scale: str | None = None,
        **kwargs: Any,
    ) -> None:
        known = [tap if isinstance(tap, Tap) else Tap(**tap) for tap in taps]
        check_count("taps", len(known))
        num_classes = check_count("num_classes", num_classes, minimum=2)
        inputs = inputs_for(known)
        means = [
            GlobalPooling(name=f"{tap.name}_mean")(inputs[tap.name])
            for tap in known
        ]
        if len(means) > 1:
            means = [layers.Concatenate(name="delta_features")(means)]
        logits = layers.Dense(
            num_classes, kernel_initializer="zeros", name="delta_logits"
        )(means[0])
        super().__init__(inputs=inputs, outputs=logits, **kwargs)
        self.taps = tuple(known)
        self.num_classes = num_classes
        self.source_fingerprint = source_fingerprint
        self.input_scale = input_scale

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "taps": [tap.to_dict() for tap in self.taps],
            "num_classes": self.num_classes,
            **self.source_config(),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "PrototypeDelta":
        return cls(**config)

    def assign(self, kernel: Any, bias: Any) -> None:
        """Sets what is read of the means.

        Args:
            kernel: `(maps of all taps, classes)`, in the order of the taps.
            bias: `(classes,)`.
        """
        self.get_layer("delta_logits").set_weights([kernel, bias])
