"""A model's file that declares more than it holds takes no memory."""

import io
import json
import zipfile

import h5py
import keras
import numpy as np
import pytest

from keras_snow.core.load_model import limited_weights
from keras_snow.core.load_model import load_model

WEIGHTS = "model.weights.h5"
GIGABYTE = 1 << 28  # Of float32.
PLACE = "layers/early/vars/0"


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    image = keras.Input((None, None, 3))
    maps = keras.layers.Conv2D(4, 3, name="early")(image)
    path = tmp_path_factory.mktemp("models") / "fine.keras"
    keras.Model(image, maps).save(path)
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def put_together(path, parts, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def hdf5(write):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        write(file)
    return content.getvalue()


def test_a_model_is_loaded_as_it_was_saved(parts, tmp_path):
    model = load_model(put_together(tmp_path / "a.keras", parts))
    assert model.count_params() == 112
    model.save(tmp_path / "a.h5")
    old = load_model(tmp_path / "a.h5")
    for ours, theirs in zip(old.weights, model.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"shape": (GIGABYTE,)}, "declares 1,073,741,824 bytes, of which 0"),
        (
            {"shape": (GIGABYTE,), "chunks": (1000,), "fillvalue": 1.0},
            "declares 1,073,741,824 bytes",
        ),
        (
            {"shape": (9,), "maxshape": (None,), "chunks": (GIGABYTE,)},
            "declares 1,073,741,824 bytes",
        ),
        (
            {"shape": (9,), "external": [("/etc/hostname", 0, 36)]},
            "lies in another file",
        ),
    ],
)
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_weights_that_are_not_there_are_refused(
    parts, tmp_path, options, words, ending
):
    content = hdf5(
        lambda file: file.create_dataset(PLACE, dtype="f4", **options)
    )
    path = tmp_path / f"a.{ending}"
    if ending == "h5":
        path.write_bytes(content)
    else:
        put_together(path, parts | {WEIGHTS: content})
    with pytest.raises(ValueError, match=words):
        load_model(path)


@pytest.mark.parametrize(
    ("layer", "changes", "words"),
    [
        (1, {"filters": 10**10}, "declare 270,000,000,000 weights"),
        (1, {"filters": 10**400}, "weights, and it holds 448 bytes"),
        (1, {"kernel_size": [30000, 30000]}, "declare 10,800,000,000 weights"),
        (0, {"batch_shape": [None, 10**6, 10**6, 3]}, "numbers for an image"),
    ],
)
def test_layers_that_the_file_cannot_fill_are_refused(
    parts, tmp_path, layer, changes, words
):
    config = json.loads(parts["config.json"])
    config["config"]["layers"][layer]["config"] |= changes
    changed = parts | {"config.json": json.dumps(config)}
    with pytest.raises(ValueError, match=words):
        load_model(put_together(tmp_path / "a.keras", changed))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (" " * (1 << 21), "'config.json' declares 2,097,152 bytes"),
        ("[" * 100_000, "200 deep"),
        ("{", "Expecting"),
    ],
)
def test_a_configuration_that_is_none_is_refused(
    parts, tmp_path, config, words
):
    changed = parts | {"config.json": config}
    path = put_together(tmp_path / "a.keras", changed, zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match=words):
        load_model(path)


def test_what_is_no_model_is_told_in_one_line(tmp_path):
    (tmp_path / "a.keras").write_text("nothing")
    with pytest.raises(ValueError, match="it is damaged: File is not a zip"):
        load_model(tmp_path / "a.keras")
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "b.keras")


def test_weights_are_counted_together_and_afterwards_no_more():
    add_weight = keras.layers.Layer.add_weight
    with limited_weights(0):
        keras.layers.Dense(1024).build((None, 256))
        with pytest.raises(ValueError, match="and it holds 0 bytes"):
            keras.layers.Dense(1 << 14).build((None, 1 << 8))
    assert keras.layers.Layer.add_weight is add_weight
