"""Settings side by side learn what each would learn alone."""

import functools

import pytest
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_source
from tiny_runs import tiny_task

from keras_snow.models import SNOWModel
from keras_snow.sources import load_source
from keras_snow.training import train
from keras_snow.tuning import SweepOptions
from keras_snow.tuning import sweep

SETTINGS = [
    {"k": 0.5, "sigma": 0.1},
    {"width": 0.25, "binding": "slots", "rate": 0.02},
    {"head": "delta", "seed": 7, "k": 0.25},
]


def options(source, **changes):
    fields = {
        "source": source,
        "recipe": RECIPE,
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


@pytest.mark.parametrize("number", range(len(SETTINGS)))
def test_a_setting_learns_what_it_learns_alone(number, swept, task, source):
    setting = dict(SETTINGS[number])
    recipe = RECIPE.replace(learning_rate=setting.pop("rate", 0.05))
    seed = setting.get("seed", 0)
    alone = train(
        functools.partial(
            SNOWModel.from_source, source, 3, **{"seed": seed, **setting}
        ),
        task,
        recipe,
        image_size=SIZE,
        config=QUIET.replace(noise_seed=seed or None),
    )
    together = swept[0][number]
    assert together["results"] == alone["results"]
    for name in ("loss", "val_loss", "churn_slots", "learning_rate"):
        assert together["curves"][name] == alone["curves"][name]
