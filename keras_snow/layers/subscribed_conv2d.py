"""A 1x1 convolution that reads subscribed and local maps side by side."""

from typing import Any

import keras
from keras import layers
from keras import ops

from keras_snow.core.checks import check_count
from keras_snow.core.serialization import serializable
from keras_snow.layers.channel_pooling import ChannelPooling
from keras_snow.layers.match_size import match_size
from keras_snow.layers.subscribe import select
from keras_snow.layers.subscribe import shape_of_tap
from keras_snow.layers.subscription import Subscription


@serializable
class SubscribedConv2D(layers.Layer):
    """Convolves the concatenation of subscribed and local maps, 1x1.

    `conv(concat(subscribed, local))` is computed as the sum of two products,
    and the importances of channel pooling multiply the kernel instead of the
    maps; the function is the same, the maps are read once.

    Reference:
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr), Section
        2.1: the input of a delta layer is the concatenation of the subscribed
        features and the output of the delta layer before it.

    Args:
        filters: Number of maps of the first output, at the taps' resolution.
        shortcut_filters: Number of maps of the second output; it is read from
            every `strides`-th pixel. 0 for one output only.
        strides: Stride of the second output.
        subscription: The layer that chooses among the maps of the tap.
            Channel pooling with its defaults if None.
        kernel_initializer: Initializer of both kernels.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Call arguments:
        - `tap`: Maps of the source, `(batch, height, width, channels)`, or
          what `Subscribe` chose of them.
        - `local`: Maps of the delta, `(batch, height, width, local_channels)`.
        - `training`: Whether the subscription explores.

    Output shape:
        `(batch, height, width, filters)`, and if there are `shortcut_filters`
        also `(batch, height / strides, width / strides, shortcut_filters)`

    Examples:
        >>> layer = SubscribedConv2D(8, 32, subscription=ChannelPooling(k=8))
        >>> tap = np.random.rand(2, 56, 56, 64)
        >>> local = np.random.rand(2, 56, 56, 8)
        >>> [tuple(output.shape) for output in layer(tap, local)]
        [(2, 56, 56, 8), (2, 56, 56, 32)]
    """

    def __init__(
        self,
        filters: int,
        shortcut_filters: int = 0,
        strides: int = 1,
        subscription: Subscription | None = None,
        kernel_initializer: Any = "he_normal",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = check_count("filters", filters)
        self.shortcut_filters = check_count(
            "shortcut_filters", shortcut_filters, minimum=0
        )
        self.strides = check_count("strides", strides)
        self.subscription = subscription or ChannelPooling()
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, tap_shape, local_shape):
        channels = shape_of_tap(self.subscription, tap_shape)[-1]
        local = local_shape[-1]
        maps = self.subscription.num_maps(channels)
        columns = self.filters + self.shortcut_filters
        draw = _draw_for(self.kernel_initializer, maps + local)
        self.kernel = self.add_weight(
            shape=(self.subscription.num_rows(channels), columns),
            initializer=draw,
            name="kernel",
        )
        self.local_kernel = self.add_weight(
            shape=(local, columns), initializer=draw, name="local_kernel"
        )
        self.built = True

    def call(self, tap, local, training=None):
        maps, rows, factors, _ = select(self.subscription, tap, training)
        kernel = gather_rows(self.kernel, rows, factors)
        local = match_size(local, maps)
        at = [self.filters]
        if self.strides == 1 or not self.shortcut_filters:
            both = convolve(maps, kernel) + convolve(local, self.local_kernel)
            if not self.shortcut_filters:
                return both
            return tuple(ops.split(both, at, axis=-1))
        # Two products: a strided slice of one costs more than the second.
        kernels = ops.split(kernel, at, axis=1)
        local_kernels = ops.split(self.local_kernel, at, axis=1)
        output, shortcut = (
            convolve(maps, kernel, strides) + convolve(local, other, strides)
            for kernel, other, strides in zip(
                kernels, local_kernels, (1, self.strides), strict=True
            )
        )
        return output, shortcut

    def compute_output_shape(self, tap_shape, local_shape):
        tap_shape = shape_of_tap(self.subscription, tap_shape)
        output = (*tap_shape[:-1], self.filters)
        if not self.shortcut_filters:
            return output
        height, width = (
            side if side is None else -(-side // self.strides)
            for side in tap_shape[1:3]
        )
        return output, (tap_shape[0], height, width, self.shortcut_filters)

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "filters": self.filters,
            "shortcut_filters": self.shortcut_filters,
            "strides": self.strides,
            "subscription": serialize(self.subscription),
            "kernel_initializer": serialize(self.kernel_initializer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SubscribedConv2D":
        subscription = keras.saving.deserialize_keras_object(
            config.pop("subscription")
        )
        return cls(subscription=subscription, **config)


def gather_rows(kernel, rows, factors):
    """Returns the kernel rows of the subscribed maps, times their factors.

    Args:
        kernel: `(rows, filters)`.
        rows: Which rows to take; None for all of them.
        factors: A factor for each row taken; None for 1.
    """
    kernel = ops.convert_to_tensor(kernel)
    if rows is not None:
        kernel = ops.take(kernel, rows, axis=0)
    if factors is None:
        return kernel
    return kernel * ops.cast(factors, kernel.dtype)[:, None]


def convolve(maps, kernel, strides=1):
    """Convolves `(batch, height, width, rows)` with a 1x1 kernel.

    Args:
        maps: Channels last.
        kernel: `(rows, filters)`.
        strides: Take every such pixel.
    """
    if strides > 1:
        maps = maps[:, ::strides, ::strides]
    # On a CPU a product of matrices is a fifth faster than a convolution; and
    # TensorFlow 2.21 kills the process in the gradient of one with a stride,
    # fewer than 16 maps and an odd number of images (oneDNN, some processors).
    return ops.tensordot(maps, ops.convert_to_tensor(kernel), axes=1)


def _draw_for(initializer, fan_in):
    """Draws as for a kernel with `fan_in` rows, however many there are.

    Only the rows of the chosen maps are read at a time, so a kernel with a row
    for each map of the tap must not be scaled down by their number.
    """

    def draw(shape, dtype=None):
        if not isinstance(initializer, keras.initializers.VarianceScaling):
            return initializer(shape, dtype=dtype)
        values = initializer(shape, dtype=dtype)
        return values * (shape[0] / fan_in) ** 0.5

    return draw
