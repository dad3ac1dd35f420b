"""SNOW models that learn in seconds."""

from keras import ops

from keras_snow.models import SNOWModel
from keras_snow.recipes import SMALL
from tests.toys import SETTINGS
from tests.toys import residual_network

FAST = SMALL.replace(epochs=8, warmup_epochs=1.0, learning_rate=0.1)


def model_of(source=None, num_classes=3, **options):
    if source is None:
        source = residual_network()
    return SNOWModel.from_source(
        source, num_classes, recipe=FAST, **{**SETTINGS, **options}
    )


def logits_of(model, inputs):
    return ops.convert_to_numpy(model(inputs))
