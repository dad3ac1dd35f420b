"""Every method on every source that is known by name."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.baselines import METHODS
from keras_snow.baselines import build_method
from keras_snow.sources import NETWORKS
from keras_snow.sources import load_source
from tests.toys import images

# What rewrites the graph of a source; the others copy it or only read it.
REWRITING = ["fe", "ft_last", "lora", "mp_depthwise", "pn"]
# The others of a family have the same layers.
FAMILIES = [
    "resnet50",
    "resnet50v2",
    "mobilenetv2",
    "densenet121",
    "efficientnetv2b0",
    "convnexttiny",
]
# Tried as frozen sources alone: their layers are those of the others.
READ_ONLY = (
    "vgg",
    "xception",
    "inception",
    "mobilenet",
    "nasnet",
    "efficientnetb",
)
WITHOUT_NORMALISATION = {
    ("convnexttiny", "bn"),
    ("convnexttiny", "mp_bn"),
}
PAIRS = [
    pytest.param(
        source,
        method,
        marks=[]
        if source == "mobilenetv2" and method in REWRITING
        else [pytest.mark.slow],
    )
    for source in FAMILIES
    for method in METHODS.names()
    if (source, method) not in WITHOUT_NORMALISATION
]

# A delta beside the source, and layers of ours between those of a source.
SAVED = [
    pytest.param(
        source,
        method,
        marks=[]
        if (source, method) == ("mobilenetv2", "lora")
        else [pytest.mark.slow],
    )
    for source in FAMILIES
    for method in ("lora", "snow")
]


@functools.lru_cache(1)
def source_of(name):
    return load_source(name, weights=None)


def test_every_family_is_tried():
    numbers = str.maketrans("", "", "0123456789")
    tried = {name.translate(numbers) for name in FAMILIES}
    # Sizes of a family are told apart by a number, or a word at the end.
    families = tuple(x.removesuffix("tiny").removesuffix("b") for x in tried)
    for name in NETWORKS.names():
        known = name.translate(numbers).startswith(families)
        # The small networks are made of the same layers.
        small = NETWORKS.get(name).small
        assert known or small or name.startswith(READ_ONLY), name


@pytest.mark.parametrize(("name", "method"), PAIRS)
def test_a_method_gives_finite_logits(name, method):
    model = build_method(method, source_of(name), 3)
    logits = ops.convert_to_numpy(model(images(1, 64)))
    assert logits.shape == (1, 3)
    assert np.isfinite(logits).all()
    assert model.trainable_variables


@pytest.mark.parametrize(("name", "method"), SAVED)
def test_a_saved_method_is_loaded_with_the_same_logits(name, method, tmp_path):
    model = build_method(method, source_of(name), 3)
    for variable in model.trainable_variables:
        variable.assign(variable + 0.01)  # Not what a new model starts from.
    model.save(tmp_path / "model.keras")
    # Keras warns of an optimizer that has not made a step before it was saved.
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    inputs = images(1, 64)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(loaded(inputs)),
        ops.convert_to_numpy(model(inputs)),
    )


@pytest.mark.slow
@pytest.mark.parametrize(("name", "method"), sorted(WITHOUT_NORMALISATION))
def test_what_a_source_lacks_is_one_sentence(name, method):
    with pytest.raises(ValueError, match="no batch normalisation.*convnext"):
        build_method(method, source_of(name), 3)
