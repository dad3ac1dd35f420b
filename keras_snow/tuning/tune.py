"""tune: KerasTuner searches the settings of a task."""

import dataclasses
import json
import pathlib
from typing import Any

import keras

from keras_snow.core.claim import claimed_folder
from keras_snow.core.files import PathLike
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.core.output_folder import check_output
from keras_snow.core.output_folder import refuse_other_work
from keras_snow.data.splitting import without_test
from keras_snow.data.task import Task
from keras_snow.data.task_checks import check_one_class_each
from keras_snow.training.fingerprint import describe_source
from keras_snow.training.fingerprint import describe_task
from keras_snow.tuning import workers
from keras_snow.tuning.dimension import Space
from keras_snow.tuning.oracles import make_oracle
from keras_snow.tuning.oracles import shortest_trial
from keras_snow.tuning.search import Search
from keras_snow.tuning.setting import check_named_once
from keras_snow.tuning.setting import field_of
from keras_snow.tuning.sweep_options import SweepOptions
from keras_snow.tuning.trial_runner import TrialRunner
from keras_snow.tuning.trial_table import TrialTable
from keras_snow.tuning.tune_options import TuneOptions

PLAN = "search.json"


def tune(
    task: Task,
    space: Space,
    out: PathLike,
    search: TuneOptions | None = None,
    options: SweepOptions | None = None,
) -> TrialTable:
    """Searches settings of SNOW on a task; the validation split judges.

    Stopped or killed at any moment, the same call goes on: finished trials are
    kept, and one that was under way goes on after its last epoch. A trial that
    diverges or does not fit into memory is marked as failed, and the search
    goes on. Trials that are known together train side by side, see `sweep`.
    The test split is not looked at.

    With KerasTuner's environment variables (`KERASTUNER_TUNER_ID`,
    `KERASTUNER_ORACLE_IP`, `KERASTUNER_ORACLE_PORT`) the search is shared by a
    chief and workers that see the same folder; a worker that dies is noticed,
    and its trials go to another.

    Args:
        task: What to learn; it needs a validation split.
        space: What is searched, see `choose_space`.
        out: The folder of the search.
        search: Tuner, number of trials.
        options: Source, recipe, image size, seed of the runs.

    Returns:
        The trials; `best()` loads the best of them.

    Raises:
        ImportError: If KerasTuner is not installed.
        ValueError: If an argument or the data is not what it should be, or a
            setting is both searched and fixed.
        OSError: If there is no space left.

    Examples:
        >>> images = np.zeros((20, 16, 16, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10, validation=0)
        >>> tune(task, {}, "search")
        Traceback (most recent call last):
        ...
        ValueError: A search needs validation images. Received: ...
    """
    search, options = search or TuneOptions(), options or SweepOptions()
    _check_space(space, search)
    task = without_test(task)
    check_one_class_each(task.multi_label, "A search of settings")
    if not len(task.splits.get("validation", ())):
        raise ValueError(
            "A search needs validation images. Received: splits="
            f"{ {name: len(part) for name, part in task.splits.items()} }"
        )
    _check_settling(task, search, options)
    folder = pathlib.Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    place = workers.find_place()
    if place.is_worker:
        return _work(task, space, folder, search, options, place)
    with claimed_folder(folder, "searching"):
        _claim(task, space, folder, search, options)
        oracle = _oracle(task, space, folder, search, options)
        work = _search(task, folder, search, options)
        if place.is_chief:
            workers.lead(oracle, place, search.patience)
        else:
            work.run(oracle, "tuner0")
        table = TrialTable(folder)
        table.write(oracle, lambda x: work.runner.setting_of(x).name)
        return table


def _check_space(space: Space, search: TuneOptions) -> None:
    check_named_once(space)
    fixed = {field_of(name): name for name in search.fixed}
    for name in space:
        if field_of(name) in fixed:
            other = fixed[field_of(name)]
            raise ValueError(
                "A setting is searched or fixed, not both. Leave it out of the "
                "space, or out of what all trials have. Received: "
                f"space={name!r}, fixed={other}={search.fixed[other]!r}"
            )


def _check_settling(
    task: Task, search: TuneOptions, options: SweepOptions
) -> None:
    settle_after = options.training.settle_after
    if settle_after is None:
        return
    whole = search.fixed.get("epochs", options.recipe_of(task).epochs)
    epochs = shortest_trial(search.tuner, whole)
    if epochs <= settle_after:
        raise ValueError(
            "A trial settles before its last epoch, and the first trials of "
            f"this search end after {epochs}. Lower `settle_after` or train "
            f"longer. Received: settle_after={settle_after}, epochs={whole}, "
            f"tuner={search.tuner!r}"
        )


def _work(
    task: Task,
    space: Space,
    folder: pathlib.Path,
    search: TuneOptions,
    options: SweepOptions,
    place: "workers.Place",
) -> TrialTable:
    # It is asked nothing that changes, and so needs no files.
    oracle = _oracle(task, space, folder / f".{place.name}", search, options)
    with workers.follow(oracle, place, search.patience) as chief:
        _search(task, folder, search, options).run(chief, place.name)
    return TrialTable(folder)


def _oracle(
    task: Task,
    space: Space,
    folder: pathlib.Path,
    search: TuneOptions,
    options: SweepOptions,
) -> Any:
    return make_oracle(
        search.tuner,
        space,
        search.most_trials,
        options.recipe_of(task).epochs,
        search.seed,
        folder / "tuner",
    )


def _search(
    task: Task,
    folder: pathlib.Path,
    search: TuneOptions,
    options: SweepOptions,
) -> Search:
    runner = TrialRunner(task, folder, search.fixed, options)
    return Search(runner, search.trials_at_once, options.training.verbose)


def _claim(
    task: Task,
    space: Space,
    folder: pathlib.Path,
    search: TuneOptions,
    options: SweepOptions,
) -> None:
    """Only the number of trials may change when a search goes on."""
    training = options.training
    plan = {
        "task": describe_task(task),
        **describe_source(str(options.source)),
        "weights": options.weights and str(options.weights),
        "taps": options.taps,
        "input_scale": options.input_scale,
        "image_size": options.image_size,
        "recipe": options.recipe_of(task).to_dict(),
        "seed": options.seed,
        "precision": training.precision or keras.config.dtype_policy().name,
        "cache_taps": training.cache_taps,
        "settle_after": training.settle_after,
        "tuner": search.tuner,
        **({"engine": training.engine} if training.engine else {}),
        "fixed": dict(search.fixed),
        "space": {name: dataclasses.asdict(x) for name, x in space.items()},
    }
    check_output(folder, PLAN, "search")
    if not (folder / PLAN).exists():
        write_json(folder / PLAN, plan)
    # As it was read: tuples are lists then.
    plan = json.loads(json.dumps(plan))
    refuse_other_work(folder, "search", read_json(folder / PLAN), plan)
