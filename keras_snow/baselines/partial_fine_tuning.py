"""Partial fine-tuning: the source's last stage is trained."""

import keras

from keras_snow.baselines.body import Body
from keras_snow.baselines.graphs import copy_network
from keras_snow.baselines.graphs import network_between
from keras_snow.baselines.graphs import third_stage_end
from keras_snow.baselines.heads import classifier_on
from keras_snow.baselines.methods import register_method
from keras_snow.sources.source import Source


@register_method("ft_last", small_rate=0.003)
def partial_fine_tuning(
    source: Source, num_classes: int, dropout: float = 0.0, hidden: int = 0
) -> keras.Model:
    """A copy of the source whose last stage is trained, and a final layer.

    Batch normalisation keeps the source's statistics.

    Reference:
        [Yosinski et al., 2014](https://arxiv.org/abs/1411.1792)

    Args:
        source: The source that is copied; it is left as it is.
        num_classes: Number of classes.
        dropout: Share of the features that is dropped in training.
        hidden: Units of a layer below the logits, normalised and with ReLU; 0
            for none.

    Raises:
        ValueError: If the source has one stage only.
    """
    start = third_stage_end(source)
    stage = network_between(source, start, source.taps[-1].name)
    network = copy_network(source)
    trained = [
        layer.name
        for layer in network.layers
        if layer.trainable_weights
        and layer.name in {part.name for part in stage.layers}
    ]
    body = Body(network, trained, name="body")
    return classifier_on(
        body, num_classes, dropout, "partial_fine_tuning", hidden
    )
