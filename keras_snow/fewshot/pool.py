"""Pool: the features of all images of a study, taken once."""

import dataclasses
import functools
import hashlib
import pathlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_snow.baselines.linear_probe import pool_taps
from keras_snow.core.files import PathLike
from keras_snow.core.files import replace_atomically
from keras_snow.core.progress import Progress
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.task import Task
from keras_snow.data.task_checks import check_one_class_each
from keras_snow.sources.source import Source
from keras_snow.sources.tap import Tap

PROTOTYPES = "A mean of images of a class"
BATCH = 32
PART = 32  # Batches of a file: what a kill may cost.

Batch = tuple[np.ndarray, np.ndarray]


@dataclasses.dataclass(frozen=True, eq=False)
class Pool:
    """Means of the maps of all taps, for every image of some classes.

    Args:
        class_names: The classes in the order of their numbers.
        taps: The taps, whose maps lie side by side.
        features: `(images, maps of all taps)`, float32.
        labels: Class numbers, `(images,)`.

    Examples:
        >>> taps = (Tap("early", 2, 1), Tap("late", 3, 2))
        >>> pool = Pool(("a", "b"), taps, np.ones((4, 5)), np.arange(4) % 2)
        >>> pool.only(["b"]).labels.tolist()
        [0, 0]
    """

    class_names: tuple[str, ...]
    taps: tuple[Tap, ...]
    features: np.ndarray
    labels: np.ndarray

    def only(self, classes: Sequence[str]) -> "Pool":
        """Returns what there is of some classes, numbered anew.

        Args:
            classes: Their names.
        """
        kept = [name for name in self.class_names if name in set(classes)]
        numbers = [kept.index(x) if x in kept else -1 for x in self.class_names]
        labels = np.array(numbers)[self.labels]
        mine = labels >= 0
        return Pool(tuple(kept), self.taps, self.features[mine], labels[mine])


def pool_features(
    source: Source,
    tasks: Sequence[Task],
    image_size: int,
    folder: PathLike | None = None,
    show: bool = False,
) -> Pool:
    """Runs the source once over each image of all splits of tasks.

    Args:
        source: The source; all its taps are read.
        tasks: Tasks without a class in common.
        image_size: Pixels of a side.
        folder: Where features are kept, part by part, so that the same call
            goes on after a kill and returns at once when all is done. Nowhere
            if None.
        show: Whether to show progress.

    Raises:
        OSError: If a file can't be read or written.
        ValueError: If an image is bad, or two tasks share a class.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(8, 3, 2, name="maps")(image)
        >>> task = Task.from_arrays(np.zeros((10, 16, 16, 3)), [0, 1] * 5)
        >>> source = Source(keras.Model(image, maps))
        >>> pool_features(source, [task], 16).features.shape
        (10, 8)
    """
    for task in tasks:
        check_one_class_each(task.multi_label, PROTOTYPES)
    names = [name for task in tasks for name in task.class_names]
    if len(set(names)) < len(names):
        raise ValueError(
            "Sets of classes have none in common. Received: class "
            f"{max(names, key=names.count)!r} twice"
        )
    if folder is not None:
        folder = pathlib.Path(folder, _digest(source, tasks, image_size))
    image = keras.Input(source.network.input_shape[1:])
    model = keras.Model(image, pool_taps(source, source(image)))
    readers = list(_readers(tasks, image_size))
    count = sum(len(part) for task in tasks for part in task.splits.values())
    parts = []
    with Progress(count, "image", "features", show=show) as progress:
        for start in range(0, len(readers), PART):
            path = folder and folder / f"{start // PART:05}.npz"
            mine = readers[start : start + PART]
            parts.append(_kept(path, functools.partial(_run, model, mine)))
            progress.update(len(parts[-1][0]))
    features, labels = map(np.concatenate, zip(*parts, strict=True))
    return Pool(tuple(names), tuple(source.taps), features, labels)


def _readers(
    tasks: Sequence[Task], image_size: int
) -> Iterator[tuple[Callable[[], Any], int]]:
    """Yields what reads each batch, with the number of its first class."""
    first = 0
    for task in tasks:
        for split in task.splits:
            batches = evaluation_batches(task, split, image_size, BATCH)
            for step in range(batches.steps):
                yield functools.partial(batches.reader, step), first
        first += task.num_classes


def _run(
    model: keras.Model, readers: Sequence[tuple[Callable[[], Any], int]]
) -> Batch:
    found = []
    for read, first in readers:
        images, labels = read()
        features = model.predict_on_batch(images.astype("float32"))
        found.append((np.asarray(features, "float32"), labels + first))
    features, labels = map(np.concatenate, zip(*found, strict=True))
    return features, labels


def _kept(path: pathlib.Path | None, make: Callable[[], Batch]) -> Batch:
    """Returns what a file holds; it is made before if need be."""
    if path is None:
        return make()
    if not path.is_file():
        features, labels = make()
        with replace_atomically(path) as temporary:
            np.savez(temporary, features=features, labels=labels)
    with path.open("rb") as file, np.load(file) as arrays:
        return arrays["features"], arrays["labels"]


def _digest(source: Source, tasks: Sequence[Task], image_size: int) -> str:
    made_of = [source.fingerprint, str(image_size)]
    made_of += [task.fingerprint for task in tasks]
    return hashlib.sha256(" ".join(made_of).encode()).hexdigest()[:16]
