"""A linear head that subscribes to the pooled maps of a tap."""

from typing import Any

import keras
from keras import layers
from keras import ops

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative
from keras_snow.core.checks import check_share
from keras_snow.core.serialization import serializable
from keras_snow.layers.channel_pooling import ChannelPooling
from keras_snow.layers.channel_pooling import hasten
from keras_snow.layers.map_statistics import map_statistics
from keras_snow.layers.map_statistics import steady_deviation
from keras_snow.layers.subscribe import select
from keras_snow.layers.subscribe import shape_of_tap
from keras_snow.layers.subscription import Subscription


@serializable
class SubscribedDense(layers.Layer):
    """Subscribes to maps and weighs their statistics for each class.

    Of each chosen map the mean and the standard deviation over its pixels are
    read; features that are given pooled, `(batch, channels)`, are read as they
    are. They are shifted and scaled by constants that `adapt` measures once, so
    that the importances of channels of unlike size can be compared; a
    normalisation behind the importance would take away its gradient.

    Args:
        units: Number of outputs.
        subscription: The layer that chooses among the features. Channel pooling
            with its defaults if None.
        kernel_regularizer: Regularizer of the kernel.
        gain: Factor of the standardised features. Under SGD its square
            multiplies the learning rate of the kernel; it is meant for a rate
            of 0.015, and a recipe with another one is made up for.
        dropout: Share of the chosen features that is dropped in training.
        seed: Seed of the dropout.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Call arguments:
        - `inputs`: Maps, `(batch, height, width, channels)`, or their
          `map_statistics`, `(batch, 2, channels)`, or features,
          `(batch, channels)`, or what `Subscribe` chose of them.
        - `training`: Whether the subscription explores.

    Output shape:
        `(batch, units)`

    Examples:
        >>> layer = SubscribedDense(10, ChannelPooling(k=8))
        >>> tuple(layer(np.random.rand(2, 64)).shape)
        (2, 10)
    """

    def __init__(
        self,
        units: int,
        subscription: Subscription | None = None,
        kernel_regularizer: Any = None,
        gain: float = 1.0,
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        # Statistics are standardised before they are cast: most of their digits
        # go into the mean.
        super().__init__(**{"autocast": False, **kwargs})
        self.units = check_count("units", units)
        self.subscription = subscription or ChannelPooling()
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.gain = check_not_negative("gain", gain)
        self.dropout = check_share("dropout", dropout)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        # Set by `Schedule`: the gain is meant for a certain learning rate.
        self.rate_factor = 1.0

    def build(self, input_shape):
        input_shape = shape_of_tap(self.subscription, input_shape)
        channels = input_shape[-1]
        # Maps have two statistics, features are one already.
        lead = (2,) if len(input_shape) > 2 else ()
        self.mean = self._add_constant("mean", "zeros", (*lead, channels))
        self.deviation = self._add_constant(
            "deviation", "ones", (*lead, channels)
        )
        rows = self.subscription.num_rows(channels)
        # Rows come first: their gradient is then scattered without transposing.
        self.kernel = self.add_weight(
            shape=(rows, *lead, self.units),
            initializer="zeros",
            regularizer=self.kernel_regularizer,
            name="kernel",
        )
        self.built = True

    def call(self, inputs, training=None):
        features, rows, factors = self._read(inputs, training)
        if training and self.dropout:
            features = keras.random.dropout(
                features, self.dropout, seed=self.seed_generator
            )
        kernel = hasten(self.kernel, self.rate_factor)
        kernel = ops.cast(kernel, self.compute_dtype)
        if rows is not None:
            kernel = ops.take(kernel, rows, axis=0)
        if factors is not None:
            shape = (-1, *[1] * (len(kernel.shape) - 1))
            factors = ops.reshape(factors, shape)
            kernel = kernel * ops.cast(factors, kernel.dtype)
        axes = [[2, 1], [0, 1]] if len(features.shape) == 3 else 1
        return ops.tensordot(features, kernel, axes=axes)

    def compute_output_shape(self, input_shape):
        batch = shape_of_tap(self.subscription, input_shape)[0]
        return (batch, self.units)

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "units": self.units,
            "subscription": serialize(self.subscription),
            "kernel_regularizer": serialize(self.kernel_regularizer),
            "gain": self.gain,
            "dropout": self.dropout,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SubscribedDense":
        subscription = keras.saving.deserialize_keras_object(
            config.pop("subscription")
        )
        return cls(subscription=subscription, **config)

    def adapt(self, statistics: Any) -> None:
        """Measures mean and standard deviation of each feature.

        Args:
            statistics: A sample of what `map_statistics` gives for the tap,
                `(examples, 2, channels)`, or of features,
                `(examples, channels)`.
        """
        sample = ops.convert_to_numpy(statistics).astype("float32")
        if sample.ndim == 3 and len(self.mean.shape) == 1:
            sample = sample[:, 0]
        self.mean.assign(sample.mean(axis=0))
        self.deviation.assign(steady_deviation(sample.std(axis=0)))

    def _read(self, inputs, training):
        """Returns standardised features, and which rows read them how."""
        if not self.subscription.selects:
            # Of products of maps nobody measured mean and deviation.
            features = self._standardise(map_statistics(inputs), None)
            return self.subscription.subscribe(features, training)[:3]
        maps, rows, factors, channels = select(
            self.subscription, inputs, training
        )
        features = self._standardise(map_statistics(maps), channels)
        return features, rows, factors

    def _standardise(self, features, channels):
        mean = ops.convert_to_tensor(self.mean)
        scale = self.gain / ops.convert_to_tensor(self.deviation)
        if channels is not None:
            mean = ops.take(mean, channels, axis=-1)
            scale = ops.take(scale, channels, axis=-1)
        standard = (ops.cast(features, "float32") - mean) * scale
        return ops.cast(standard, self.compute_dtype)

    def _add_constant(self, name, initializer, shape):
        return self.add_weight(
            shape=shape,
            initializer=initializer,
            dtype="float32",
            autocast=False,
            trainable=False,
            name=name,
        )
