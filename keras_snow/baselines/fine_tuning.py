"""FT: everything is trained, from the source's weights."""

import keras

from keras_snow.baselines.body import Body
from keras_snow.baselines.graphs import copy_network
from keras_snow.baselines.heads import classifier_on
from keras_snow.baselines.methods import register_method
from keras_snow.sources.source import Source


@register_method("ft", small_rate=0.003)
def fine_tuning(
    source: Source, num_classes: int, dropout: float = 0.0, hidden: int = 0
) -> keras.Model:
    """A copy of the source with a new final layer, all of it trained.

    Batch normalisation keeps the source's statistics, as those of a small set
    are poor; its scales and shifts are trained.

    Reference:
        FT in Table 1 of
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr). Its
        learning rate of 0.1 is too high for small sets.

    Args:
        source: The source that is copied; it is left as it is.
        num_classes: Number of classes.
        dropout: Share of the features that is dropped in training.
        hidden: Units of a layer below the logits, normalised and with ReLU; 0
            for none.
    """
    network = copy_network(source)
    trained = [x.name for x in network.layers if x.trainable_weights]
    body = Body(network, trained, name="body")
    return classifier_on(body, num_classes, dropout, "fine_tuning", hidden)
