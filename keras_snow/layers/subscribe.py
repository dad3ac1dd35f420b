"""Chooses among the maps of a tap once, for all that read them."""

from typing import Any

import keras
from keras import layers
from keras import ops

from keras_snow.core.serialization import serializable
from keras_snow.layers.subscription import Selection
from keras_snow.layers.subscription import Subscription


@serializable
class Subscribe(layers.Layer):
    """Hands the choice of a subscription to several readers.

    Gathering maps costs as much as reading them; a block and a head that
    subscribe to the same tap with the same layer share it.

    Args:
        subscription: The layer that chooses. Its readers are given it, too.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Call arguments:
        - `inputs`: The tap, channels last.
        - `training`: Whether to explore.

    Output shape:
        A dict with those fields of `Selection` that are not None.

    Examples:
        >>> import numpy as np
        >>> from keras_snow.layers import ChannelPooling
        >>> from keras_snow.layers import SubscribedDense
        >>> pooling = ChannelPooling(k=8)
        >>> chosen = Subscribe(pooling)(np.random.rand(2, 14, 14, 64))
        >>> tuple(chosen["maps"].shape), tuple(chosen["channels"].shape)
        ((2, 14, 14, 8), (8,))
        >>> tuple(SubscribedDense(10, pooling)(chosen).shape)
        (2, 10)
    """

    def __init__(self, subscription: Subscription, **kwargs: Any) -> None:
        # The chosen maps are cast, not the whole tap.
        super().__init__(**{"autocast": False, **kwargs})
        self.subscription = subscription

    def build(self, input_shape):
        if not self.subscription.built:
            self.subscription.build(input_shape)
        self.built = True

    def call(self, inputs, training=None):
        if not self.subscription.selects:
            inputs = ops.cast(inputs, self.compute_dtype)
        chosen = self.subscription.subscribe(inputs, training)
        maps = ops.cast(chosen.maps, self.compute_dtype)
        parts = chosen._replace(maps=maps)._asdict()
        return {name: part for name, part in parts.items() if part is not None}

    def get_config(self) -> dict[str, Any]:
        subscription = keras.saving.serialize_keras_object(self.subscription)
        return {**super().get_config(), "subscription": subscription}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Subscribe":
        subscription = keras.saving.deserialize_keras_object(
            config.pop("subscription")
        )
        return cls(subscription, **config)


def select(
    subscription: Subscription, inputs: Any, training: bool | None = None
) -> Selection:
    """Returns what a reader reads of a tap.

    Args:
        subscription: What chooses.
        inputs: The tap, or what `Subscribe` gave for it.
        training: Whether to explore.
    """
    if isinstance(inputs, dict):
        return Selection(**inputs)
    return subscription.subscribe(inputs, training)


def shape_of_tap(subscription: Subscription, shape: Any) -> Any:
    """Returns the shape of a tap; builds the subscription if need be.

    Args:
        subscription: What chooses.
        shape: Shape of the tap, or the shapes of what `Subscribe` gave for it.
    """
    if isinstance(shape, dict):
        return (*shape["maps"][:-1], subscription.channels)
    # A layer that is loaded from a file brings its part built.
    if not subscription.built:
        subscription.build(shape)
    return shape
