"""BatchNorm-only tuning: normalisation follows the task, all else stays."""

import keras

from keras_snow.baselines.body import Body
from keras_snow.baselines.graphs import copy_network
from keras_snow.baselines.graphs import find_normalisations
from keras_snow.baselines.heads import classifier_on
from keras_snow.baselines.methods import register_method
from keras_snow.sources.source import Source


@register_method("bn")
def batch_norm_tuning(
    source: Source, num_classes: int, dropout: float = 0.0
) -> keras.Model:
    """Batch normalisation with scales, biases and statistics of the task.

    Unlike `mp_bn`, the maps are normalised by the statistics of the batch while
    training, and the moving statistics become the task's.

    Reference:
        [Frankle et al., 2021](https://arxiv.org/abs/2003.00152);
        [Li et al., 2016](https://arxiv.org/abs/1603.04779) for the statistics.

    Args:
        source: The source that is copied; it is left as it is.
        num_classes: Number of classes.
        dropout: Share of the features that is dropped in training.

    Raises:
        ValueError: If the source has no batch normalisation.
    """
    network = copy_network(source)
    names = find_normalisations(network, source.name)
    body = Body(network, names, statistics="moving", name="body")
    return classifier_on(body, num_classes, dropout, "batch_norm_tuning")
