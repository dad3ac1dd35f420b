"""LoRA: products of low rank are added to the source's convolutions."""

from typing import Any

import keras
from keras import layers

from keras_snow.baselines.body import Body
from keras_snow.baselines.graphs import copy_network
from keras_snow.baselines.graphs import split_activation
from keras_snow.baselines.heads import classifier_on
from keras_snow.baselines.methods import register_method
from keras_snow.core.checks import check_count
from keras_snow.sources.source import Source


@register_method("lora", small_rate=0.005)
def low_rank_adaptation(
    source: Source,
    num_classes: int,
    rank: int = 4,
    dropout: float = 0.0,
    seed: int = 0,
) -> keras.Model:
    """A product of low rank beside every convolution, and a final layer.

    Beside a convolution stands one of the same size to `rank` maps and, behind
    it, a 1x1 convolution that starts at zero, so that training begins with the
    source's function. Dense layers on maps, ConvNeXt's 1x1 convolutions, are
    treated alike. Depthwise and grouped convolutions, whose kernels are of low
    rank by nature, are left as they are.

    Reference:
        [Hu et al., 2022](https://arxiv.org/abs/2106.09685). The scale
        `alpha / rank` is 1 here; the learning rate has its part.

    Args:
        source: The source that is copied; it is left as it is.
        num_classes: Number of classes.
        rank: Rank of what is added to a kernel.
        dropout: Share of the features that is dropped in training.
        seed: Seed of the new weights.

    Raises:
        ValueError: If the source has no convolution that could be adapted.
    """
    adapters: list[layers.Layer] = []
    check_count("rank", rank)
    check_count("seed", seed, minimum=0)

    def call(layer: layers.Layer, maps: Any) -> Any:
        if not _can_be_adapted(layer):
            return layer(maps)
        pair = _adapter(layer, rank, 1000 * seed + len(adapters))
        adapters.extend(pair)
        linear, activation = split_activation(layer)
        added = pair[1](pair[0](maps))
        name = f"{layer.name}_lora_sum"
        return activation(layers.Add(name=name)([linear(maps), added]))

    network = copy_network(source, call)
    if not adapters:
        raise ValueError(
            "The source has no convolution that could be adapted. "
            f"Received: source={source.name!r}"
        )
    trained = [layer.name for layer in adapters]
    body = Body(network, trained, name="body")
    return classifier_on(body, num_classes, dropout, "low_rank_adaptation")


def _can_be_adapted(layer):
    if isinstance(layer, layers.Dense):
        return True
    # A depthwise convolution is one in Keras' class tree as well.
    return type(layer) is layers.Conv2D and layer.groups == 1


def _adapter(layer, rank, seed):
    draw = keras.initializers.HeNormal(seed=seed)
    name = f"{layer.name}_lora"
    if isinstance(layer, layers.Dense):
        down = layers.Dense(
            rank, use_bias=False, kernel_initializer=draw, name=f"{name}_down"
        )
        units = layer.units
    else:
        down = layers.Conv2D(
            rank,
            layer.kernel_size,
            layer.strides,
            layer.padding,
            dilation_rate=layer.dilation_rate,
            use_bias=False,
            kernel_initializer=draw,
            name=f"{name}_down",
        )
        units = layer.filters
    # A dense layer on maps is a 1x1 convolution, whatever their rank.
    up = layers.Dense(
        units, use_bias=False, kernel_initializer="zeros", name=f"{name}_up"
    )
    return down, up
