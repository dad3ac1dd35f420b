"""Linear probes: a linear classifier on features of the frozen source."""

from typing import Any

import keras
import numpy as np
from keras import layers
from keras import ops

from keras_snow.baselines.group_lasso import group_lasso_ranking
from keras_snow.baselines.methods import register_method
from keras_snow.core.checks import check_k
from keras_snow.core.checks import check_not_negative
from keras_snow.core.serialization import serializable
from keras_snow.core.unquantized import Unquantized
from keras_snow.layers.feature_selection import FeatureSelection
from keras_snow.layers.feature_selection import standardisation
from keras_snow.layers.global_pooling import average
from keras_snow.models.first_batch import peek
from keras_snow.models.guarded import Guarded
from keras_snow.sources.source import Source

# The error of a standard deviation is then about 3 %.
CALIBRATION_IMAGES = 512
# What a choice among thousands of features is made on, at most.
SELECTION_IMAGES = 4096


@serializable
class LinearProbe(Guarded, Unquantized, keras.Model):
    """A linear classifier on the pooled maps of every tap of a source.

    Features are standardised, and `keep` of them chosen, before the first step:
    `fit` and `train` hand the first training images to `calibrate` for that.

    Reference:
        [Evci et al., 2022](https://arxiv.org/abs/2201.03529) (Head2Toe) for
        features of all layers, chosen by a group lasso.

    Args:
        source: The source; every tap that it has is read.
        num_classes: Number of classes.
        keep: Features to keep, a number (int) or the fraction (float).
        decay: L2 penalty of the weights.
        calibrated: Whether the constants have been measured.
        **kwargs: `name` of `keras.Model`.

    Call arguments:
        - `inputs`: Raw RGB, `(batch, height, width, 3)`, values 0 to 255.

    Output shape:
        `(batch, num_classes)`, logits

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(8, 3, 2, name="maps")(image)
        >>> probe = LinearProbe(Source(keras.Model(image, maps)), 5, keep=4)
        >>> tuple(probe(np.zeros((1, 16, 16, 3))).shape)
        (1, 5)
    """

    def __init__(
        self,
        source: Source,
        num_classes: int,
        keep: int | float = 1.0,
        decay: float = 1e-3,
        calibrated: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.frozen = source
        self.num_classes = num_classes
        self.keep = check_k(keep)
        self.decay = check_not_negative("decay", decay)
        self.selection = FeatureSelection(self.keep, name="selection")
        self.classifier = layers.Dense(
            num_classes,
            kernel_initializer="zeros",
            kernel_regularizer=keras.regularizers.L2(self.decay),
            name="logits",
        )
        features = (None, sum(tap.channels for tap in source.taps))
        self.selection.build(features)
        kept = self.selection.compute_output_shape(features)
        self.classifier.build(kept)
        self._calibrated = calibrated
        self.built = True

    def call(self, images, training=None):
        if training and not self.calibrated:
            self.measure_in_loop(images)
        return self.classifier(self.selection(self.features(images)))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.num_classes)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "source": keras.saving.serialize_keras_object(self.frozen),
            "num_classes": self.num_classes,
            "keep": self.keep,
            "decay": self.decay,
            "calibrated": self._calibrated,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "LinearProbe":
        source = keras.saving.deserialize_keras_object(
            config.pop("source"), custom_objects=custom_objects
        )
        return cls(source, **config)

    def features(self, images: Any) -> Any:
        """Returns the mean of every map, `(batch, maps of all taps)`.

        Args:
            images: Raw RGB, `(batch, height, width, 3)`.
        """
        return pool_taps(self.frozen, self.frozen(images))

    def split_at_source(self) -> tuple[Source, keras.Model]:
        """Returns the source, and the classifier as a model of its maps."""
        inputs = {
            tap.name: keras.Input((None, None, tap.channels), name=tap.name)
            for tap in self.frozen.taps
        }
        pooled = pool_taps(self.frozen, inputs)
        inputs["image"] = keras.Input((None, None, 3), name="image")
        logits = self.classifier(self.selection(pooled))
        return self.frozen, keras.Model(inputs, logits, name="probe_rest")

    @property
    def calibrated(self) -> bool:
        """Whether the features have been measured."""
        return self._calibrated

    def calibrate_with(self, x: Any, y: Any) -> None:
        """Calibrates on images.

        Args:
            x: Images, or batches of images and labels.
            y: Labels, if `x` is an array.
        """
        self.calibrate(x, y)

    def calibrate(self, x: Any, y: Any = None) -> None:
        """Measures the features, and chooses among them, once.

        Args:
            x: Images, or an iterable of batches of images and labels that can
                be started again.
            y: Labels, if `x` is an array.

        Raises:
            ValueError: If features must be chosen and there are no labels.
        """
        if self._calibrated:
            return
        chooses = self.classifier.kernel.shape[0] < self._num_features
        limit = SELECTION_IMAGES if chooses else CALIBRATION_IMAGES
        parts, known, seen = [], [], 0
        for images, labels in peek(x, y, batch_size=32):
            found = self.features(images.astype("float32"))
            parts.append(ops.convert_to_numpy(found).astype("float32"))
            known.append(labels)
            seen += len(images)
            if seen >= limit:
                break
        if not parts:
            return
        features = np.concatenate(parts)
        chosen = self._choose(features, known) if chooses else None
        self.selection.adapt(features, chosen)
        self._calibrated = True

    @property
    def _num_features(self) -> int:
        return sum(tap.channels for tap in self.frozen.taps)

    def _choose(self, features, labels):
        if any(batch is None for batch in labels):
            raise ValueError(
                "Features are chosen by their labels. Hand over images with "
                f"labels, or keep all: `keep=1.0`. Received: keep={self.keep}"
            )
        mean, scale = standardisation(features)
        known = np.concatenate(labels).astype("int64")
        # Rows of zeros and ones stay rows.
        known = known.reshape(-1) if known.size == len(features) else known
        ranking = group_lasso_ranking(
            (features - mean) / scale, known, self.num_classes
        )
        return np.sort(ranking[: self.classifier.kernel.shape[0]])


def pool_taps(source: Source, maps: Any) -> Any:
    """Returns the means of the maps of all taps, side by side.

    Args:
        source: The source.
        maps: What it gives.

    Returns:
        `(batch, maps of all taps)`, in the order of depth.
    """
    pooled = [
        average(ops.cast(maps[tap.name], "float32")) for tap in source.taps
    ]
    return ops.concatenate(pooled, axis=-1)


@register_method("probe_last", small_rate=0.05, shares_pass=True)
def probe_last(
    source: Source, num_classes: int, decay: float = 1e-3
) -> keras.Model:
    """A linear classifier on the standardised features of the last tap.

    Args:
        source: The source; its last tap is read.
        num_classes: Number of classes.
        decay: L2 penalty of the weights.
    """
    last = source.select([source.taps[-1].name])
    return LinearProbe(last, num_classes, decay=decay, name="probe_last")


@register_method("probe_all", small_rate=0.05, shares_pass=True)
def probe_all(
    source: Source,
    num_classes: int,
    keep: int | float = 0.25,
    decay: float = 1e-3,
) -> keras.Model:
    """A linear classifier on chosen features of every tap.

    Reference:
        [Evci et al., 2022](https://arxiv.org/abs/2201.03529) (Head2Toe), with
        the mean of each map as its feature.

    Args:
        source: The source; every tap that it has is read.
        num_classes: Number of classes.
        keep: Features to keep, a number (int) or the fraction (float); 1.0
            keeps all.
        decay: L2 penalty of the weights.
    """
    return LinearProbe(source, num_classes, keep, decay, name="probe_all")
