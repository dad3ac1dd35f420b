"""compare: methods learn the same tasks, and are put into one table."""

import os
from collections.abc import Sequence
from typing import Any

from keras_snow.core.checks import check_count
from keras_snow.core.files import PathLike
from keras_snow.core.progress import Progress
from keras_snow.reports.comparison import Comparison
from keras_snow.reports.comparison_folder import ComparisonFolder
from keras_snow.reports.entry import DEFAULT_SUBSCRIPTION
from keras_snow.reports.entry import SNOW
from keras_snow.reports.entry import UNTRAINED
from keras_snow.reports.entry import Entry
from keras_snow.reports.entry import list_entries
from keras_snow.reports.options import CompareOptions
from keras_snow.reports.planned_task import PlannedTask
from keras_snow.reports.planned_task import plan_tasks
from keras_snow.reports.report import report
from keras_snow.sources.forms import check_spec
from keras_snow.training.fingerprint import describe_source

DEFAULT_METHODS = (
    "snow",
    "fo",
    "fe",
    "ft",
    "mp_bn",
    "lora",
    "probe_last",
    "probe_all",
)


def compare(
    tasks: Sequence[str],
    source: str | Sequence[str] = "resnet50",
    methods: Sequence[str] = DEFAULT_METHODS,
    subscriptions: Sequence[str] = (DEFAULT_SUBSCRIPTION,),
    seeds: Sequence[int] = (0, 1, 2),
    out: PathLike = "comparison",
    options: CompareOptions | None = None,
) -> dict[str, Any]:
    """Trains methods on tasks and puts them into one table and one figure.

    Every run is a process of its own, so that its memory can be measured. The
    learning rate of each method is chosen on the validation split; the test
    split is scored once for each seed, with the chosen rate. What is finished
    is not done again: the same call goes on after an interruption, and further
    tasks, methods or seeds join those of a folder. A run that fails is
    reported and does not stop the others.

    Args:
        tasks: What `load_task` takes.
        source: Name or path of the source; or several, each of which is read
            by every method. `"none"` among them is the network of the first
            other one with random weights.
        methods: Names of methods.
        subscriptions: Subscriptions to train SNOW with.
        seeds: Seeds of initial weights, order and augmentation.
        out: The folder for everything, see `ComparisonFolder`.
        options: Everything else.

    Returns:
        What `report` returns.

    Raises:
        ValueError: If an argument, a task or the folder is not what it should
            be. Nothing has been trained then.
        OSError: If data can't be read or the folder can't be written.
    """
    options = options or CompareOptions()
    source, several = _read_sources(source, options.weights)
    entries = list_entries(methods, subscriptions, several or (None,))
    if options.delta_settings and SNOW not in methods:
        raise ValueError(
            "Settings of deltas are SNOW's. Add `snow` to the methods. "
            f"Received: methods={list(methods)}, "
            f"delta_settings={dict(options.delta_settings)}"
        )
    seeds = _check_seeds(seeds)
    folder = ComparisonFolder(out)
    with folder.claimed():
        planned = plan_tasks(tasks, options)
        plan = folder.join_plan(_plan(planned, source, entries, seeds, options))
        comparison = Comparison(folder, source, options)
        left = [
            (task, entry)
            for task in planned
            for entry in entries
            if not comparison.is_done(task.name, entry, seeds)
        ]
        plan["problems"] = _check(comparison, left, plan["problems"])
        folder.write_plan(plan)
        try:
            _train(comparison, left, seeds, plan["problems"])
        finally:
            result = report(folder.path)
        return result


def _read_sources(
    source: str | Sequence[str], weights: str | None
) -> tuple[str, list[str]]:
    """Returns the source that says where all are tapped, and all of several."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source), []
    several = [os.fspath(each) for each in source]
    trained = [each for each in several if each != UNTRAINED]
    if not trained:
        raise ValueError(
            "Name a source beside `none`, which is its network with random "
            f"weights. Received: sources={several}"
        )
    for each in trained:
        check_spec(each, weights)
    return trained[0], several


def _check(
    comparison: Comparison,
    left: list[tuple[PlannedTask, Entry]],
    before: dict[str, str],
) -> dict[str, str]:
    """Why methods can't be trained: what is left to train is looked at anew."""
    if not left:
        return before
    wanted = {entry.label: entry for _, entry in left}
    others = {k: v for k, v in before.items() if k not in wanted}
    return {**others, **comparison.check(list(wanted.values()))}


def _train(
    comparison: Comparison,
    left: list[tuple[PlannedTask, Entry]],
    seeds: list[int],
    problems: dict[str, str],
) -> None:
    left = [pair for pair in left if pair[1].label not in problems]
    epochs = sum(comparison.epochs_of(task, len(seeds)) for task, _ in left)
    show = comparison.options.verbose
    with Progress(epochs, "epoch", show=show) as progress:
        comparison.progress = progress
        for task, entry in left:
            progress.describe(f"{task.name}, {entry.label}")
            comparison.train(task, entry, seeds)


def _check_seeds(seeds: Sequence[int]) -> list[int]:
    checked = [check_count("seed", seed, minimum=0) for seed in seeds]
    if not checked or len(set(checked)) < len(checked):
        raise ValueError(
            "A comparison needs seeds, each of them once. "
            f"Received: seeds={list(seeds)}"
        )
    return checked


def _plan(
    tasks: list[PlannedTask],
    source: str,
    entries: list[Entry],
    seeds: list[int],
    options: CompareOptions,
) -> dict[str, Any]:
    several = entries[0].source is not None
    told = {"source": "several", "source_digest": None}
    if not several:
        told = describe_source(source)
    return {
        "settings": {**told, **options.identity()},
        "tasks": [task.to_dict() for task in tasks],
        "entries": [
            {
                "name": entry.label,
                "method": entry.method,
                "subscription": entry.subscription,
                **(describe_source(str(entry.source)) if several else {}),
            }
            for entry in entries
        ],
        "seeds": seeds,
    }
