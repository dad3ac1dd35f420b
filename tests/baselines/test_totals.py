"""Parameters of six tasks on ResNet50, method by method: the paper's totals."""

import functools
import math

import keras
import numpy as np
import pytest

from keras_snow.baselines import build_method
from keras_snow.sources import load_source
from tests.backends import only_tensorflow

# Counts are the same on every backend, and the networks are large.
pytestmark = only_tensorflow

# torchvision's ResNet50 with its 1000 classes, which are the first task. The
# other five: Food-101, DTD, Stanford 40 Actions, Cars-196, CUB-200.
SOURCE = 25_557_032
CLASSES = [101, 47, 40, 196, 200]


@functools.cache
def resnet50():
    return load_source("resnet50", weights=None)


def counted(model):
    """Trained parameters as torchvision has them: no biases but the head's."""
    return sum(
        math.prod(variable.shape)
        for variable in model.trainable_variables
        if variable.name != "bias" or variable.path.startswith("logits")
    )


def of_five_tasks(model):
    """A class more costs one column of the head: one model tells all five."""
    features = model.get_layer("logits").kernel.shape[0]
    own = counted(model) - 2 * (features + 1)
    return sum(own + count * (features + 1) for count in CLASSES)


# In brackets what the paper's Table 5 prints, in millions.
@pytest.mark.parametrize(
    ("method", "options", "total"),
    [
        ("fo", {}, 26_753_648),  # (26.8)
        ("ft", {}, 144_293_808),  # (144.3)
        ("fe", {}, 28_322_160),  # (28.3)
        ("mp_bn", {"parts": "scale"}, 26_886_448),  # (26.9)
        ("mp_depthwise", {}, 26_923_568),  # (26.9)
        ("pn", {}, 257_466_288),  # (257.4)
    ],
)
def test_six_tasks_have_the_totals_of_the_paper(method, options, total):
    model = build_method(method, resnet50(), 2, **options)
    assert SOURCE + of_five_tasks(model) == total


def test_scale_and_bias_cost_twice_the_scales():
    scales, both = (
        counted(build_method("mp_bn", resnet50(), 2, parts=parts))
        for parts in ("scale", "scale_and_bias")
    )
    assert both - scales == 26_560  # The channels of its 53 normalisations.


def test_learning_without_forgetting_adds_a_head_a_task():
    model = build_method("lf", resnet50(), 101)
    body = counted(model) - 2049 * 101
    assert body == 23_508_032  # torchvision's ResNet50 without its head.


def test_partial_fine_tuning_trains_the_last_stage():
    model = build_method("ft_last", resnet50(), 2)
    # torchvision's `layer4`, and the head.
    assert counted(model) - 2 * 2049 == 14_964_736


def test_adapters_are_of_low_rank():
    model = build_method("lora", resnet50(), 2, rank=1)
    convolutions = [
        layer
        for layer in resnet50().network.layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    expected = sum(
        math.prod(layer.kernel.shape[:-1]) + layer.filters
        for layer in convolutions
    )
    assert len(convolutions) == 53
    assert counted(model) - 2 * 2049 == expected


def test_feature_extraction_does_not_run_the_fourth_stage():
    model = build_method("fe", resnet50(), 2)
    (source,) = [x for x in model.layers if x.name == "resnet50"]
    names = [layer.name for layer in source.network.layers]
    assert "conv4_block6_out" in names
    assert not [name for name in names if name.startswith("conv5")]
    assert "thin_conv5_block3_out" in [layer.name for layer in model.layers]


@pytest.mark.parametrize("method", ["ft", "mp_bn", "mp_depthwise", "lora"])
def test_a_method_that_starts_from_the_source_starts_with_its_features(method):
    image = np.random.default_rng(0).uniform(0, 255, (1, 64, 64, 3))
    last = resnet50().taps[-1].name
    expected = resnet50()(image)[last]
    maps = build_method(method, resnet50(), 2).get_layer("body")(image)
    np.testing.assert_allclose(maps, expected, rtol=1e-3, atol=1e-4)
