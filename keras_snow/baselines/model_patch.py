"""MP: small patches all over the source are trained."""

from typing import Any

import keras
import numpy as np
from keras import layers

from keras_snow.baselines.body import Body
from keras_snow.baselines.graphs import MAPPINGS
from keras_snow.baselines.graphs import copy_network
from keras_snow.baselines.graphs import find_normalisations
from keras_snow.baselines.heads import classifier_on
from keras_snow.baselines.methods import register_method
from keras_snow.core.checks import check_choice
from keras_snow.sources.source import Source

PARTS = {"scale": ["gamma"], "scale_and_bias": ["gamma", "beta"]}


@register_method("mp_bn")
def scale_and_bias_patch(
    source: Source,
    num_classes: int,
    parts: str = "scale_and_bias",
    dropout: float = 0.0,
) -> keras.Model:
    """Scales and biases of batch normalisation, and a final layer.

    The statistics stay those of the source.

    Reference:
        [Mudrakarta et al., 2019](https://openreview.net/forum?id=BJxvEh0cFQ).
        The total of MP in Table 5 of
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr) is that
        of the scales alone.

    Args:
        source: The source that is copied; it is left as it is.
        num_classes: Number of classes.
        parts: `"scale_and_bias"` or `"scale"`.
        dropout: Share of the features that is dropped in training.

    Raises:
        ValueError: If the source has no batch normalisation.
    """
    check_choice("parts", parts, PARTS)
    network = copy_network(source)
    names = find_normalisations(network, source.name)
    body = Body(network, names, PARTS[parts], name="body")
    return classifier_on(body, num_classes, dropout, "scale_and_bias_patch")


@register_method("mp_depthwise", small_rate=0.005)
def depthwise_patch(
    source: Source, num_classes: int, dropout: float = 0.0
) -> keras.Model:
    """A 3x3 depthwise convolution in every bottleneck, and a final layer.

    The patch stands behind each convolution that looks at neighbours (3x3 or
    larger), but for the stem, and starts as the identity.

    Reference:
        [Mudrakarta et al., 2019](https://openreview.net/forum?id=BJxvEh0cFQ);
        one patch a bottleneck fits the total of MP in Table 5 of
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr), too.

    Args:
        source: The source that is copied; it is left as it is.
        num_classes: Number of classes.
        dropout: Share of the features that is dropped in training.

    Raises:
        ValueError: If the source has no such convolution behind its stem.
    """
    patches: list[layers.Layer] = []
    stem: list[str] = []

    def call(layer: layers.Layer, maps: Any) -> Any:
        maps = layer(maps)
        if not _looks_at_neighbours(layer):
            return maps
        if not stem:
            stem.append(layer.name)
            return maps
        patches.append(_patch(f"{layer.name}_patch"))
        return patches[-1](maps)

    network = copy_network(source, call)
    if not patches:
        raise ValueError(
            "The source has no convolution of 3x3 or larger behind its stem, "
            f"so there is nothing to patch. Received: source={source.name!r}"
        )
    for patch in patches:
        patch.kernel.assign(_identity(patch.kernel.shape))
    trained = [patch.name for patch in patches]
    body = Body(network, trained, name="body")
    return classifier_on(body, num_classes, dropout, "depthwise_patch")


def _looks_at_neighbours(layer):
    return (
        isinstance(layer, MAPPINGS)
        and not isinstance(layer, layers.Dense)
        and max(layer.kernel_size) >= 3
    )


def _patch(name):
    return layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=name)


def _identity(shape):
    kernel = np.zeros(shape, "float32")
    kernel[1, 1] = 1.0
    return kernel
