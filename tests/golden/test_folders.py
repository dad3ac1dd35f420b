"""Folders of an earlier version load, go on and give the same numbers."""

import json

import numpy as np
import pytest

from keras_snow.lifelong import SavedSequence
from keras_snow.serving import Bundle
from tests.golden import folders

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    place = tmp_path_factory.mktemp("golden")
    folders.unpack(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        yield place


@pytest.mark.parametrize("kind", folders.COMMANDS)
def test_an_old_folder_is_gone_on_with_and_nothing_is_trained_again(old, kind):
    before = numbers(old / kind)
    models = {path: path.stat().st_mtime_ns for path in models_of(old / kind)}
    folders.snow(folders.COMMANDS[kind])
    assert models
    assert models == {
        path: path.stat().st_mtime_ns for path in models_of(old / kind)
    }
    assert numbers(old / kind) == before


def models_of(folder):
    return sorted(folder.rglob("*.keras"))


def numbers(folder):
    """Accuracies of all records, by the file they are in."""
    return {
        path.name: tops(json.loads(path.read_text()))
        for path in sorted(folder.rglob("*.json"))
    }


def tops(value):
    if isinstance(value, dict):
        rest = [x for v in value.values() for x in tops(v)]
        return [value["top1"], *rest] if "top1" in value else rest
    return (
        [x for v in value for x in tops(v)] if isinstance(value, list) else []
    )


def test_an_old_run_and_its_bundle_answer_as_they_did(old):
    images = np.load(old / "colours.npz")["images"]
    expected = np.load(old / "logits.npy")
    close = {"rtol": 1e-4, "atol": 1e-5}
    np.testing.assert_allclose(folders.logits("run", images), expected, **close)
    answers = Bundle.load("bundle").predict(images.astype("float32"))
    np.testing.assert_allclose(
        answers["colours"], expected, rtol=1e-2, atol=1e-3
    )


def test_an_old_sequence_tells_tasks_apart(old):
    images = np.load(old / "shades.npz")["images"].astype("float32")
    answers = SavedSequence("sequence").answer(images)
    assert len(answers) == len(images)
