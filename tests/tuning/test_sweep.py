"""Settings side by side learn what each would learn alone."""

import functools

import pytest
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_source
from tiny_runs import tiny_task

from keras_snow.callbacks import Checkpoints
from keras_snow.models import SNOWModel
from keras_snow.sources import load_source
from keras_snow.training import train
from keras_snow.training.tap_cache import TapCache
from keras_snow.tuning import SweepOptions
from keras_snow.tuning import sweep

SETTINGS = [
    {"k": 0.5, "sigma": "auto"},
    {
        "width": 0.25,
        "binding": "slots",
        "rate": 0.02,
        "head": "delta",
        "seed": 7,
    },
]
EXACT = ("loss", "val_loss", "churn_slots", "learning_rate")
SHORT = RECIPE.replace(epochs=2)


def options(source, **changes):
    fields = {
        "source": source,
        "recipe": SHORT,
        "image_size": SIZE,
        "training": QUIET,
    }
    return SweepOptions(**{**fields, **changes})


@pytest.fixture(scope="module")
def source():
    return load_source(tiny_source())


@pytest.fixture(scope="module")
def task():
    return tiny_task()


@pytest.fixture(scope="module")
def swept(task, source, tmp_path_factory):
    out = tmp_path_factory.mktemp("sweep")
    return sweep(task, SETTINGS, out, options(source)), out


def train_alone(setting, task, source, **places):
    setting = {"seed": 0, **setting}
    recipe = SHORT.replace(learning_rate=setting.pop("rate", 0.05))
    return train(
        functools.partial(SNOWModel.from_source, source, 3, **setting),
        task,
        recipe,
        image_size=SIZE,
        config=QUIET.replace(
            noise_seed=setting["seed"] or None,
            notes={**setting, "taps": None},
        ),
        **places,
    )


@pytest.mark.parametrize("number", [pytest.param(0, marks=pytest.mark.slow), 1])
def test_a_setting_learns_what_it_learns_alone(number, swept, task, source):
    alone = train_alone(SETTINGS[number], task, source)
    together = swept[0][number]
    assert together["results"] == alone["results"]
    assert together["sigma"] == alone["sigma"]
    for name in EXACT:
        assert together["curves"][name] == alone["curves"][name]


def test_a_finished_run_is_known_to_train(swept, task, source):
    records, out = swept
    (place,) = out.glob("*seed=7*")
    again = train_alone(SETTINGS[1], task, source, out=place)
    assert again == records[1]


def test_sigma_of_each_pooling_is_in_the_record(swept):
    first, second = swept[0]
    assert {*first["sigma"]} == {"early_choice"}, "The head reads all."
    assert all(1e-4 < sigma < 0.1 for sigma in first["sigma"].values())
    assert second["sigma"] == {}


@pytest.mark.slow
def test_a_killed_sweep_ends_as_an_undisturbed_one(
    swept, task, source, tmp_path, monkeypatch
):
    saves = []
    save = Checkpoints.save

    def save_three_times(self):
        # Both before the first epoch, and one member behind it.
        if len(saves) == 3:
            raise KeyboardInterrupt
        saves.append(self)
        save(self)

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", save_three_times)
        with pytest.raises(KeyboardInterrupt):
            sweep(task, SETTINGS, tmp_path, options(source))
    records = sweep(task, SETTINGS, tmp_path, options(source))
    for record, expected in zip(records, swept[0], strict=True):
        assert record["results"] == expected["results"]
        assert record["curves"]["loss"] == expected["curves"]["loss"]


@pytest.mark.slow
def test_with_kept_maps_the_source_runs_once_all_the_same(
    task, source, tmp_path, monkeypatch
):
    passes = []
    original = TapCache._keep

    def keep(self, source, images, start):
        passes.append(len(images))
        return original(self, source, images, start)

    monkeypatch.setattr(TapCache, "_keep", keep)
    kept = options(source, training=QUIET.replace(cache_taps=1))
    records = sweep(task, [{"k": 4}, {"k": 8}], tmp_path, kept)
    assert [record["status"] for record in records] == ["finished"] * 2
    splits = (task.labels("train"), task.labels("validation"))
    assert sum(passes) == sum(map(len, splits))


def test_a_finished_sweep_with_kept_maps_answers_no_other(
    task, source, tmp_path
):
    training = QUIET.replace(cache_taps=1)
    sweep(task, [{"k": 4}], tmp_path, options(source, training=training))
    other = options(source, training=training, seed=3)
    with pytest.raises(ValueError, match=r"another run.*seed \(0 there, 3 now"):
        sweep(task, [{"k": 4}], tmp_path, other)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([], "no settings"),
        ([{"k": 4}, {"k": 4}], "twice: setting='k=4'"),
        ([{"sigma": 0.1}, {"sigma": 0.1}], "twice: setting='sigma=0.1'"),
        ([{"epochs": 1}, {"epochs": 2}], "`epochs` must be the same"),
        ([{"sgima": 0.1}], "Did you mean `sigma`"),
        ([{"sigma": -1}], "sigma=-1"),
        ([{"rate": 0}], "learning_rate=0"),
        ([{"rate": 0.1, "learning_rate": 0.002}], "are one setting"),
    ],
)
def test_bad_settings_are_refused_at_once(settings, words, task, source):
    with pytest.raises(ValueError, match=words):
        sweep(task, settings, options=options(source))


def test_settings_that_settle_train_one_after_the_other(task, source):
    settling = QUIET.replace(cache_taps=1, settle_after=1)
    (record,) = sweep(
        task, [{"k": 4}], options=options(source, training=settling)
    )
    assert record["status"] == "finished"
    assert record["settings"]["settle_after"] == 1


@pytest.mark.parametrize("out", [None, "sweep"])
def test_a_profile_of_many_runs_is_refused(
    out, task, source, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    profiled = QUIET.replace(profile=(2, 3))
    with pytest.raises(ValueError, match=r"profile=\(2, 3\)"):
        sweep(task, SETTINGS, out, options(source, training=profiled))


def test_settings_that_lie_close_have_folders_of_their_own(
    task, source, tmp_path
):
    settings = [{"sigma": 0.10001}, {"sigma": 0.10002}, {"sigma": 0.001**0.5}]
    short = options(
        source,
        recipe=RECIPE.replace(epochs=1),
        training=QUIET.replace(cache_taps=1),
    )
    assert len(sweep(task, settings, tmp_path, short)) == 3
    assert {path.name for path in tmp_path.iterdir()} == {
        "sigma=0.10001",
        "sigma=0.10002",
        "sigma=0.03162",
    }


def test_more_maps_than_a_tap_has_are_refused(task, source):
    with pytest.raises(ValueError, match="k=99"):
        sweep(task, [{"k": 99}], options=options(source))
