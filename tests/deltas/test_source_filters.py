"""start_from_source: a delta's first kernels are the source's own."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow.deltas import DeltaSettings
from keras_snow.deltas import ResNetDelta
from keras_snow.deltas import start_from_source
from keras_snow.models import SNOWModel
from keras_snow.sources import Source
from tests.toys import SETTINGS
from tests.toys import images
from tests.toys import residual_network


def bottlenecks():
    """Returns a stem and two bottlenecks, one with a projection."""

    def convolve(x, filters, size, name, strides=1):
        x = layers.Conv2D(filters, size, strides, "same", name=name)(x)
        return layers.BatchNormalization(name=f"{name}_bn")(x)

    image = keras.Input((32, 32, 3))
    x = layers.ReLU(name="stem")(convolve(image, 16, 7, "first", strides=2))
    for name, strides, filters in (("a", 1, 16), ("b", 2, 32)):
        y = layers.ReLU()(convolve(x, 8, 1, f"{name}_1"))
        y = layers.ReLU()(convolve(y, 8, 3, f"{name}_2", strides))
        y = convolve(y, filters, 1, f"{name}_3")
        if strides > 1:
            x = convolve(x, filters, 1, f"{name}_0", strides)
        x = layers.ReLU(name=f"{name}_out")(layers.Add()([x, y]))
    return keras.Model(image, x)


def kernel(network, name):
    return ops.convert_to_numpy(network.get_layer(name).kernel)


def delta_of(source, **settings):
    settings = DeltaSettings(**{**SETTINGS, **settings})
    return ResNetDelta(source.taps, 3, settings)


def columns(whole, part):
    """Returns which columns of a matrix another one consists of."""
    return [
        next(i for i, c in enumerate(whole.T) if np.array_equal(c, other))
        for other in part.T
    ]


def test_blocks_hold_the_sources_filters():
    network = bottlenecks()
    source = Source(network, ["stem", "a_out", "b_out"])
    delta = delta_of(source)
    start_from_source(delta, source)
    entry = delta.get_layer("a_out_block_1")
    rows = ops.convert_to_numpy(entry.kernel)
    assert rows.shape == (16, 8 + 16)
    reduced = columns(kernel(network, "b_1")[0, 0], rows[:, :8])
    assert reduced == sorted(set(reduced))
    expanded = columns(kernel(network, "b_0")[0, 0], rows[:, 8:])
    largest = np.argsort(-np.abs(kernel(network, "b_3")[0, 0]).sum(axis=0))
    assert expanded == sorted(largest[:16])
    np.testing.assert_array_equal(
        kernel(delta, "a_out_block_2"), kernel(network, "b_2")
    )
    np.testing.assert_array_equal(
        kernel(delta, "a_out_block_3"),
        kernel(network, "b_3")[..., sorted(largest[:16])],
    )


def test_a_shortcut_without_projection_is_the_identity():
    network = bottlenecks()
    source = Source(network, ["stem", "a_out", "b_out"])
    delta = delta_of(source)
    start_from_source(delta, source)
    shortcut = ops.convert_to_numpy(delta.get_layer("stem_block_1").kernel)[
        :, 8:
    ]
    assert shortcut.sum() == shortcut.shape[1]
    assert set(np.unique(shortcut)) == {0.0, 1.0}


def test_the_stem_holds_the_largest_filters():
    network = bottlenecks()
    source = Source(network, ["stem", "a_out"])
    delta = delta_of(source)
    start_from_source(delta, source)
    whole = kernel(network, "first")
    largest = np.argsort(-np.abs(whole).sum(axis=(0, 1, 2)))[:8]
    np.testing.assert_array_equal(
        kernel(delta, "delta_stem"), whole[..., np.sort(largest)]
    )


@pytest.mark.once
@pytest.mark.parametrize("binding", ["rows", "slots", "rank"])
def test_a_model_can_start_from_its_source(binding):
    network = bottlenecks()
    settings = {**SETTINGS, "binding": binding, "head": "levels"}
    model = SNOWModel.from_source(
        network, 3, taps=["stem", "a_out"], start="source", **settings
    )
    rows = ops.convert_to_numpy(model.delta.get_layer("stem_block_1").kernel)
    whole = kernel(network, "a_1")[0, 0]
    np.testing.assert_array_equal(rows[:, :8], whole[: len(rows)])
    assert np.isfinite(model.predict(images(2), verbose=0)).all()


@pytest.mark.once
def test_every_block_of_resnet50_has_filters_to_start_from():
    model = SNOWModel.from_source(
        "resnet50", 3, weights=None, start="source", head="delta"
    )
    source = model.source.network
    assert kernel(model.delta, "delta_stem").shape == (7, 7, 3, 8)
    rows = ops.convert_to_numpy(
        model.delta.get_layer("conv4_block6_out_block_1").kernel
    )
    whole = kernel(source, "conv5_block1_1_conv")[0, 0]
    assert len(columns(whole, rows[:, :64])) == 64
    # That source reads BGR, a delta RGB.
    stem = kernel(source, "conv1_conv")[:, :, ::-1]
    assert (
        len(
            columns(
                stem.reshape(-1, 64),
                kernel(model.delta, "delta_stem").reshape(-1, 8),
            )
        )
        == 8
    )


def test_a_source_without_bottlenecks_is_refused():
    with pytest.raises(ValueError, match="bottleneck blocks alone.*block1_out"):
        SNOWModel.from_source(
            residual_network(),
            3,
            taps=["stem_relu", "block1_out"],
            start="source",
            **{k: v for k, v in SETTINGS.items() if k != "start"},
        )
