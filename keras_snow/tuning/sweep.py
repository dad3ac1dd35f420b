"""sweep: many settings learn a task while the source runs once."""

import contextlib
import dataclasses
import functools
import pathlib
import shutil
import tempfile
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import keras

from keras_snow.core.files import PathLike
from keras_snow.data.task import Task
from keras_snow.models.snow_model import SNOWModel
from keras_snow.models.taps import tap_statistics
from keras_snow.sources.source import Source
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.train import plan
from keras_snow.training.train import say
from keras_snow.training.verdict import final_record
from keras_snow.training.verdict import train_to_verdict
from keras_snow.tuning.member import Member
from keras_snow.tuning.setting import SHARED
from keras_snow.tuning.setting import Setting
from keras_snow.tuning.setting import tell_apart
from keras_snow.tuning.shared_run import SharedRun
from keras_snow.tuning.sweep_options import SweepOptions

Record = dict[str, Any]


def sweep(
    task: Task,
    settings: Sequence[Mapping[str, Any]],
    out: PathLike | None = None,
    options: SweepOptions | None = None,
) -> list[Record]:
    """Trains many settings on a task and returns their records.

    All see the same batches, and the source runs once for all of them. Each
    setting's folder is `OUT/NAME` as `train` would leave it for

        train(lambda: SNOWModel.from_source(source, num_classes, **setting),
              task, recipe, seed=options.seed, config=TrainingOptions(
                  noise_seed=setting["seed"], ...))

    and a run that `train` began there goes on here, or the other way round.
    Order and augmentation come from the options' seed, initial weights, noise
    and dropout from the setting's `seed`. On a CPU the results equal those of
    separate runs to the last bits, which a convolution may round in another
    order; times are those of the sweep, and images a second are not told.

    Stopped at any moment, the same call goes on. A setting that diverges ends
    with `status` `"diverged"`, and the others go on. With kept maps
    (`cache_taps`) the source runs once anyway: the settings then train one
    after the other from the same maps; with `settle_after` each from its own.

    Args:
        task: What to learn.
        settings: For each run its settings: `k`, `sigma`, `width`, ... of
            `DeltaSettings`, and `rate`, `weight_decay`, ... of `Recipe`;
            `epochs`, `batch_size` and `augmentation` must be the same in all.
        out: A folder; None writes nothing.
        options: Source, recipe, image size, seed.

    Returns:
        For each setting the record, see `keras_snow.training.record`.

    Raises:
        ValueError: If an argument or the data is not what it should be, or
            the backend is not TensorFlow.
        OSError: If there is no space left; what was trained is kept.

    Examples:
        >>> images = np.zeros((40, 32, 32, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 20)
        >>> sweep(task, [{"k": 0.25}, {"k": 0.125, "sgima": 0.1}])
        Traceback (most recent call last):
        ...
        ValueError: Neither a delta nor a recipe has such a setting. Did you
        mean `sigma`? ... Received: sgima=0.1
    """
    options = options or SweepOptions()
    chosen = [Setting.of(setting) for setting in settings]
    _check(chosen)
    chosen = tell_apart(chosen)
    if options.training.cache_taps:
        return _one_by_one(task, chosen, out, options)
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Settings train side by side on the TensorFlow backend alone. Set "
            "`cache_taps=1` to train them one after the other from maps that "
            "are made once, or set KERAS_BACKEND=tensorflow. Received: "
            f"backend={keras.backend.backend()!r}"
        )
    members = [_plan(task, each, options) for each in chosen]
    placement = members[0].placement
    if placement.replicas > 1:
        raise ValueError(
            "Settings train side by side on one device. Leave out `strategy`, "
            "or set `cache_taps=1` to train them one after the other. "
            f"Received: strategy={placement.strategy!r}"
        )
    say(str(placement), options.training)
    with contextlib.ExitStack() as claims:
        for member, setting in zip(members, chosen, strict=True):
            if out is not None:
                member.folder = RunFolder(pathlib.Path(out, setting.name))
                claim = member.folder.claimed(member.record["settings"])
                claims.enter_context(claim)
        return _run(members, options.loaded_source)


def run_alone(
    task: Task,
    setting: Setting,
    out: PathLike,
    options: SweepOptions,
) -> Record:
    """Trains one setting as `train` does, unless that was done before.

    Returns:
        The record; one that diverged says so.
    """
    seed = setting.delta.get("seed", options.seed)
    return train_to_verdict(
        _builder(task, setting, options),
        task,
        options.recipe_of(task).replace(**setting.recipe),
        pathlib.Path(out, setting.name),
        options.image_size,
        options.seed,
        options.for_run({"seed": seed, **setting.delta}, seed),
    )


def _check(settings: list[Setting]) -> None:
    if not settings:
        raise ValueError("There are no settings. Received: settings=[]")
    names = [setting.exact_name for setting in settings]
    for setting in settings:
        if names.count(setting.exact_name) > 1:
            raise ValueError(
                "Each setting can be there once. Received twice: "
                f"setting={setting.name!r}"
            )
    for field in SHARED:
        values = {setting.recipe.get(field) for setting in settings}
        if len(values) > 1:
            raise ValueError(
                f"Settings of one sweep share batches, so `{field}` must be "
                "the same in all. Give it with the recipe. Received: "
                f"{field}={sorted(map(str, values))}"
            )


def _one_by_one(
    task: Task,
    settings: list[Setting],
    out: PathLike | None,
    options: SweepOptions,
) -> list[Record]:
    with contextlib.ExitStack() as opened:
        place = out
        if place is None:
            place = opened.enter_context(tempfile.TemporaryDirectory())
        # The maps that a run has settled on are of no use to the others.
        if options.training.settle_after is None:
            options = _with_tap_folder(options, pathlib.Path(place, ".taps"))
        records = [
            run_alone(task, setting, place, options) for setting in settings
        ]
        shutil.rmtree(pathlib.Path(place, ".taps"), ignore_errors=True)
        return records


def _with_tap_folder(
    options: SweepOptions, folder: pathlib.Path
) -> SweepOptions:
    own = options.training.tap_folder
    training = options.training.replace(tap_folder=own or str(folder))
    return dataclasses.replace(options, training=training)


def _builder(
    task: Task, setting: Setting, options: SweepOptions
) -> Callable[[], SNOWModel]:
    return functools.partial(
        setting.build, options.loaded_source, task.num_classes, options.seed
    )


def _plan(task: Task, setting: Setting, options: SweepOptions) -> Member:
    seed = setting.delta.get("seed", options.seed)
    return plan(
        _builder(task, setting, options),
        task,
        options.recipe_of(task).replace(**setting.recipe),
        options.image_size,
        options.seed,
        options.for_run({"seed": seed, **setting.delta}, seed),
        Member,
    )


def _run(members: list[Member], source: Source) -> list[Record]:
    """What is over is read; the others run."""
    known = [
        final_record(each.folder) if each.folder else None for each in members
    ]
    waiting = [
        member
        for member, record in zip(members, known, strict=True)
        if record is None
    ]
    if waiting:
        first = waiting[0]
        names = {name for each in waiting for name in each.delta.tap_names}
        shared = source.select(sorted(names))
        feed = first.image_feed()
        with first.placement.scope():
            statistics = tap_statistics(shared, feed.first_images())
            for member in waiting:
                member.begin(statistics)
            ended = iter(SharedRun(waiting, shared, feed).run())
    return [next(ended) if record is None else record for record in known]
