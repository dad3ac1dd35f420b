"""All maps of a tap: what channel pooling is compared with."""

from keras_snow.core.serialization import serializable
from keras_snow.layers.subscription import SUBSCRIPTIONS
from keras_snow.layers.subscription import Subscription


@SUBSCRIPTIONS.register("all")
@serializable
class FullSubscription(Subscription):
    """Hands on every map of a tap as it is.

    Nothing is learned here; the layer that reads the maps has a kernel row for
    each of them.

    Reference:
        "Subscribing to all" in Table 6 of
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr).

    Input shape:
        `(batch, height, width, channels)` or `(batch, channels)`

    Output shape:
        The same.

    Examples:
        >>> tuple(FullSubscription()(np.random.rand(2, 14, 14, 64)).shape)
        (2, 14, 14, 64)
    """

    def call(self, inputs, training=None):
        return inputs

    def compute_output_shape(self, input_shape):
        return input_shape
