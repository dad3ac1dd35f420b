"""A real ImageNet network as source, where its weights are at hand."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest
from keras import ops

from keras_snow.models import SNOWModel
from keras_snow.sources import Source
from keras_snow.sources.source import load_network
from tests.toys import SETTINGS
from tests.toys import images

WEIGHTS = pathlib.Path(__file__).parents[3] / "shared" / "weights"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (WEIGHTS / "build_source.py").is_file(),
        reason="there are no real weights beside the repository",
    ),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Returns the path of a real ResNet18."""
    path = tmp_path_factory.mktemp("weights") / "resnet18.keras"
    subprocess.run(
        [sys.executable, WEIGHTS / "build_source.py", "resnet18", path],
        check=True,
        capture_output=True,
    )
    return path


def test_its_block_ends_are_found(built):
    taps = Source.from_file(built).taps
    assert [tap.stride for tap in taps] == [4, 4, 4, 8, 8, 16, 16, 32, 32]
    channels = [tap.channels for tap in taps]
    assert channels == [64, 64, 64, 128, 128, 256, 256, 512, 512]


def test_its_last_tap_is_what_its_own_head_reads(built):
    network, source = load_network(built), Source.from_file(built)
    maps = ops.convert_to_numpy(source(images(2, 64))[source.taps[-1].name])
    pooled = maps.mean(axis=(1, 2))
    kernel, bias = network.get_layer("predictions").get_weights()
    np.testing.assert_allclose(
        pooled @ kernel + bias,
        ops.convert_to_numpy(network(images(2, 64))),
        rtol=1e-3,
        atol=1e-3,
    )


def test_a_delta_is_saved_and_joined_to_it_again(built, tmp_path):
    model = SNOWModel.from_source(built, 5, **{**SETTINGS, "head": "levels"})
    before = model.source.fingerprint
    model.fit(images(8, 64), np.arange(8) % 5, batch_size=4, verbose=0)
    assert model.source.fingerprint == before
    model.save_delta(tmp_path / "task.keras")
    again = SNOWModel.from_delta(built, tmp_path / "task.keras")
    expected = ops.convert_to_numpy(model(images(2, 64)))
    logits = ops.convert_to_numpy(again(images(2, 64)))
    assert np.abs(logits - expected).max() < 1e-4 * np.abs(expected).max()
