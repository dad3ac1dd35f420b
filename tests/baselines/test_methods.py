"""Every registered method: what it trains, what it leaves alone."""

import functools
from typing import NamedTuple

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.baselines import METHODS
from keras_snow.baselines import FinalOnly
from keras_snow.baselines import ProgressiveNet
from keras_snow.baselines import build_method
from keras_snow.baselines.methods import method_of
from keras_snow.recipes import PAPER
from keras_snow.recipes import SMALL
from keras_snow.recipes import Recipe
from keras_snow.sources.source import Source
from tests.baselines.sources import a_source
from tests.baselines.sources import the_source
from tests.toys import images
from tests.toys import residual_network

EVERY = pytest.mark.parametrize("name", METHODS.names())
LABELS = np.arange(8) % 5
NORMALISATIONS = [
    "stem_bn",
    *(f"block{b}_{i}_bn" for b in (1, 2, 3) for i in (1, 2)),
    "block2_0_bn",
    "block3_0_bn",
]
CONVOLUTIONS = [name.replace("_bn", "_conv") for name in NORMALISATIONS]


def numpy(value):
    return ops.convert_to_numpy(value).copy()


def trained(model, steps=6):
    """Fits a model a little; returns which variables moved, by their path."""
    if hasattr(model, "calibrate"):
        model.calibrate([(images(8), LABELS)])
    before = [(variable, numpy(variable)) for variable in model.weights]
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(images(8), LABELS, batch_size=8, epochs=steps, verbose=0)
    return {
        variable.path
        for variable, old in before
        if not np.array_equal(old, numpy(variable))
    }


class Run(NamedTuple):
    """A model after some steps, and what its source was before."""

    model: keras.Model
    moved: set[str]
    source: Source
    before: list[np.ndarray]


@functools.cache
def run_of(name):
    source = a_source()
    before = [numpy(weight) for weight in source.network.weights]
    model = build_method(name, source, 5)
    return Run(model, trained(model), source, before)


def ends_of(paths):
    """Layer and variable, without the models that they are in."""
    return {"/".join(path.split("/")[-2:]) for path in paths}


def of(layers, variables):
    return {f"{layer}/{each}" for layer in layers for each in variables}


HEAD = of(["logits"], ["kernel", "bias"])
AFFINE = of(NORMALISATIONS, ["gamma", "beta"])
STATISTICS = of(NORMALISATIONS, ["moving_mean", "moving_variance"])
BLOCK3 = [name for name in CONVOLUTIONS if name.startswith("block3")]
BLOCK3_BN = [name for name in NORMALISATIONS if name.startswith("block3")]
MAIN = [f"block{b}_{i}_conv" for b in (1, 2, 3) for i in (1, 2)]

MOVED = {
    "fo": HEAD,
    "probe_last": HEAD,
    "probe_all": HEAD,
    "ft": HEAD | AFFINE | of(CONVOLUTIONS, ["kernel", "bias"]),
    "ft_last": HEAD
    | of(BLOCK3, ["kernel", "bias"])
    | of(BLOCK3_BN, ["gamma", "beta"]),
    "bn": HEAD | AFFINE | STATISTICS,
    "mp_bn": HEAD | AFFINE,
    "mp_depthwise": HEAD
    | of(
        [f"{name}_patch" for name in MAIN]
        + [f"{name}_patch" for name in ("block2_0_conv", "block3_0_conv")],
        ["kernel"],
    ),
    "lora": HEAD
    | of([f"{name}_lora_down" for name in CONVOLUTIONS], ["kernel"])
    | of([f"{name}_lora_up" for name in CONVOLUTIONS], ["kernel"]),
    "fe": HEAD
    | of([f"thin_{name}" for name in BLOCK3], ["kernel"])
    | of(
        [f"thin_{name}" for name in BLOCK3_BN],
        ["gamma", "beta", "moving_mean", "moving_variance"],
    ),
    "scratch": HEAD | AFFINE | STATISTICS | of(CONVOLUTIONS, ["kernel"]),
    "pn": HEAD
    | of([f"{name}_lateral" for name in MAIN], ["kernel"])
    | {f"column_{x}" for x in of(CONVOLUTIONS, ["kernel"])}
    | {f"column_{x}" for x in AFFINE | STATISTICS},
    "lf": {x.replace("logits", "logits0") for x in HEAD}
    | AFFINE
    | of(CONVOLUTIONS, ["kernel", "bias"]),
}
# A bias in front of a normalisation by the batch has no gradient, but noise.
NOISE = of(CONVOLUTIONS, ["bias"])
NOISE |= {f"column_{x}" for x in NOISE} | {f"thin_{x}" for x in NOISE}


@pytest.mark.parametrize("name", MOVED)
def test_a_method_trains_what_it_says_and_nothing_else(name):
    moved = ends_of(run_of(name).moved)
    expected = MOVED[name]
    assert moved - NOISE == expected - NOISE
    if name in ("ft", "ft_last", "lf"):
        assert moved == expected


def test_snow_trains_its_delta_alone():
    moved = run_of("snow").moved
    assert moved
    assert not [path for path in moved if path.startswith(("toy", "source"))]


@EVERY
def test_every_method_leaves_the_source_bit_identical(name):
    run = run_of(name)
    weights = run.source.network.weights
    for old, weight in zip(run.before, weights, strict=True):
        np.testing.assert_array_equal(old, numpy(weight))


@EVERY
def test_every_method_gives_logits_of_its_classes(name):
    model = run_of(name).model
    assert model(images()).shape == (4, 5)
    assert model.compute_output_shape((None, 32, 32, 3)) == (None, 5)


@EVERY
def test_every_method_comes_back_from_its_file(name, tmp_path):
    model = run_of(name).model
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_array_equal(
        numpy(model(images())), numpy(again(images()))
    )
    assert [tuple(v.shape) for v in again.trainable_variables] == [
        tuple(v.shape) for v in model.trainable_variables
    ]


@EVERY
def test_every_method_builds_the_same_model_again(name):
    first, second = (build_method(name, the_source(), 5) for _ in range(2))
    for one, other in zip(first.weights, second.weights, strict=True):
        if "logits" not in one.path:
            np.testing.assert_array_equal(numpy(one), numpy(other))


@pytest.mark.parametrize("name", ["fe", "scratch", "pn", "lora"])
def test_another_seed_draws_other_weights(name):
    first, second = (
        build_method(name, the_source(), 5, seed=seed) for seed in (1, 2)
    )
    kernels = [
        (one, other)
        for one, other in zip(
            first.trainable_weights, second.trainable_weights, strict=True
        )
        if one.name == "kernel" and not one.path.endswith("_up/kernel")
    ]
    assert len(kernels) > 3
    for one, other in kernels:
        assert not np.allclose(numpy(one), numpy(other)), one.path


@pytest.mark.parametrize(
    ("name", "options"),
    [("mp_depthwise", {}), ("lora", {}), ("ft", {}), ("mp_bn", {})],
)
def test_it_starts_with_the_function_of_the_source(name, options):
    model = build_method(name, the_source(), 5, **options)
    maps = model.get_layer("body")(images(), training=True)
    expected = the_source()(images())["block3_out"]
    np.testing.assert_allclose(
        numpy(maps), numpy(expected), rtol=1e-4, atol=1e-4
    )


def test_an_unknown_method_names_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `snow`"):
        build_method("snw", the_source(), 5)


def without_normalisation():
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 1, 2, name="early")(image)
    x = keras.layers.LayerNormalization(name="norm")(x)
    return Source(keras.Model(image, x), ["norm"], name="plain")


@pytest.mark.parametrize("name", ["bn", "mp_bn"])
def test_nothing_to_normalise_is_one_sentence(name):
    with pytest.raises(ValueError, match="no batch normalisation.*'plain'"):
        build_method(name, without_normalisation(), 5)


@pytest.mark.parametrize("name", ["fe", "ft_last"])
def test_a_source_of_one_stage_is_one_sentence(name):
    with pytest.raises(ValueError, match="has no stage.*taps=..norm"):
        build_method(name, without_normalisation(), 5)


def test_nothing_to_patch_is_one_sentence():
    with pytest.raises(ValueError, match="no convolution of 3x3.*'plain'"):
        build_method("mp_depthwise", without_normalisation(), 5)


def test_nothing_to_lead_a_lateral_from_is_one_sentence():
    with pytest.raises(ValueError, match="behind its stem.*'plain'"):
        build_method("pn", without_normalisation(), 5)


def test_nothing_to_adapt_is_one_sentence():
    image = keras.Input((None, None, 3))
    maps = keras.layers.DepthwiseConv2D(3, depth_multiplier=2)(image)
    source = Source(keras.Model(image, maps), name="plain")
    with pytest.raises(ValueError, match="could be adapted.*'plain'"):
        build_method("lora", source, 5)


@pytest.mark.parametrize("width", [0.0, 1.5])
def test_a_width_out_of_range_is_refused(width):
    with pytest.raises(ValueError, match="`width` must be above 0"):
        build_method("fe", the_source(), 5, width=width)


def test_unknown_parts_of_a_patch_name_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `scale`"):
        build_method("mp_bn", the_source(), 5, parts="scales")


def test_a_scale_patch_trains_no_bias():
    model = build_method("mp_bn", the_source(), 5, parts="scale")
    moved = ends_of(trained(model))
    assert moved == HEAD | of(NORMALISATIONS, ["gamma"])


def test_what_is_trained_stays_so_when_all_is_frozen_and_thawed():
    model = build_method("mp_bn", the_source(), 5, parts="scale")
    before = [variable.path for variable in model.trainable_variables]
    model.trainable = False
    assert not model.trainable_variables
    model.trainable = True
    assert [v.path for v in model.trainable_variables] == before


@EVERY
def test_recipes_of_the_package_get_the_rate_of_the_method(name):
    method = METHODS.get(name)
    assert method.fit_recipe(SMALL).learning_rate == method.small_rate
    assert method.fit_recipe(PAPER).learning_rate == method.paper_rate
    assert method.fit_recipe(Recipe(learning_rate=0.7)).learning_rate == 0.7


def test_the_rates_of_the_paper_are_kept():
    assert METHODS.get("snow").paper_rate == 1.0
    assert METHODS.get("ft").paper_rate == 0.1
    assert METHODS.get("snow").small_rate == SMALL.learning_rate


@pytest.mark.once
def test_methods_have_names_and_the_call_of_snow():
    model = FinalOnly.from_source(residual_network(), num_classes=5)
    assert model.output_shape == (None, 5)
    assert method_of(model) == "fo"
    assert ProgressiveNet is METHODS.get("pn")
