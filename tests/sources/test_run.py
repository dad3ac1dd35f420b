"""A finished run is a source: of any method, and by its folder."""

import shutil

import keras
import numpy as np
import pytest

from keras_snow.baselines import METHODS
from keras_snow.baselines import build_method
from keras_snow.core.files import write_json
from keras_snow.sources import load_source
from keras_snow.sources.origin import Origin
from keras_snow.sources.origin import origin_of
from keras_snow.training.fingerprint import describe_source
from keras_snow.training.saved_run import save_model
from tests.toys import images
from tests.toys import residual_network

TAPS = ["stem_relu", "block1_out", "block2_out", "block3_out"]


@pytest.fixture(scope="module")
def source_file(tmp_path_factory):
    """Returns the path of a saved toy network."""
    path = tmp_path_factory.mktemp("sources") / "toy.keras"
    residual_network().save(path)
    return path


def finished(folder, method, source, **settings):
    """Leaves what a run of a method leaves, without training."""
    model = build_method(method, source, num_classes=2)
    known = {"source": str(source), "weights": "imagenet", "notes": {}}
    known |= settings
    save_model(model, folder / "model", known)
    write_json(folder / "run.json", {})
    return model


@pytest.mark.parametrize("method", METHODS.names())
def test_the_run_of_any_method_is_a_source(tmp_path, source_file, method):
    finished(tmp_path, method, source_file)
    source = load_source(tmp_path)
    assert source.origin == Origin(str(tmp_path))
    maps = source(images(1))
    assert set(maps) == {tap.name for tap in source.taps}
    if method not in ("fe", "pn"):  # They have layers beside the source's.
        assert [tap.name for tap in source.taps] == TAPS


def test_a_fine_tuned_run_gives_the_maps_of_its_own_body(tmp_path, source_file):
    model = finished(tmp_path, "ft", source_file)
    body = model.get_layer("body").network
    kernel = body.get_layer("block3_2_conv").kernel
    kernel.assign(kernel * 2.0)
    save_model(model, tmp_path / "model", {"source": None, "notes": {}})
    maps = load_source(tmp_path)(images(1))["block3_out"]
    # A source folds its normalisations.
    np.testing.assert_allclose(maps, body(images(1)), rtol=1e-4, atol=1e-4)


def test_a_run_on_a_run_is_tapped_where_that_one_is(tmp_path, source_file):
    finished(tmp_path / "one", "ft", source_file, taps=TAPS[1:3])
    finished(tmp_path / "two", "ft", tmp_path / "one")
    assert [t.name for t in load_source(tmp_path / "two").taps] == TAPS[1:3]


def test_a_snow_run_is_the_source_that_it_was_trained_on(tmp_path, source_file):
    finished(tmp_path, "snow", source_file)
    assert (
        load_source(tmp_path).fingerprint
        == load_source(source_file).fingerprint
    )


def test_without_weights_a_run_gives_its_network_with_new_ones(
    tmp_path, source_file
):
    finished(tmp_path, "ft", source_file)
    learned, random = load_source(tmp_path), load_source(tmp_path, None)
    assert random.taps == learned.taps
    assert random.origin is None
    assert origin_of(tmp_path, None) is None
    assert random.fingerprint != learned.fingerprint
    assert random.fingerprint != load_source(tmp_path, None).fingerprint


def test_runs_are_told_apart_by_what_they_learned(tmp_path, source_file):
    finished(tmp_path / "a/run", "ft", source_file)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    one, copy = (describe_source(str(tmp_path / x / "run")) for x in "ab")
    assert one == copy
    assert one["source"] == "run"
    finished(tmp_path / "b/run", "scratch", source_file)
    assert describe_source(str(tmp_path / "b/run")) != one


def test_a_folder_is_no_source_by_the_name_of_a_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conv4").mkdir()
    assert load_source("conv4", weights=None).taps


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "empty folder"),
        (["run.json"], "not finished"),
        (["run.json", "model/settings.json"], "model of this run is gone"),
        (
            ["run.json", "model/settings.json", "model/model.keras"],
            "may be damaged",
        ),
    ],
)
def test_a_folder_without_a_whole_run_is_refused(tmp_path, files, words):
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_json(tmp_path / name, {"kind": "model"})
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        load_source(tmp_path)


def test_a_file_says_in_which_module_the_class_of_a_body_is(
    tmp_path, source_file
):
    # `keras_snow.sources` opens it, and imports no method.
    finished(tmp_path, "ft", source_file)
    text = keras.saving.load_model(tmp_path / "model/model.keras").to_json()
    assert '"module": "keras_snow.baselines.body"' in text
