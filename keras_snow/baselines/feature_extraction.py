"""FE: a thin last stage on the frozen first three."""

import keras

from keras_snow.baselines.graphs import clone_thin
from keras_snow.baselines.graphs import draw_weights
from keras_snow.baselines.graphs import network_between
from keras_snow.baselines.graphs import run_through
from keras_snow.baselines.graphs import third_stage_end
from keras_snow.baselines.heads import classify
from keras_snow.baselines.methods import register_method
from keras_snow.core.checks import check_not_negative
from keras_snow.models.classifier import Classifier
from keras_snow.sources.image_size import image_input
from keras_snow.sources.source import Source


@register_method("fe", shares_pass=True)
def feature_extraction(
    source: Source,
    num_classes: int,
    width: float = 0.125,
    dropout: float = 0.0,
    seed: int = 0,
) -> keras.Model:
    """The source to its third stage, and a thin stage that is trained.

    The new stage has the architecture of the source's last with `width` times
    its maps, and random weights. The source's own last stage is not run.

    Reference:
        FE in Table 1 of
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr).

    Args:
        source: The source.
        num_classes: Number of classes.
        width: Maps of the new stage, as a fraction of the source's. A layer
            keeps 8, if it has as many.
        dropout: Share of the features that is dropped in training.
        seed: Seed of the new weights.

    Raises:
        ValueError: If the source has one stage only, or `width` is not above 0
            and at most 1.
    """
    if not 0.0 < check_not_negative("width", width) <= 1.0:
        raise ValueError(
            f"`width` must be above 0 and at most 1. Received: width={width}"
        )
    start = third_stage_end(source)
    stage = network_between(source, start, source.taps[-1].name)
    image = image_input(source)
    shared = source.select([start])(image)[start]
    thin = []

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        thin.append(clone_thin(layer, width, prefix="thin_"))
        return thin[-1]

    maps = run_through(stage, shared, clone)
    draw_weights(thin, seed)
    logits = classify(maps, num_classes, dropout)
    return Classifier(image, logits, name="feature_extraction")
