"""PN: a full column for the task, with laterals from the source."""

from typing import Any

import keras
from keras import layers

from keras_snow.baselines.graphs import MAPPINGS
from keras_snow.baselines.graphs import clone_layer
from keras_snow.baselines.graphs import draw_weights
from keras_snow.baselines.graphs import main_path
from keras_snow.baselines.graphs import run_through
from keras_snow.baselines.graphs import split_activation
from keras_snow.baselines.heads import classify
from keras_snow.baselines.methods import register_method
from keras_snow.models.classifier import Classifier
from keras_snow.sources.graph import outputs_of
from keras_snow.sources.image_size import image_input
from keras_snow.sources.source import Source

COLUMN = "column_"


@register_method("pn", shares_pass=True)
def progressive_net(
    source: Source, num_classes: int, dropout: float = 0.0, seed: int = 0
) -> keras.Model:
    """A network like the source, fed by the source at every convolution.

    To the output of each convolution of the column, but for its stem and its
    shortcuts, a 1x1 convolution of the source's output at the same place is
    added, in front of the normalisation. Column and laterals start from random
    weights; the source is frozen.

    Reference:
        [Rusu et al., 2016](https://arxiv.org/abs/1606.04671), with one source
        for every task as in
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr).

    Args:
        source: The source.
        num_classes: Number of classes.
        dropout: Share of the features that is dropped in training.
        seed: Seed of the new weights.

    Raises:
        ValueError: If the source has fewer than two convolutions.
    """
    network = source.select([source.taps[-1].name]).network
    read = _convolutions(network)[1:]
    if not read:
        raise ValueError(
            "The source has no convolution behind its stem from which a "
            f"lateral could lead. Received: source={source.name!r}"
        )
    image = image_input(network)
    shared = source.select(read)(image)
    column: list[layers.Layer] = []
    summed: list[layers.Layer] = []

    def clone(layer: layers.Layer) -> layers.Layer:
        column.append(clone_layer(layer, name=COLUMN + layer.name))
        return column[-1]

    def call(layer: layers.Layer, maps: Any) -> Any:
        place = layer.name.removeprefix(COLUMN)
        if place not in shared:
            return layer(maps)
        linear, activation = split_activation(layer)
        lateral = layers.Dense(
            shared[place].shape[-1], use_bias=False, name=f"{place}_lateral"
        )
        summed.extend([linear, lateral])
        both = [linear(maps), lateral(shared[place])]
        return activation(layers.Add(name=f"{place}_sum")(both))

    (maps,) = run_through(network, image, clone, call).values()
    _draw_column(network, column, summed, seed)
    logits = classify(maps, num_classes, dropout)
    return Classifier(image, logits, name="progressive_net")


def _convolutions(network):
    """Names of the convolutions of maps to maps, without the shortcuts'."""
    outputs = outputs_of(network)
    known = {x.name for x in network.layers if isinstance(x, MAPPINGS)}
    return [
        name
        for name in main_path(network)
        if name in known
        and len(outputs[name].shape) == 4
        # What is squeezed to a pixel says how to weigh maps, it is none.
        and tuple(outputs[name].shape[1:3]) != (1, 1)
        and outputs[name].shape[-1] > 3
    ]


def _draw_column(network, column, summed, seed):
    """Draws the column's and the laterals' weights."""
    # A layer whose activation was split off has taken its copy's place.
    built = {layer.name: layer for layer in [*column, *summed] if layer.built}
    draw_weights(list(built.values()), seed)
    for layer in summed:
        # The sum of two independent outputs has twice the variance.
        layer.kernel.assign(layer.kernel * 0.5**0.5)
    for layer in network.layers:
        constants = built.get(COLUMN + layer.name)
        if isinstance(layer, layers.Normalization) and constants is not None:
            constants.set_weights(layer.get_weights())
