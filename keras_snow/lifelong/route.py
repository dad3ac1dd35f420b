"""route: how well the tasks of a sequence are told apart by the source."""

from collections.abc import Sequence
from typing import Any

from keras_snow.core.files import PathLike
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.data.cache import choose_cache
from keras_snow.data.task import Task
from keras_snow.lifelong.options import LifelongOptions
from keras_snow.lifelong.report import write_report
from keras_snow.lifelong.routing import fit_and_evaluate
from keras_snow.lifelong.sequence_folder import SequenceFolder
from keras_snow.lifelong.source_choice import SourceChoice
from keras_snow.lifelong.source_choice import SourceSpec
from keras_snow.lifelong.task_router import LEVEL
from keras_snow.lifelong.task_router import TaskRouter
from keras_snow.sources.source import Source
from keras_snow.training.fingerprint import describe_task
from keras_snow.training.fingerprint import differences


def route(
    sequence: Sequence[Task],
    source: SourceSpec = "resnet50",
    out: PathLike = "lifelong",
    foreign: Sequence[Task] = (),
    level: float = LEVEL,
    options: LifelongOptions | None = None,
) -> dict[str, Any]:
    """Fits a `TaskRouter` to a sequence that is learned, and reports on it.

    Accuracies are those of the models as they are after the last task. The
    router is kept in the folder, and the page there shows the report. What is
    done is not done again.

    Args:
        sequence: As of `learn`.
        source: As of `learn`.
        out: The folder that `learn` wrote.
        foreign: Further tasks whose images belong to none.
        level: Share of the images of a task to accept.
        options: As of `learn`.

    Returns:
        The record, see `keras_snow.lifelong.routing`.

    Raises:
        FileNotFoundError: If the sequence is not finished.
        ValueError: If an argument or the folder is not what it should be.
        OSError: If data can't be read or the folder can't be written.
    """
    options = options or LifelongOptions()
    folder = SequenceFolder(out, [task.name for task in sequence])
    record = folder.read_record()
    choice = SourceChoice(
        source, options.weights, options.taps, options.input_scale
    )
    frozen = choice.load()
    _check_same(record["settings"], sequence, frozen, options, folder)
    asked = {
        "level": level,
        "strangers": [describe_task(task) for task in foreign],
    }
    if folder.routing.is_file() and folder.router.is_file():
        before: dict[str, Any] = read_json(folder.routing)
        if before["asked"] == asked:
            return before
    router = TaskRouter(frozen, options.image_size)
    right = {
        task.name: folder.read_arrays("answers", number)["logits"].argmax(1)
        == task.labels("test")
        for number, task in enumerate(sequence)
    }
    caches = [
        choose_cache(options.training.cache, task, options.image_size)
        for task in sequence
    ]
    found = fit_and_evaluate(router, sequence, right, foreign, level, caches)
    found = {**found, "asked": asked}
    router.save(folder.router)
    write_json(folder.routing, found)
    write_report(record, folder.path, found)
    return found


def _check_same(
    learned: dict[str, Any],
    sequence: Sequence[Task],
    source: Source,
    options: LifelongOptions,
    folder: SequenceFolder,
) -> None:
    """Answers in the folder are paired with the tasks' images by place."""
    asked = {
        "tasks": [describe_task(task) for task in sequence],
        "source_fingerprint": source.fingerprint,
        "image_size": options.image_size,
    }
    found = differences({name: learned.get(name) for name in asked}, asked)
    if found:
        raise ValueError(
            "The folder holds another sequence. Hand over the tasks, source "
            "and options that it was learned with. They differ in: "
            f"{'; '.join(found)}. Received: out={str(folder.path)!r}"
        )
