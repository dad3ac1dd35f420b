"""pretrain leaves a run and a source, whatever the network is trained on."""

import keras
import numpy as np
import pytest

from keras_snow.pretraining import make_pretext
from keras_snow.sources import load_source
from keras_snow.training import load_run
from tests.pretraining.tiny_pretexts import RECIPE
from tests.pretraining.tiny_pretexts import run
from tests.toys import images
from tests.training.tiny_runs import SIZE
from tests.training.tiny_runs import assert_same_end
from tests.training.tiny_runs import last_state

WAYS = ["labels", "partition", "episodes", "byol"]

SETTINGS = {
    "episodes": {"ways": 3, "shots": 1, "queries": 2, "episodes": 4},
    "byol": {"hidden": 16, "projection": 8, "target_momentum": 0.9},
}


@pytest.fixture(scope="module")
def runs(network, tmp_path_factory):
    """Runs each way when it is asked for, once."""
    found = {}

    def of(name):
        if name not in found:
            out = tmp_path_factory.mktemp("runs") / name
            found[name] = out, run(name, network, out, **SETTINGS.get(name, {}))
        return found[name]

    return of


@pytest.mark.parametrize("name", WAYS)
def test_a_run_leaves_its_record_and_a_plain_network(runs, name):
    out, record = runs(name)
    assert record["status"] == "finished"
    assert record["method"] == record["settings"]["method"] == name
    source = keras.saving.load_model(out / "source.keras", compile=False)
    assert [layer.name for layer in source.layers[-2:]] == ["late_conv", "late"]
    assert {type(each).__module__.split(".")[0] for each in source.layers} == {
        "keras"
    }


@pytest.mark.parametrize("name", WAYS)
def test_the_run_s_folder_is_a_source_that_has_learned(runs, network, name):
    out, _ = runs(name)
    source = load_source(out)
    assert [tap.name for tap in source.taps] == ["early", "late"]
    state, _ = last_state(out)
    kernels = [x for x in source.network.weights if x.ndim == 4]
    assert all(
        any(np.array_equal(each, value) for value in state.values())
        for each in kernels
    )


@pytest.mark.parametrize("name", WAYS)
def test_an_interrupted_run_ends_bit_equal(
    runs, network, tmp_path, interrupted, name
):
    go_on = interrupted(1, 2)
    with pytest.raises(KeyboardInterrupt):
        run(name, network, tmp_path, **SETTINGS.get(name, {}))
    go_on()
    assert last_state(tmp_path)[1]["epochs_done"] == 1
    record = run(name, network, tmp_path, **SETTINGS.get(name, {}))
    assert record["curves"]["epoch"] == [1, 2, 3]
    whole, _ = runs(name)
    assert_same_end(whole, tmp_path)
    one, other = (load_source(x).fingerprint for x in (whole, tmp_path))
    assert one == other


def test_a_run_on_labels_answers(runs):
    out, record = runs("labels")
    model, settings = load_run(out)
    assert settings["taps"] == ["early", "late"]
    logits = model(images(2, SIZE))
    maps = load_source(out)(images(2, SIZE))["late"]
    kernel, bias = model.get_layer("logits").get_weights()
    pooled = np.mean(maps, axis=(1, 2))
    np.testing.assert_allclose(logits, pooled @ kernel + bias, atol=1e-5)
    assert record["results"]["test"]["count"] == 12


def test_the_same_seed_gives_the_same_source(runs, network, tmp_path):
    out, _ = runs("labels")
    run("labels", network, tmp_path)
    assert load_source(tmp_path).fingerprint == load_source(out).fingerprint


def test_a_run_in_mixed_precision_leaves_a_source_in_float32(network, tmp_path):
    from keras_snow.pretraining import pretrain
    from tests.training.tiny_runs import QUIET
    from tests.training.tiny_runs import tiny_task

    pretrain(
        make_pretext("labels", network=str(network)),
        tiny_task(),
        RECIPE.replace(epochs=1),
        out=tmp_path,
        image_size=SIZE,
        config=QUIET.replace(precision="mixed_bfloat16"),
    )
    source = load_source(tmp_path).network
    policies = {each.dtype_policy.name for each in source.layers}
    assert policies == {"float32"}


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("lables", {}, "Did you mean `labels`"),
        ("labels", {"networks": "conv4"}, "Did you mean `network`"),
    ],
)
def test_unknown_names_get_the_nearest(name, settings, words):
    with pytest.raises(ValueError, match=words):
        make_pretext(name, **settings)
