"""What tells a run from another."""

import keras

from keras_snow.baselines import build_method
from keras_snow.models.snow_model import SNOWModel
from keras_snow.sources.source import Source
from keras_snow.training.fingerprint import describe_model


def unnamed_model(filters=8):
    """Returns a delta on a source whose names Keras counts up."""
    keras.utils.set_random_seed(0)
    image = keras.Input((None, None, 3))
    early = keras.layers.Conv2D(filters, 3, 2, name="early")(image)
    late = keras.layers.Conv2D(16, 3, 2, name="late")(early)
    source = Source(keras.Model(image, late), taps=["early", "late"])
    return SNOWModel.from_source(source, num_classes=3)


def test_a_model_that_is_built_again_is_the_same():
    first = unnamed_model()
    second = unnamed_model()
    assert first.source.network.name != second.source.network.name
    assert describe_model(first) == describe_model(second)


def test_a_model_that_was_compiled_otherwise_is_the_same():
    model = unnamed_model()
    before = describe_model(model)
    model.compile("sgd", "mse")
    assert describe_model(model) == before


def test_another_source_is_another_model():
    assert describe_model(unnamed_model()) != describe_model(unnamed_model(9))


def test_a_graph_is_the_run_that_it_was_before_it_had_a_class_of_its_own():
    network = unnamed_model().source.network
    model = build_method("fo", network, 3)
    plain = keras.Model(model.inputs, model.outputs, name=model.name)
    found, before = describe_model(model), describe_model(plain)
    assert found["name"] == before["name"] == "Functional"
