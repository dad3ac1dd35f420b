"""A run that settles keeps its choice, and trains on the chosen maps alone."""

import numpy as np
import pytest
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import assert_same_end
from tiny_runs import exact_snow
from tiny_runs import last_state
from tiny_runs import tiny_head
from tiny_runs import tiny_snow
from tiny_runs import tiny_task

from keras_snow.callbacks import RunState
from keras_snow.callbacks import SelectionHistory
from keras_snow.deltas.delta import tap_of
from keras_snow.training import TrainingOptions
from keras_snow.training import load_run
from keras_snow.training import train
from keras_snow.training.record import extend_record
from keras_snow.training.settled_feed import SettledFeed
from keras_snow.training.tap_cache import TapLayout
from keras_snow.training.tap_feed import TapFeed
from tests.backends import BACKEND

PLAIN = RECIPE.replace(augmentation="none")
SETTLE = QUIET.replace(cache_taps=1, settle_after=1)


def silent_snow():
    """Without noise a choice that is free stays what it is, too."""
    model = exact_snow(sigma=0.0, head_k=None)
    for pooling in model.delta.poolings:
        pooling.importance.assign([0.5, 0.9, 0.6, 0.5, 1.0, 0.6])
    return model


def run(config, build=silent_snow, out=None, recipe=PLAIN):
    return train(
        build, tiny_task(), recipe, out=out, image_size=SIZE, config=config
    )


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    out = tmp_path_factory.mktemp("settled")
    return out, run(SETTLE, out=out)


def test_a_settled_run_learns_what_a_run_without_the_cache_learns(
    settled, tmp_path
):
    free = run(QUIET, out=tmp_path)
    assert free["curves"]["churn_set"] == [0.0] * 3, "Choose other data."
    ours, theirs = last_state(settled[0])[0], last_state(tmp_path)[0]
    assert ours.keys() == theirs.keys()
    for name in theirs:
        if BACKEND == "tensorflow":
            np.testing.assert_array_equal(ours[name], theirs[name], name)
        else:  # XLA makes other kernels of a step with a source in it.
            np.testing.assert_allclose(
                ours[name], theirs[name], rtol=1e-4, atol=1e-5, err_msg=name
            )


def test_the_saved_model_chooses_what_was_settled(settled):
    out, record = settled
    history = SelectionHistory.load(out / "selections.npz")
    assert history.moments == [0.0, 1.0, 2.0, 3.0]
    model, _ = load_run(out)
    for pooling in model.delta.poolings:
        explored, *chosen = history.array(tap_of(pooling))[1:]
        for each in (*chosen, pooling.selected_channels()):
            np.testing.assert_array_equal(each, explored)
    assert record["settings"]["settle_after"] == 1
    assert not (out / "taps").exists()


@pytest.mark.once
@pytest.mark.parametrize(
    ("settle_after", "speed"), [(None, 30.0), (1, 40.0), (4, None)]
)
def test_speed_is_that_of_the_epochs_without_the_source(settle_after, speed):
    curves = {"images_per_second": [10.0, None, 30.0, 50.0]}
    record = {"settings": {"settle_after": settle_after}}
    found = extend_record(record, RunState(curves=curves))
    assert found["images_per_second"] == speed


def test_a_settled_run_that_is_interrupted_ends_bit_equal(
    settled, tmp_path, interrupted
):
    go_on = interrupted(2, 1)
    with pytest.raises(KeyboardInterrupt):
        run(SETTLE, out=tmp_path)
    go_on()
    assert last_state(tmp_path)[1]["epochs_done"] == 2
    assert list(tmp_path.glob("taps/*/train/complete.json"))
    run(SETTLE, out=tmp_path)
    assert_same_end(settled[0], tmp_path)


def test_a_head_with_a_choice_of_its_own_learns_from_kept_statistics(tmp_path):
    models = []

    def build():
        models.append(exact_snow(sigma=0.0, head_k=0.5))
        return models[-1]

    kept = run(SETTLE, build, out=tmp_path)
    free = run(QUIET, build)
    assert free["curves"]["churn_set"] == [0.0] * 3, "Choose other data."
    # Statistics are kept with the 11 bits of float16.
    assert kept["curves"]["loss"] == pytest.approx(
        free["curves"]["loss"], rel=2e-3
    )
    assert kept["curves"]["loss"][1:] != free["curves"]["loss"][1:]
    heads = [model.delta.get_layer("late_head").kernel for model in models]
    np.testing.assert_allclose(*map(np.array, heads), rtol=0.05, atol=1e-3)


def make_feed(kind, folder=None, head_k=None, **options):
    model = tiny_snow(head_k=head_k)
    model.delta.poolings[0].importance.assign(np.linspace(0, 2, 16))
    config = QUIET.replace(cache_taps=2, settle_after=1, **options)
    return kind(model, tiny_task(), RECIPE, SIZE, 0, config, folder=folder)


def test_only_the_chosen_maps_are_kept(tmp_path):
    whole = make_feed(TapFeed)
    feed = make_feed(SettledFeed, tmp_path / "taps")
    assert TapLayout.of(whole.source, SIZE) == whole.layout
    assert feed.layout.width == whole.layout.width / 4
    feed.settle()
    kept, labels = feed.training().reader(3)
    everything, expected = whole.training().reader(3)
    np.testing.assert_array_equal(labels, expected)
    np.testing.assert_array_equal(kept["image"], everything["image"])
    chosen = {"early": [12, 13, 14, 15], "late": list(range(8))}
    for name, channels in chosen.items():
        np.testing.assert_array_equal(
            kept[name], everything[name][..., channels]
        )
    files = tmp_path.glob("taps/*/train/*.npy")
    header = 128  # Of an .npy file.
    size = sum(file.stat().st_size - header for file in files)
    assert size == 2 * len(labels_of(feed)) * feed.layout.bytes_per_image


def test_of_maps_that_only_the_head_reads_the_statistics_are_kept():
    feed = make_feed(SettledFeed, head_k=1.0)
    feed.settle()
    kept, _ = feed.training().reader(3)
    everything, _ = make_feed(TapFeed).training().reader(3)
    for name in ("early", "late"):
        maps = everything[name].astype("float32")
        expected = [maps.mean(axis=(1, 2)), maps.std(axis=(1, 2))]
        np.testing.assert_allclose(
            kept[f"{name}_statistics"],
            np.stack(expected, 1),
            rtol=1e-3,
            atol=2e-6,
        )
    assert kept["early"].shape[-1] == 4
    assert "late" not in kept


def labels_of(feed):
    return feed.task.labels("train")


@pytest.mark.once
def test_maps_of_another_choice_are_not_taken_for_the_own(tmp_path):
    first = make_feed(SettledFeed, tmp_path / "taps")
    first.settle()
    first.training()
    second = make_feed(SettledFeed, tmp_path / "taps")
    (mark,) = tmp_path.glob("taps/*/train/complete.json")
    second.whole.delta.poolings[0].importance.assign(np.linspace(2, 0, 16))
    second.settle()
    assert not mark.exists()


@pytest.mark.once
def test_the_limit_is_for_the_chosen_maps_and_known_before(tmp_path, capsys):
    feed = make_feed(SettledFeed)
    images = 2 * len(labels_of(feed)) + len(feed.task.splits["validation"])
    size = images * feed.layout.bytes_per_image / 1e9
    make_feed(SettledFeed, cache_limit_gb=1.001 * size, verbose=True)
    words = f"The kept maps of {images} images take {1000 * size:.1f} MB."
    assert words in capsys.readouterr().err
    with pytest.raises(ValueError, match="more than the limit"):
        make_feed(TapFeed, cache_limit_gb=1.001 * size)
    config = SETTLE.replace(cache_taps=2, cache_limit_gb=0.999 * size)
    with pytest.raises(ValueError, match="more than the limit"):
        run(config, lambda: tiny_snow(head_k=None), out=tmp_path)
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.once
@pytest.mark.parametrize(
    ("build", "epochs", "words"),
    [
        (tiny_snow, 1, "settle_after=1, epochs=1"),
        (lambda: tiny_snow(binding="rank"), 3, "binding='rank'"),
        (lambda: tiny_snow(subscription="pointwise"), 3, "method='snow'"),
        (tiny_head, 3, "Only channel pooling"),
    ],
)
def test_what_cannot_settle_is_refused(build, epochs, words):
    with pytest.raises(ValueError, match=words):
        run(SETTLE, build, recipe=PLAIN.replace(epochs=epochs))


@pytest.mark.once
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"settle_after": 1}, "cache_taps=0"),
        ({"settle_after": 0, "cache_taps": 1}, "settle_after=0"),
        (
            {"settle_after": 1, "cache_taps": 1, "tap_folder": "maps"},
            "tap_folder='maps'",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        TrainingOptions(**options)
