"""load_source: by name, from a file, from a model; and what can go wrong."""

import json
import pathlib
import zipfile

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow.models import SNOWModel
from keras_snow.sources import NETWORKS
from keras_snow.sources import Source
from keras_snow.sources import load_source
from keras_snow.sources.origin import Origin
from keras_snow.sources.origin import origin_of
from tests.toys import STAGES
from tests.toys import images
from tests.toys import residual_network


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Returns the path of a saved toy network."""
    path = tmp_path_factory.mktemp("sources") / "toy.keras"
    residual_network().save(path)
    return path


def test_a_model_becomes_a_source():
    source = load_source(residual_network(), taps=["stem_relu", "block1_out"])
    assert isinstance(source, Source)
    assert [tap.name for tap in source.taps] == ["stem_relu", "block1_out"]


def test_a_source_is_handed_back():
    source = Source(residual_network())
    assert load_source(source) is source
    selected = load_source(source, taps=["block1_out"])
    assert [tap.name for tap in selected.taps] == ["block1_out"]


@pytest.mark.parametrize("kind", [str, pathlib.Path])
def test_a_file_becomes_a_source(saved, kind):
    source = load_source(kind(saved))
    assert [tap.name for tap in source.taps] == list(STAGES)
    expected = Source(residual_network())
    assert source.fingerprint == expected.fingerprint
    np.testing.assert_array_equal(
        ops.convert_to_numpy(source(images())["block3_out"]),
        ops.convert_to_numpy(expected(images())["block3_out"]),
    )


def test_from_file_takes_taps(saved):
    source = Source.from_file(saved, taps=["block2_out"])
    assert [tap.name for tap in source.taps] == ["block2_out"]


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `resnet50`") as error:
        load_source("resnet5O")
    assert "convnexttiny" in str(error.value)
    assert str(error.value).endswith("Received: source='resnet5O'")


@pytest.mark.parametrize("spec", [None, 50, ["resnet50"]])
def test_what_is_no_source_is_refused(spec):
    with pytest.raises(TypeError, match="A source is a name"):
        load_source(spec)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.keras"):
        load_source(tmp_path / "nowhere.keras")


def test_missing_weights_are_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.weights.h5"):
        load_source("mobilenetv2", weights=tmp_path / "nowhere.weights.h5")


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "toy.weights.h5"
    residual_network().save_weights(path)
    with pytest.raises(ValueError, match="do not fit.*toy.weights.h5"):
        load_source("mobilenetv2", weights=path)


def test_a_keras_file_as_weights_says_where_it_belongs(saved):
    with pytest.raises(ValueError, match="as the source itself"):
        load_source("mobilenetv2", weights=saved)


def test_weights_from_a_file_are_loaded(tmp_path):
    path = tmp_path / "mobile.weights.h5"
    network = keras.applications.MobileNetV2(include_top=False, weights=None)
    network.save_weights(path)
    source = load_source("mobilenetv2", weights=path, taps=["Conv1"])
    kernel = ops.convert_to_numpy(
        source.network.get_layer("Conv1").kernel.value
    )
    expected = ops.convert_to_numpy(network.get_layer("Conv1").kernel.value)
    np.testing.assert_array_equal(kernel, expected)


@pytest.mark.parametrize(
    "name", [x for x in NETWORKS.names() if not NETWORKS.get(x).small]
)
def test_weights_that_cannot_be_downloaded_say_how_to_supply_them(
    name, monkeypatch
):
    def fail(**_):
        raise Exception("URL fetch failure on https://host/file.h5: None")

    monkeypatch.setattr(
        keras.applications, NETWORKS.get(name).application, fail
    )
    with pytest.raises(OSError, match="could not be downloaded") as error:
        load_source(name)
    message = str(error.value)
    assert "https://host/file.h5" in message
    assert "models" in message
    assert "weights='file.weights.h5'" in message
    assert "\n" not in message


def test_a_failing_download_is_recognised_where_keras_makes_it(monkeypatch):
    from keras.src.applications import mobilenet_v2

    def fail(*_, **__):
        raise Exception("URL fetch failure on https://host/file.h5: None")

    monkeypatch.setattr(mobilenet_v2.file_utils, "get_file", fail)
    with pytest.raises(OSError, match="could not be downloaded.*host"):
        load_source("mobilenetv2")


def test_the_file_of_a_source_is_a_source_again(tmp_path):
    source = Source(residual_network(), ["stem_relu", "block2_out"])
    source.save(tmp_path / "source.keras")
    again = load_source(tmp_path / "source.keras")
    assert again.fingerprint == source.fingerprint
    assert again.taps == source.taps
    fewer = load_source(tmp_path / "source.keras", taps=["stem_relu"])
    assert fewer.taps == source.taps[:1]


def test_a_source_knows_its_file_until_it_is_changed(saved):
    source = load_source(saved)
    assert source.origin.spec == str(saved)
    assert source.select(["stem_relu"]).origin == source.origin
    weight = source.network.weights[0]
    weight.assign(weight * 2.0)
    assert source.origin is None
    assert source.select(["stem_relu"]).origin is None
    assert load_source(residual_network()).origin is None


def test_a_trained_model_is_no_source(tmp_path):
    model = SNOWModel.from_source(residual_network(), 3)
    model.save(tmp_path / "snow.keras")
    with pytest.raises(ValueError, match="keras_snow has trained.*snow.keras"):
        load_source(tmp_path / "snow.keras")


@pytest.mark.parametrize(
    "damage", [b"", b"no archive", None], ids=["empty", "text", "truncated"]
)
def test_a_damaged_file_is_refused(saved, tmp_path, damage):
    path = tmp_path / "damaged.keras"
    whole = saved.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    with pytest.raises(ValueError, match="damaged.*damaged.keras"):
        load_source(path)


def test_a_file_without_its_weights_is_refused(saved, tmp_path):
    path = tmp_path / "hollow.keras"
    with zipfile.ZipFile(saved) as whole, zipfile.ZipFile(path, "w") as part:
        for name in ("config.json", "metadata.json"):
            part.writestr(name, whole.read(name))
    with pytest.raises(ValueError, match="hollow.keras"):
        load_source(path)


def test_a_file_that_carries_code_is_refused_and_not_run(tmp_path):
    image = keras.Input((None, None, 3))
    x = layers.Conv2D(4, 3, name="first")(image)
    x = layers.Lambda(lambda maps: maps * 2, name="code")(x)
    path = tmp_path / "malicious.keras"
    keras.Model(image, x).save(path)
    with pytest.raises(ValueError, match="hold code, which is never run"):
        load_source(path)


def test_a_file_that_names_a_foreign_function_is_refused(saved, tmp_path):
    path = tmp_path / "malicious.keras"
    marker = tmp_path / "was_run"
    with zipfile.ZipFile(saved) as whole, zipfile.ZipFile(path, "w") as bad:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "config.json":
                config = json.loads(content)
                config["config"]["layers"][1] |= {
                    "module": "os",
                    "class_name": "system",
                    "registered_name": None,
                    "config": {"command": f"touch {marker}"},
                }
                content = json.dumps(config).encode()
            bad.writestr(name, content)
    with pytest.raises(ValueError, match="could not be loaded"):
        load_source(path)
    assert not marker.exists()


def test_a_source_knows_where_it_can_be_had_again(tmp_path, monkeypatch):
    residual_network().save(tmp_path / "mine.keras")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mobilenetv2").mkdir()
    (tmp_path / "imagenet").mkdir()
    source = load_source("mine.keras")
    assert source.origin == Origin(str(tmp_path / "mine.keras"))
    assert source.select([source.taps[0].name]).origin == source.origin
    assert load_source(residual_network()).origin is None
    assert load_source("mobilenetv2", weights=None).origin is None
    assert origin_of("mobilenetv2", "imagenet") == Origin("mobilenetv2")
    own = origin_of("mobilenetv2", "w.weights.h5")
    assert own.weights == str(tmp_path / "w.weights.h5")


def test_the_home_folder_may_be_said_by_its_sign(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    residual_network().save(tmp_path / "mine.keras")
    assert load_source("~/mine.keras").taps


def test_one_tap_may_be_given_by_its_name():
    source = load_source(residual_network(), taps="block1_out")
    assert [tap.name for tap in source.taps] == ["block1_out"]
