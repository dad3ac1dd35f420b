"""A source that is none is named as what it is, with what to do about it."""

import json
import os
import shutil
import zipfile

import h5py
import numpy as np
import pytest

from keras_snow.sources import load_source
from keras_snow.sources.forms import check_spec
from tests.toys import residual_network

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def network():
    return residual_network()


@pytest.fixture(scope="module")
def place(network, tmp_path_factory):
    place = tmp_path_factory.mktemp("forms")
    before = os.getcwd()
    os.chdir(place)
    network.save("good.keras")
    network.save_weights("good.weights.h5")
    shutil.copy("good.keras", "loud.KERAS")
    shutil.copy("good.keras", "backup.zip")
    with zipfile.ZipFile("good.keras") as archive:
        archive.extractall("unpacked")
    with zipfile.ZipFile("two.keras", "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "2.21.0"}')
        archive.writestr("config.json", "{}")
    (place / "shape.json").write_text(network.to_json())
    (place / "other.json").write_text("[]")
    with h5py.File("layers.h5", "w") as file:
        file["kernel"] = np.zeros(3)
    for name in ("README.md", "net.onnx", "net.pt", "net.tflite", "plain"):
        (place / name).write_bytes(b"x")
    with zipfile.ZipFile("images.zip", "w") as archive:
        archive.writestr("a.txt", "a")
    for folder, mark in [
        ("saved", "saved_model.pb"),
        ("hub", "model.safetensors"),
        ("shop", "bundle.json"),
        ("nothing", None),
    ]:
        (place / folder).mkdir()
        if mark:
            (place / folder / mark).write_bytes(b"x")
    (place / "run").mkdir()
    (place / "run" / "run.json").write_text("{}")
    yield place
    os.chdir(before)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("loud.KERAS", "`mv loud.KERAS loud.keras`"),
        ("backup.zip", "`mv backup.zip backup.keras`"),
        ("unpacked", r"load_model\('unpacked'\).save\('unpacked.keras'\)"),
        ("two.keras", r"Keras 2.*load_model\('two.keras'\).save\('two.h5'\)"),
        ("good.weights.h5", "--weights good.weights.h5"),
        ("layers.h5", "weights alone.*--weights layers.h5"),
        ("shape.json", r"without weights.*save\('shape.keras'\)"),
        ("saved", r"SavedModel.*load_model\('saved'\).save\('saved.h5'\)"),
        ("hub", "Hugging Face"),
        ("net.onnx", "ONNX"),
        ("net.pt", "PyTorch"),
        ("net.tflite", "LiteRT"),
        ("README.md", "a text file. A source is the name"),
        ("other.json", "a JSON file"),
        ("images.zip", "an archive"),
        ("plain", "a file of another kind"),
        ("nothing", "an empty folder"),
        ("run", "a run of this package that is not finished"),
        ("shop", "a bundle"),
    ],
)
def test_what_is_no_source_is_named(place, name, words):
    with pytest.raises(ValueError, match=words) as error:
        check_spec(name)
    assert str(error.value).endswith(f"Received: source={name!r}")
    assert "Unknown source" not in str(error.value)


@pytest.mark.parametrize("name", ["goood.keras", "good.kears", "./good.kera"])
def test_a_typo_in_a_path_names_the_neighbour(place, name):
    with pytest.raises(FileNotFoundError, match="Did you mean `good.keras`"):
        check_spec(name)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (None, "has its own weights.*weights=none"),
        ("good.weights.h5", "has its own weights"),
    ],
)
def test_a_file_takes_no_other_weights(place, weights, words):
    with pytest.raises(ValueError, match=words):
        load_source("good.keras", weights)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ("imagnet", "Did you mean `imagenet`"),
        ("good.weigths.h5", "Did you mean `good.weights.h5`"),
        ("net.onnx", "an ONNX model"),
        ("good.keras", "as the source itself"),
    ],
)
def test_weights_are_looked_at_before_the_network_is_built(
    place, weights, words
):
    with pytest.raises((ValueError, OSError), match=words):
        check_spec("resnet50", weights)


def test_a_whole_model_in_an_older_file_is_a_source(network, tmp_path):
    path = tmp_path / "old.h5"
    network.save(path, include_optimizer=False)
    source = load_source(path)
    assert source.origin.spec == str(path)
    kept = load_source(network)
    assert source.fingerprint == kept.fingerprint
    assert json.dumps(source.preprocessing) == json.dumps(kept.preprocessing)
