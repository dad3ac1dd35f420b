"""The serving form of a trained delta: only what inference reads."""

import dataclasses

from keras import ops

from keras_snow.deltas.delta import Delta
from keras_snow.deltas.resnet_delta import ResNetDelta
from keras_snow.layers.channel_pooling import ChannelPooling
from keras_snow.layers.subscribe import Subscribe
from keras_snow.layers.subscribed_conv2d import SubscribedConv2D
from keras_snow.layers.subscribed_dense import SubscribedDense


def compact(delta: Delta) -> Delta:
    """Returns an equal delta that keeps the kernel rows of chosen maps alone.

    Its selection is fixed; it can be trained further, but not choose anew. A
    delta without channel pooling has nothing to leave out and is copied, and so
    is one that is no `ResNetDelta`.

    Args:
        delta: A delta of any binding.

    Returns:
        A delta with the binding `"fixed"` and the same logits.
    """
    if not isinstance(delta, ResNetDelta):
        copy = type(delta).from_config(delta.get_config())
        copy.set_weights(delta.get_weights())
        return copy
    settings = dataclasses.replace(delta.settings, binding="fixed")
    small = ResNetDelta(
        delta.taps,
        delta.num_classes,
        settings,
        name=delta.name,
        **delta.source_config(),
    )
    for layer in small.layers:
        original = delta.get_layer(layer.name)
        if isinstance(layer, (SubscribedConv2D, SubscribedDense)):
            _copy_reader(original, layer)
        elif layer.weights and not isinstance(layer, Subscribe):
            layer.set_weights(original.get_weights())
    return small


def _copy_choice(original, pooling):
    pooling.importance.assign(original.importance)
    pooling.slots.assign(original.selected_channels())
    if original.normalise:
        pooling.deviation.assign(original.deviation)


def _copy_reader(original, layer):
    if not isinstance(original.subscription, ChannelPooling):
        layer.set_weights(original.get_weights())
        return
    # Shared with another reader it may be copied twice, which does no harm.
    _copy_choice(original.subscription, layer.subscription)
    kernel = ops.convert_to_numpy(original.kernel)
    if original.subscription.binding == "rows":
        channels = original.subscription.selected_channels()
        kernel = kernel[channels]
    layer.kernel.assign(kernel)
    for name in ("local_kernel", "mean", "deviation"):
        if hasattr(original, name):
            getattr(layer, name).assign(getattr(original, name))
