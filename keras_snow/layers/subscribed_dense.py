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
from keras_snow.layers.subscribed_conv2d import gather_rows
from keras_snow.layers.subscription import Subscription


@serializable
class SubscribedDense(layers.Layer):
    """Subscribes to standardised features and weighs them for each class.

    The features are shifted and scaled by constants that `adapt` measures once,
    so that the importances of channels of unlike size can be compared; a
    normalisation behind the importance would take away its gradient.

    Args:
        units: Number of outputs.
        subscription: The layer that chooses among the features. Channel pooling
            with its defaults if None.
        kernel_regularizer: Regularizer of the kernel.
        gain: Factor of the standardised features. Under SGD its square
            multiplies the learning rate of the kernel.
        dropout: Share of the chosen features that is dropped in training.
        seed: Seed of the dropout.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Call arguments:
        - `inputs`: Features, `(batch, channels)`.
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
        super().__init__(**kwargs)
        self.units = check_count("units", units)
        self.subscription = subscription or ChannelPooling()
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.gain = check_not_negative("gain", gain)
        self.dropout = check_share("dropout", dropout)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape):
        channels = input_shape[-1]
        # A layer that is loaded from a file brings its part built.
        if not self.subscription.built:
            self.subscription.build(input_shape)
        self.mean = self._add_constant("mean", "zeros", channels)
        self.deviation = self._add_constant("deviation", "ones", channels)
        self.kernel = self.add_weight(
            shape=(self.subscription.num_rows(channels), self.units),
            initializer="zeros",
            regularizer=self.kernel_regularizer,
            name="kernel",
        )
        self.built = True

    def call(self, inputs, training=None):
        scale = ops.cast(self.gain / self.deviation, inputs.dtype)
        features = (inputs - ops.cast(self.mean, inputs.dtype)) * scale
        features, rows, factors = self.subscription.subscribe(
            features, training
        )
        if training and self.dropout:
            features = keras.random.dropout(
                features, self.dropout, seed=self.seed_generator
            )
        return ops.matmul(features, gather_rows(self.kernel, rows, factors))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

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

    def adapt(self, features: Any) -> None:
        """Measures mean and standard deviation of each feature.

        Args:
            features: A sample, `(examples, channels)`.
        """
        features = ops.convert_to_numpy(features).astype("float32")
        self.mean.assign(features.mean(axis=0))
        deviation = features.std(axis=0)
        # A feature that is silent in the sample is left at its own scale.
        deviation[deviation < 1e-5] = 1.0
        self.deviation.assign(deviation)

    def _add_constant(self, name, initializer, channels):
        return self.add_weight(
            shape=(channels,),
            initializer=initializer,
            dtype="float32",
            autocast=False,
            trainable=False,
            name=name,
        )
