"""Taps by their places."""

import pytest

from keras_snow import list_sources
from keras_snow.sources import Source
from keras_snow.sources import load_source
from keras_snow.sources.small import vit
from tests.toys import residual_network

ENDS = ["stem_relu", "block1_out", "block2_out", "block3_out"]


def names(source):
    return [tap.name for tap in source.taps]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (["last:2"], ENDS[-2:]),
        (["every:2"], [ENDS[1], ENDS[3]]),
        ([-1, 0], [ENDS[0], ENDS[3]]),
        (["-2", "stem_relu"], [ENDS[0], ENDS[2]]),
        (["stem_conv", "last:1"], ["stem_conv", ENDS[3]]),
    ],
)
def test_places_are_counted_among_all_block_ends(choice, expected):
    assert names(Source(residual_network(), choice)) == expected


def test_places_of_a_source_are_counted_among_its_taps():
    source = Source(residual_network()).select(ENDS[:3])
    assert names(load_source(source, taps=["last:2"])) == ENDS[1:3]


def test_places_in_a_transformer_are_counted_among_all_its_blocks():
    network = vit(16, channels=8, blocks=6, heads=2)
    assert names(Source(network, ["last:3"])) == [
        "block4_out",
        "block5_out",
        "end_norm",
    ]


@pytest.mark.parametrize("choice", ["last:5", "every:0", 4, -5])
def test_a_place_that_is_not_there_is_refused(choice):
    with pytest.raises(ValueError, match=f"Received: taps={choice}"):
        Source(residual_network(), [choice])


def test_a_source_is_printed_as_a_table_of_its_taps():
    text = str(Source(residual_network(), ["last:1"], name="mine"))
    assert text.splitlines() == [
        "<Source name=mine, built=True>",
        "layer       channels  stride",
        "block3_out        32       8",
    ]


def test_sources_with_weights_in_the_cache_are_listed(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert list_sources(available=True) == []
    folder = tmp_path / "models"
    folder.mkdir()
    for name in (
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "resnet101v2_weights_tf_dim_ordering_tf_kernels.h5",
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
        "efficientnetv2-b0_notop.h5",
    ):
        (folder / name).touch()
    assert set(list_sources(available=True)) == {
        "resnet50",
        "mobilenetv2",
        "efficientnetv2b0",
    }
    assert set(list_sources()) >= {"resnet50", "conv4"}
