"""Deltas are served on the form of the source that they learned on."""

import functools

import numpy as np
import pytest
from keras import ops

from keras_snow.core.files import write_json
from keras_snow.serving import Bundle
from keras_snow.serving import task_engines
from keras_snow.serving.admission import open_delta
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.open_runtime import candidates
from keras_snow.serving.open_runtime import engine_for
from tests.backends import only_tensorflow
from tests.serving.toy_bundles import toy_delta
from tests.serving.toy_bundles import toy_source
from tests.toys import SIZE
from tests.toys import images

pytestmark = only_tensorflow


@functools.cache
def saved(folder):
    """Saves a bundle of a delta that learned on bfloat16 and one that didn't.

    Returns:
        The bundle, and the logits of the first as it was trained.
    """
    bundle = Bundle(toy_source())
    for seed, (name, engine) in enumerate(
        [("birds", "bfloat16"), ("cars", "float32")]
    ):
        run = folder / name
        run.mkdir()
        toy_delta(bundle.source, 3, seed).save(run / "delta.keras")
        facts = {"kind": "delta", "image_size": SIZE, "engine": engine}
        write_json(run / "settings.json", facts)
        bundle.add(name, run)
    half = toy_source()
    half.engine = "bfloat16"
    delta, pixels = bundle.delta("birds"), images(2)
    logits = delta({"image": ops.convert_to_tensor(pixels), **half(pixels)})
    return bundle, ops.convert_to_numpy(logits)


@pytest.fixture
def made(tmp_path_factory, monkeypatch):
    monkeypatch.setattr(task_engines, "multiplies_bfloat16", lambda: True)
    return saved(tmp_path_factory.getbasetemp())


def test_a_run_says_on_which_engine_it_learned(made, tmp_path):
    bundle, _ = made
    assert bundle.task("birds").engine == "bfloat16"
    write_json(tmp_path / "settings.json", {"kind": "delta"})
    toy_delta(toy_source()).save(tmp_path / "delta.keras")
    assert "engine" not in open_delta(tmp_path)[1]
    with pytest.raises(ValueError, match="bfloat16"):
        BundledTask("birds", 1, 2, (), engine="bfloat32")


def test_served_logits_are_those_of_training_in_bfloat16(made):
    bundle, expected = made
    scale = np.abs(expected).max()
    pixels = images(2)
    found = bundle.predict(pixels, ["birds"])["birds"]
    assert np.abs(found - expected).max() < 1e-5 * scale
    folded = bundle.fold(["birds"], SIZE)(pixels)["birds"]
    assert np.abs(ops.convert_to_numpy(folded) - expected).max() < 1e-4 * scale
    full = bundle.fold(["birds"], SIZE, "float32")(pixels)["birds"]
    assert np.abs(ops.convert_to_numpy(full) - expected).max() > 1e-4 * scale


def test_a_task_of_another_engine_does_not_move_the_others(made):
    bundle, _ = made
    alone, both = bundle(images(1), ["birds"]), bundle(images(1))
    np.testing.assert_array_equal(alone["birds"], both["birds"])


def test_engines_that_differ_are_said(made, monkeypatch):
    tasks = made[0].tasks
    remark = task_engines.remark_on_engines(tasks)
    assert remark.startswith("birds learned on maps in bfloat16, cars in")
    assert task_engines.common_engine(tasks) is None
    assert task_engines.remark_on_engines(tasks[:1]) is None
    monkeypatch.setattr(task_engines, "multiplies_bfloat16", lambda: False)
    assert "not multiply" in task_engines.remark_on_engines(tasks[:1])
    assert task_engines.common_engine(tasks[:1]) is None


def test_auto_takes_bfloat16_if_and_only_if_the_deltas_learned_on_it():
    assert candidates("auto", "bfloat16")[0] == "tensorflow"
    assert engine_for("tensorflow", "bfloat16") == "bfloat16"
    assert engine_for("openvino", "bfloat16") == "float32"
    assert engine_for("tensorflow", None) is None
    assert candidates("auto") == candidates("auto", None)
