"""FO: the final layer alone is trained."""

import keras
from keras import layers

from keras_snow.baselines.methods import METHODS
from keras_snow.sources.source import Source


@METHODS.register("fo")
def final_only(
    source: Source, num_classes: int, dropout: float = 0.0
) -> keras.Model:
    """A new final layer on the pooled output of the frozen source.

    Reference:
        Yosinski et al., 2014; FO in Table 1 of
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr).

    Args:
        source: The source; its last tap is read.
        num_classes: Number of classes.
        dropout: Share of the features that is dropped in training.
    """
    last = source.taps[-1].name
    image = keras.Input((None, None, 3), name="image")
    maps = source.select([last])(image)[last]
    features = layers.GlobalAveragePooling2D(name="pool")(maps)
    features = layers.Dropout(dropout, name="dropout")(features)
    logits = layers.Dense(num_classes, name="logits")(features)
    return keras.Model(image, logits, name="final_only")
