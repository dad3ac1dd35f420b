"""Lets the tests of this folder import `tiny_sequences`, and share runs."""

import dataclasses
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    from tiny_sequences import tiny_network

    path = tmp_path_factory.mktemp("source") / "tiny.keras"
    tiny_network().save(path)
    return str(path)


@pytest.fixture(scope="session")
def tasks():
    from tiny_sequences import colours
    from tiny_sequences import stripes

    return [colours(), stripes()]


@pytest.fixture(scope="session")
def shared(source, tasks, tmp_path_factory):
    """The record, its folder, and that as it was when task 2 began."""
    from tiny_sequences import OPTIONS

    from keras_snow.lifelong import learn
    from keras_snow.lifelong import lifelong_run

    out = tmp_path_factory.mktemp("shared") / "ft"
    snapshot = tmp_path_factory.mktemp("killed") / "ft"

    def train(*args, **kwargs):
        if kwargs["out"].name.startswith("02"):
            shutil.copytree(out, snapshot)
        return lifelong_run_train(*args, **kwargs)

    lifelong_run_train = lifelong_run.train
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifelong_run, "train", train)
        record = learn(tasks, "ft_shared", source, out, OPTIONS)
    return record, out, snapshot


@pytest.fixture(scope="session")
def snow(source, tasks, tmp_path_factory):
    from tiny_sequences import OPTIONS

    from keras_snow.data.task import Task
    from keras_snow.lifelong import learn

    # Without validation a run builds fewer graphs.
    tasks = [
        Task(
            task.name,
            task.class_names,
            {name: task.splits[name] for name in ("train", "test")},
        )
        for task in tasks
    ]
    options = dataclasses.replace(
        OPTIONS,
        start="none",
        recheck=8,
        changes={**OPTIONS.changes, "epochs": 1},
    )
    out = tmp_path_factory.mktemp("snow") / "snow"
    return learn(tasks, "snow", source, out, options), out
