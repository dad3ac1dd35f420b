"""FO: the final layer alone is trained."""

import keras

from keras_snow.baselines.heads import classify
from keras_snow.baselines.methods import register_method
from keras_snow.models.classifier import Classifier
from keras_snow.sources.image_size import image_input
from keras_snow.sources.source import Source


@register_method("fo", shares_pass=True)
def final_only(
    source: Source, num_classes: int, dropout: float = 0.0, hidden: int = 0
) -> keras.Model:
    """A new final layer on the pooled output of the frozen source.

    Reference:
        Yosinski et al., 2014; FO in Table 1 of
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr).

    Args:
        source: The source; its last tap is read.
        num_classes: Number of classes.
        dropout: Share of the features that is dropped in training.
        hidden: Units of a layer below the logits, normalised and with ReLU; 0
            for none.
    """
    last = source.taps[-1].name
    image = image_input(source)
    maps = source.select([last])(image)[last]
    logits = classify(maps, num_classes, dropout, hidden)
    return Classifier(image, logits, name="final_only")
