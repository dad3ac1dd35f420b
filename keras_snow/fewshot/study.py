"""few_shot: prototypes of a few images, scored over episodes.

The record is one JSON object:

| key | holds |
|---|---|
| `format` | version of this schema: 1 |
| `command`, `versions` | as in the record of a run |
| `settings` | tasks, source and options: what makes the study |
| `class_splits` | for each, names of `base` and `scored` classes |
| `rows` | see below |
| `seconds` | `features`: of running the source, 0 if they were kept; `scores` |

A row is one score: `features`, `distance`, `ways`, `shots`; `accuracies`, one a
class split; `accuracy`, their mean; `interval`, Student's 95 % interval of it,
over class splits, or over episodes if there is one split alone; `gain`, how
much it is above the first features on the same episodes; `gain_interval`.
"""

import dataclasses
import pathlib
import sys
import time
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.core.claim import claimed_folder
from keras_snow.core.files import PathLike
from keras_snow.core.files import write_json
from keras_snow.core.files import write_text
from keras_snow.core.output_folder import check_output
from keras_snow.core.progress import watched
from keras_snow.data.episodes import EpisodeSampler
from keras_snow.data.task import Task
from keras_snow.data.task_checks import check_one_class_each
from keras_snow.deltas.delta import Delta
from keras_snow.fewshot.class_split import ClassSplit
from keras_snow.fewshot.class_split import find_class_splits
from keras_snow.fewshot.options import FewShotOptions
from keras_snow.fewshot.pool import PROTOTYPES
from keras_snow.fewshot.pool import pool_features
from keras_snow.fewshot.rows import format_study
from keras_snow.fewshot.rows import make_rows
from keras_snow.fewshot.split_scores import Key
from keras_snow.fewshot.split_scores import score_split
from keras_snow.sources.source import Source
from keras_snow.training.fingerprint import describe_task
from keras_snow.training.record import versions

FORMAT = 1
RECORD = "fewshot.json"
TABLE = "fewshot.md"
FEATURES = "features"

Record = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Learned:
    """A SNOW run that tells which maps are worth reading.

    Args:
        class_names: What it has learned.
        delta: Its delta.
    """

    class_names: tuple[str, ...]
    delta: Delta


def few_shot(
    data: Task | Mapping[str, Task],
    source: Source,
    out: PathLike,
    options: FewShotOptions | None = None,
    learned: Sequence[Learned] = (),
) -> Record:
    """Scores prototypes over episodes, and writes a record and a table.

    The source runs once over each image; what it gave is kept in `out`, so that
    the same call goes on after a kill.

    Args:
        data: A task, whose classes are drawn into base and novel ones; or what
            `read_class_sets` returned, which says what they are.
        source: The source.
        out: A folder.
        options: The defaults if None.
        learned: Runs, each of which makes a class split: what it has learned is
            base, and the rest novel.

    Returns:
        The record, see `keras_snow.fewshot.study`.

    Raises:
        OSError: If a file can't be read or written.
        ValueError: If there are too few classes or images, the folder holds
            another study, or a run is missing for `"chosen"`.
    """
    options = options or FewShotOptions()
    tasks = [data] if isinstance(data, Task) else list(data.values())
    for task in tasks:
        check_one_class_each(task.multi_label, PROTOTYPES)
    seeds = range(options.seed, options.seed + options.class_splits)
    known = [each.class_names for each in learned]
    splits = find_class_splits(data, options.on, seeds, known)
    settings = {
        "tasks": [describe_task(task) for task in tasks],
        "source": source.fingerprint,
        "options": options.identity(),
    }
    folder = pathlib.Path(out)
    check_study(folder, {"settings": settings})
    _check_sizes(tasks, splits, options)
    with claimed_folder(folder, "scoring"):
        found, seconds = _score(source, tasks, folder, splits, learned, options)
        record = {
            "format": FORMAT,
            "command": " ".join(sys.argv),
            "versions": versions(),
            "settings": settings,
            "class_splits": [
                {"base": list(x.base), "scored": list(x.scored)} for x in splits
            ],
            "rows": make_rows(found, options),
            "seconds": seconds,
        }
        write_json(folder / RECORD, record)
        write_text(folder / TABLE, format_study(record) + "\n")
    return record


def check_study(out: PathLike, asked: Mapping[str, Any] | None = None) -> None:
    """Looks whether a folder is free, or holds the study that is asked for.

    Args:
        out: The folder.
        asked: What is known of the record.

    Raises:
        ValueError: If it holds something else.
    """
    check_output(out, RECORD, "study", asked, own=(FEATURES,))


def _score(
    source: Source,
    tasks: Sequence[Task],
    folder: pathlib.Path,
    splits: Sequence[ClassSplit],
    learned: Sequence[Learned],
    options: FewShotOptions,
) -> tuple[list[dict[Key, np.ndarray]], dict[str, float]]:
    """Returns the scores of each class split, and the seconds it took."""
    began, show = time.perf_counter(), options.verbose
    pool = pool_features(
        source, tasks, options.image_size, folder / FEATURES, show
    )
    middle = time.perf_counter()
    none: list[Delta | None] = [None] * len(splits)
    pairs = zip(splits, [x.delta for x in learned] or none, strict=True)
    found = [
        score_split(pool, split, options, delta)
        for split, delta in watched(
            pairs, len(splits), "class split", "scores", show
        )
    ]
    end = time.perf_counter()
    return found, {"features": middle - began, "scores": end - middle}


def _check_sizes(
    tasks: Sequence[Task], splits: Sequence[ClassSplit], options: FewShotOptions
) -> None:
    """Refuses what can't be scored before the source runs."""
    names = np.array([name for task in tasks for name in task.class_names])
    counts = np.concatenate(
        [
            sum(x.counts(task.num_classes) for x in task.splits.values())
            for task in tasks
        ]
    )
    labels = np.repeat(np.arange(len(names)), counts)
    for split in splits:
        scored = labels[np.isin(names[labels], split.scored)]
        shape = options.largest_shape(max(options.ways))
        EpisodeSampler(scored, shape, options.seed, names.tolist())
