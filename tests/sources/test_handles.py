"""Sources by the handles of networks that others publish."""

import sys
import types

import keras
import numpy as np
import pytest

from keras_snow.sources import load_source
from keras_snow.sources.forms import check_spec
from keras_snow.sources.small import vit


@pytest.fixture
def hub(monkeypatch):
    """Stands in for KerasHub, with one preset and what it does to pixels."""
    asked = []

    def backbone(preset, load_weights):
        asked.append((preset, load_weights))
        if preset != "tiny":
            raise ValueError("Unknown preset identifier.\nMore lines.")
        return vit(16, channels=8, blocks=2, heads=2)

    def converter(preset):
        return types.SimpleNamespace(scale=[0.1, 0.2, 0.3], offset=None)

    module = types.ModuleType("keras_hub")
    module.__spec__ = types.SimpleNamespace()
    module.models = types.SimpleNamespace(
        Backbone=types.SimpleNamespace(from_preset=backbone)
    )
    module.layers = types.SimpleNamespace(
        ImageConverter=types.SimpleNamespace(from_preset=converter)
    )
    monkeypatch.setitem(sys.modules, "keras_hub", module)
    return asked


def test_a_preset_is_a_source_with_what_is_done_to_its_pixels(hub):
    source = load_source("keras_hub:tiny", taps=["last:1"])
    assert [tap.name for tap in source.taps] == ["end_norm"]
    assert source.preprocessing[0].startswith("scale=[0.1, 0.2, 0.3]")
    assert source.origin.spec == "keras_hub:tiny"
    assert source(np.ones((1, 16, 16, 3)))["end_norm"].shape == (1, 4, 4, 8)


def test_random_weights_are_asked_for(hub):
    assert load_source("keras_hub:tiny", weights=None).origin is None
    assert hub == [("tiny", False)]


def test_what_can_not_be_had_is_said_in_a_sentence(hub):
    with pytest.raises(OSError, match=r"Unknown preset identifier\.\)"):
        load_source("keras_hub:huge")


@pytest.mark.parametrize(
    ("spec", "package"),
    [
        ("keras_hub:tiny", "keras-hub"),
        ("kaggle://keras/vit/keras/tiny", "keras-hub"),
        ("hf://someone/something", "huggingface_hub"),
    ],
)
def test_a_missing_package_is_named(spec, package, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OSError, match=f"pip install {package}`.*source='"):
        check_spec(spec)


def test_a_model_on_hugging_face_is_loaded_by_keras(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    given = []

    def load_model(path):
        given.append(path)
        return vit(16, channels=8, blocks=2, heads=2)

    monkeypatch.setattr(keras.saving, "load_model", load_model)
    source = load_source("hf://someone/something")
    assert given == ["hf://someone/something"]
    assert source.taps[-1].tokens == 17
