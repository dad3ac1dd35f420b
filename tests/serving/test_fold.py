"""What is folded answers as before, without what only training needs."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.deltas.settings import HEADS
from keras_snow.layers import SUBSCRIPTIONS
from keras_snow.layers import BatchNormalization
from keras_snow.layers import ChannelPooling
from keras_snow.layers import Subscribe
from keras_snow.layers.channel_pooling import BINDINGS
from keras_snow.serving import Bundle
from keras_snow.serving import fold
from keras_snow.serving import fold_deltas
from keras_snow.serving.folded_deltas import FoldedDeltas
from keras_snow.serving.packing import pack
from keras_snow.serving.packing import read_packed
from keras_snow.serving.packing import write_packed
from keras_snow.sources import NETWORKS
from keras_snow.sources import load_source
from tests.serving.toy_bundles import stir
from tests.serving.toy_bundles import toy_delta
from tests.serving.toy_bundles import toy_source
from tests.toys import images
from tests.toys import residual_network

TRAINING = (
    BatchNormalization,
    keras.layers.BatchNormalization,
    ChannelPooling,
    Subscribe,
    keras.layers.Dropout,
)


@functools.cache
def source():
    return toy_source()


def inputs_of(source, delta, pixels):
    maps = source.select(delta.tap_names)(pixels)
    return {"image": ops.convert_to_tensor(pixels), **maps}


def assert_alike(found, expected):
    found, expected = map(ops.convert_to_numpy, (found, expected))
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()


def assert_folds(source, delta, pixels):
    inputs = inputs_of(source, delta, pixels)
    small = fold(delta)
    assert_alike(small(inputs), delta(inputs))
    found = [x for x in small._flatten_layers() if isinstance(x, TRAINING)]
    assert not found


def pairs(kinds):
    """Returns every kind with every head; what tells little more is slow."""
    return [
        pytest.param(
            kind,
            head,
            marks=[pytest.mark.slow] * (head != "levels" and kind != "rows"),
        )
        for kind in kinds
        for head in HEADS
    ]


@pytest.mark.parametrize(("binding", "head"), pairs(BINDINGS))
def test_every_binding_and_head_folds(binding, head):
    normalise = binding == "slots"
    delta = toy_delta(
        source(), binding=binding, head=head, normalise_taps=normalise
    )
    assert_folds(source(), delta, images(2))


@pytest.mark.parametrize(("subscription", "head"), pairs(SUBSCRIPTIONS.names()))
def test_every_subscription_folds(subscription, head):
    delta = toy_delta(source(), subscription=subscription, head=head)
    assert_folds(source(), delta, images(2))


@pytest.mark.parametrize("head_k", [3, 1.0])
def test_a_head_that_chooses_for_itself_folds(head_k):
    delta = toy_delta(source(), head_k=head_k)
    assert_folds(source(), delta, images(2))


def test_images_whose_sizes_are_rounded_fold():
    delta = toy_delta(source())
    assert_folds(source(), delta, images(2, 45))


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS.names())
def test_every_source_has_deltas_that_fold(name):
    network, pixels = load_source(name, weights=None), images(1, 64)
    deltas = {
        each: toy_delta(network, 3, seed, k=0.125, width=0.125)
        for seed, each in enumerate(("birds", "cars"))
    }
    assert_folds(network, deltas["birds"], pixels)
    # What is served: both in one graph, which reads each tap once.
    found = fold_deltas(network, deltas, 64)(pixels)
    for each, delta in deltas.items():
        expected = delta(inputs_of(network, delta, pixels))
        assert_alike(found[each], expected)


@functools.cache
def mixed():
    kinds = [
        {"head": "levels"},
        {"head": "levels", "normalise_taps": True},
        {"head": "delta", "width": 0.25},
        {"head": "last", "subscription": "attention"},
        {"head": "levels", "subscription": "pointwise"},
    ]
    return {
        f"task{seed}": toy_delta(source(), 3 + seed, seed, **kind)
        for seed, kind in enumerate(kinds)
    }


@pytest.mark.parametrize("image_size", [None, 32])
def test_a_model_of_many_tasks_answers_as_each_delta(image_size):
    model = fold_deltas(source(), mixed(), image_size)
    found = model(images())
    assert list(found) == list(mixed())
    for name, delta in mixed().items():
        assert_alike(found[name], delta(inputs_of(source(), delta, images())))


def test_each_tap_and_the_image_are_read_once_for_all_deltas(monkeypatch):
    deltas = {str(n): toy_delta(source(), 3, n) for n in range(3)}
    model = fold_deltas(source(), deltas, 32)
    read, convolved = [], []
    take, conv = ops.take, ops.conv
    monkeypatch.setattr(
        ops, "take", lambda x, *a, **k: read.append(x.shape) or take(x, *a, **k)
    )
    monkeypatch.setattr(
        ops, "conv", lambda x, *a: convolved.append(x.shape) or conv(x, *a)
    )
    (answer,) = (x for x in model.layers if isinstance(x, FoldedDeltas))
    answer({"image": images(1), **source()(images(1))})
    assert len([shape for shape in read if len(shape) == 4]) == 3
    assert len([shape for shape in convolved if shape[-1] == 3]) == 1


def test_nothing_of_it_is_trained_and_the_deltas_are_left_alone():
    delta = toy_delta(source())
    before = [np.array(weight) for weight in delta.weights]
    model = fold_deltas(source(), {"birds": delta}, 32)
    assert not model.trainable_variables
    assert delta.trainable_variables
    for old, weight in zip(before, delta.weights, strict=True):
        np.testing.assert_array_equal(old, np.array(weight))


def test_a_folded_model_is_saved_and_loaded(tmp_path):
    model = fold_deltas(source(), {"birds": toy_delta(source())}, 32)
    model.save(tmp_path / "served.keras")
    again = keras.saving.load_model(tmp_path / "served.keras")
    expected = ops.convert_to_numpy(model(images())["birds"])
    found = ops.convert_to_numpy(again(images())["birds"])
    np.testing.assert_array_equal(found, expected)


def test_a_bundle_folds_some_of_its_tasks(kept):
    model = kept.fold(["cars"], image_size=32)
    assert list(model.output) == ["cars"]
    assert_alike(model(images())["cars"], kept(images())["cars"])


def test_a_source_that_rounds_otherwise_folds():
    network = residual_network(image_size=36)
    bundle = Bundle(network)
    bundle.add("birds", stir(toy_delta(bundle.source), 1))
    model = bundle.fold()
    pixels = images(2, 36)
    assert_alike(model(pixels)["birds"], bundle(pixels)["birds"])


def test_a_task_has_the_size_that_its_source_was_built_for():
    bundle = Bundle(residual_network(image_size=36))
    delta = toy_delta(bundle.source)
    bundle.add("birds", delta)
    assert bundle.task("birds").image_size == 36
    with pytest.raises(ValueError, match="`image_size=36`"):
        bundle.add("cars", delta, image_size=32)


def test_nothing_to_fold_is_said(kept):
    with pytest.raises(ValueError, match="nothing to fold"):
        Bundle(kept.source).fold()
    with pytest.raises(ValueError, match="Did you mean `birds`"):
        kept.fold(["bird"])
    with pytest.raises(ValueError, match="image_size=0"):
        kept.fold(image_size=0)


def test_deltas_of_one_form_share_the_layers_that_read_them(tmp_path):
    frames = {}
    for seed in range(2):
        small, arrays = pack(toy_delta(source(), 3, seed))
        write_packed(tmp_path / "task.delta", small, arrays)
        found = read_packed(tmp_path / "task.delta", frames)
        inputs = inputs_of(source(), small, images(1))
        np.testing.assert_array_equal(found(inputs), small(inputs))
    assert len(frames) == 1
