"""learn: a sequence of tasks with one method, and what becomes of each."""

import json
from collections.abc import Sequence
from typing import Any

import keras

from keras_snow.core.files import PathLike
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.data.task import Task
from keras_snow.lifelong.learner import Learner
from keras_snow.lifelong.lifelong_run import LifelongRun
from keras_snow.lifelong.methods import learner_of
from keras_snow.lifelong.methods import method_of_one_task
from keras_snow.lifelong.options import LifelongOptions
from keras_snow.lifelong.report import write_report
from keras_snow.lifelong.result import build_result
from keras_snow.lifelong.sequence import check_sequence
from keras_snow.lifelong.sequence_folder import KIND
from keras_snow.lifelong.sequence_folder import SequenceFolder
from keras_snow.lifelong.source_choice import SourceChoice
from keras_snow.lifelong.source_choice import SourceSpec
from keras_snow.training.fingerprint import describe_task


def learn(
    sequence: Sequence[Task],
    method: str = "snow",
    source: SourceSpec = "resnet50",
    out: PathLike = "lifelong",
    options: LifelongOptions | None = None,
) -> dict[str, Any]:
    """Learns tasks one after another and measures all of them after each.

    A method that learns single tasks (`"snow"`, `"fo"`, `"ft"`, ...) gives each
    task weights of its own. With `"ft_shared"` and `"lf"` the tasks share a
    body. In both cases the test images of every task learned so far are
    answered anew after each task, and the answers compared bit for bit with
    those of the moment when it was learned.

    The sequence can be killed at any moment: the same call goes on, does only
    what is missing and, on a CPU, ends with the same matrix.

    Args:
        sequence: The tasks in the order of learning, two at least, each with
            test images. Whoever asks says which task is meant; `TaskRouter` is
            for when nobody does.
        method: One of `sequence_methods()`.
        source: What the sequence starts from: a name, the path of a `.keras`
            file, or a model.
        out: The folder for everything, see `SequenceFolder`.
        options: Everything else.

    Returns:
        The record, see `keras_snow.lifelong.result`.

    Raises:
        ValueError: If an argument, a task or the folder is not what it should
            be, or a run diverged.
        OSError: If data can't be read or the folder can't be written.

    Examples:
        >>> images = np.zeros((20, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10, name="birds")
        >>> learn([task], "snow")
        Traceback (most recent call last):
        ...
        ValueError: A sequence takes two tasks at least; ...
    """
    options = options or LifelongOptions()
    single = method_of_one_task(method)
    tasks = check_sequence(sequence, method, options)
    folder = SequenceFolder(out, [task.name for task in tasks])
    choice = SourceChoice(
        source, options.weights, options.taps, options.input_scale
    )
    learner = learner_of(method)(
        single, choice, folder, options.settings_of(method)
    )
    identity = _identify(tasks, method, learner, options)
    with folder.claimed(identity):
        if folder.record.is_file():
            record: dict[str, Any] = read_json(folder.record)
            return record
        rows = LifelongRun(tasks, method, learner, options).run()
        command = options.training.command
        record = build_result(folder.names, rows, identity, command)
        write_report(record, folder.path)
        write_json(folder.record, record)
        return record


def _identify(
    tasks: Sequence[Task],
    method: str,
    learner: Learner,
    options: LifelongOptions,
) -> dict[str, Any]:
    identity = {
        "kind": KIND,
        "method": method,
        "sequence": [task.name for task in tasks],
        "tasks": [describe_task(task) for task in tasks],
        "source": learner.source.label,
        "source_fingerprint": learner.frozen.fingerprint,
        "backend": keras.backend.backend(),
        **options.identity(),
    }
    # As it will be read again: tuples are lists then.
    plain: dict[str, Any] = json.loads(json.dumps(identity))
    return plain
