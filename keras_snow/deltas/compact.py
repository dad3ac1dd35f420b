"""The serving form of a trained delta: only what inference reads."""

import dataclasses

import numpy as np
from keras import ops

from keras_snow.deltas.resnet_delta import ResNetDelta
from keras_snow.layers.channel_pooling import ChannelPooling
from keras_snow.layers.subscribed_conv2d import SubscribedConv2D
from keras_snow.layers.subscribed_dense import SubscribedDense


def compact(delta: ResNetDelta) -> ResNetDelta:
    """Returns an equal delta that keeps the kernel rows of chosen maps alone.

    Its selection is fixed; it can be trained further, but not choose anew. A
    delta without channel pooling has nothing to leave out and is copied.

    Args:
        delta: A delta of any binding.

    Returns:
        A delta with the binding `"fixed"` and the same logits.
    """
    settings = dataclasses.replace(delta.settings, binding="fixed")
    small = ResNetDelta(
        delta.taps,
        delta.num_classes,
        settings,
        delta.source_fingerprint,
        name=delta.name,
    )
    for layer in small.layers:
        original = delta.get_layer(layer.name)
        if isinstance(layer, (SubscribedConv2D, SubscribedDense)):
            _copy_subscribed(original, layer)
        elif layer.weights:
            layer.set_weights(original.get_weights())
    return small


def _copy_subscribed(original, layer):
    pooling = original.subscription
    if not isinstance(pooling, ChannelPooling):
        layer.set_weights(original.get_weights())
        return
    channels = pooling.selected_channels()
    kernel = ops.convert_to_numpy(original.kernel)
    if pooling.binding == "rows":
        kernel = np.take(kernel, channels, axis=-2)
    layer.kernel.assign(kernel)
    layer.subscription.importance.assign(pooling.importance)
    layer.subscription.slots.assign(channels)
    for name in ("local_kernel", "mean", "deviation"):
        if hasattr(original, name):
            getattr(layer, name).assign(getattr(original, name))
