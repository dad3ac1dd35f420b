"""From a task to batches that a model can be fitted on."""

import dataclasses
import importlib.util
import os
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_snow.core.checks import check_count
from keras_snow.core.limits import check_batch
from keras_snow.data.augmentation import Augmentation
from keras_snow.data.augmentation import evaluation_side
from keras_snow.data.augmentation import get_augmentation
from keras_snow.data.batch_reader import EvaluationReader
from keras_snow.data.batch_reader import TrainingReader
from keras_snow.data.batches import Batches
from keras_snow.data.batches import timed
from keras_snow.data.cache import CacheChoice
from keras_snow.data.cache import cached_reader
from keras_snow.data.episode_reader import EpisodeReader
from keras_snow.data.episodes import EpisodeSampler
from keras_snow.data.exit_guard import end_with_process
from keras_snow.data.exit_guard import keep_with
from keras_snow.data.narrow import without_narrow
from keras_snow.data.task import Task

BatchFunction = Callable[[int], tuple[np.ndarray, np.ndarray]]

# A batch is made by one thread; more threads hold more batches in memory.
_WORKERS = min(16, os.cpu_count() or 1)


def training_batches(
    task: Task,
    image_size: int,
    batch_size: int,
    *,
    augmentation: str | Augmentation = "crop",
    seed: int = 0,
    first_epoch: int = 0,
    cache: CacheChoice = None,
) -> Batches:
    """Makes shuffled, augmented batches of the training images, without end.

    Order and augmentation are a pure function of the seed, the epoch and the
    example: starting at `first_epoch=e` gives bit for bit what an
    uninterrupted run sees in epoch `e`, on every backend and with any number
    of threads. An epoch's last, incomplete batch is dropped.

    Args:
        task: What to learn.
        image_size: Pixels of a side of what the network sees.
        batch_size: Images in a batch.
        augmentation: `"none"` (the evaluation crop), `"flip"` (the same,
            half of them mirrored), `"crop"` (random resized crops of at least
            half the image, and flips), `"strong"` (of at least a fifth,
            flips and mild changes of colour), `"varied"` (turned and shifted,
            some mirrored, sharpened or grey) or `"views"` (two views of each
            image, `(batch, 2, size, size, 3)`, as of BYOL).
        seed: What order and augmentation depend on.
        first_epoch: The epoch to begin with.
        cache: `None` decodes in every epoch; `"memory"` keeps decoded images
            (uint8) as long as the task lives; a folder keeps them on disk,
            for later runs too. Large images are shrunk to a shorter side of
            1.41 (`"crop"`), 2.24 (`"strong"`) or 1.14 (else) times
            `image_size`, cached or not, and one with sides in a ratio of 4:3
            then takes 0.4, 1.0 or 0.26 MB at 224 px. Shuffling moves numbers,
            never images.

    Returns:
        `Batches`; fit with `model.fit(batches.data,
        steps_per_epoch=batches.steps, shuffle=False)`.

    Raises:
        OSError: If the cache folder can't be made.
        TypeError: If a size is no whole number.
        ValueError: If there are fewer images than a batch takes, or an
            argument is out of range.

    Examples:
        >>> images = np.zeros((20, 32, 32, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10)
        >>> training_batches(task, 32, batch_size=4).steps
        3
    """
    split = task.split("train")
    augmentation = get_augmentation(augmentation)
    image_size = check_count("image_size", image_size)
    batch_size = check_count("batch_size", batch_size)
    check_batch(batch_size, image_size)
    if len(split) < batch_size:
        raise ValueError(
            "There are fewer training images than one batch takes. Lower "
            f"`batch_size` or add images. Received: {len(split)} images, "
            f"batch_size={batch_size}"
        )
    read = cached_reader(split, augmentation.shorter_side(image_size), cache)
    if augmentation.takes_evaluation_crop:
        read = without_narrow(read, split.name, evaluation_side(image_size))
    reader = TrainingReader(
        read,
        split.labels,
        image_size,
        batch_size,
        augmentation,
        check_count("seed", seed, minimum=0),
        check_count("first_epoch", first_epoch, minimum=0),
    )
    return _batches(reader, reader.steps * batch_size, endless=True)


def shared_batches(batches: Batches, index: int, count: int) -> Batches:
    """Returns the part of each training batch that one of several hosts reads.

    Args:
        batches: Of `training_batches`.
        index: The number of the host, from 0.
        count: How many there are.

    Raises:
        ValueError: If a batch can't be shared evenly.

    Examples:
        >>> task = Task.from_arrays(np.zeros((20, 8, 8, 3), "uint8"),
        ...                         [0, 1] * 10)
        >>> whole = training_batches(task, 8, batch_size=4)
        >>> half = shared_batches(whole, 1, 2)
        >>> bool((half.reader(0)[1] == whole.reader(0)[1][2:]).all())
        True
    """
    if count == 1:
        return batches
    reader: Any = batches.reader
    shared = reader.share(index, count)
    return _batches(shared, batches.num_examples, endless=True)


def evaluation_batches(
    task: Task,
    split: str,
    image_size: int,
    batch_size: int,
    *,
    cache: CacheChoice = None,
) -> Batches:
    """Makes batches of a split, each image once and in order.

    The shorter side is resized to 256/224 of `image_size` and the centre is
    cropped. The last batch may be smaller.

    Args:
        task: What was learned.
        split: `"train"`, `"validation"` or `"test"`.
        image_size: Pixels of a side of what the network sees.
        batch_size: Images in a batch.
        cache: As in `training_batches`.

    Returns:
        `Batches`; evaluate with `model.evaluate(batches.data)`.

    Raises:
        OSError: If the cache folder can't be made.
        TypeError: If a size is no whole number.
        ValueError: If the task has no such split, or a size is out of range.

    Examples:
        >>> images = np.zeros((20, 32, 32, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10)
        >>> evaluation_batches(task, "test", 32, batch_size=3).steps
        2
    """
    part = task.split(split)
    image_size = check_count("image_size", image_size)
    batch_size = check_count("batch_size", batch_size)
    check_batch(batch_size, image_size)
    side = evaluation_side(image_size)
    reader = EvaluationReader(
        without_narrow(cached_reader(part, side, cache), part.name, side),
        part.labels,
        image_size,
        batch_size,
    )
    return _batches(reader, len(part), endless=False)


def episode_batches(
    batches: Batches, sampler: EpisodeSampler, episodes: int
) -> Batches:
    """Makes batches that are episodes: support first, then queries.

    As `training_batches`: each is a pure function of the seed and its number.

    Args:
        batches: Of `training_batches`, of the same examples.
        sampler: Draws the episodes.
        episodes: How many are an epoch.

    Returns:
        `Batches`; the labels are the places of the queries' classes in the
        episode, `(ways * queries,)`.

    Examples:
        >>> from keras_snow.data.episodes import EpisodeShape
        >>> images = np.zeros((20, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10, test=0)
        >>> shape = EpisodeShape(ways=2, shots=1, queries=3)
        >>> sampler = EpisodeSampler(task.labels("train"), shape)
        >>> batches = training_batches(task, 8, batch_size=8)
        >>> images, labels = episode_batches(batches, sampler, 5).reader(0)
        >>> images.shape, labels.tolist()
        ((8, 8, 8, 3), [0, 0, 0, 1, 1, 1])
    """
    single: Any = batches.reader
    reader = EpisodeReader(single, sampler, check_count("episodes", episodes))
    return _batches(reader, reader.steps * reader.batch_size, endless=True)


def relabelled(batches: Batches, tables: Mapping[str, np.ndarray]) -> Batches:
    """Returns batches whose labels are rows of tables, by the class number.

    Args:
        batches: Batches of images and class numbers.
        tables: Name -> an array with a row for each class.

    Returns:
        Batches of images and, by name, rows.

    Examples:
        >>> images = np.zeros((20, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10)
        >>> batches = training_batches(task, 8, batch_size=4)
        >>> halves = relabelled(batches, {"half": np.array([[1.0], [0.0]])})
        >>> _, rows = next(iter(halves.data))
        >>> tuple(rows["half"].shape)
        (4, 1)
    """
    if _uses_tensorflow():
        import tensorflow as tf

        def look_up(images: Any, labels: Any) -> Any:
            rows = {name: tf.gather(x, labels) for name, x in tables.items()}
            return images, rows

        return dataclasses.replace(batches, data=batches.data.map(look_up))
    from keras_snow.data.image_sequence import ImageSequence

    def read(step: int) -> Any:
        images, labels = batches.data.reader(step)
        return images, {name: x[labels] for name, x in tables.items()}

    data = ImageSequence(read, batches.data.steps, workers=_WORKERS)
    return dataclasses.replace(batches, data=data)


def _batches(
    reader: TrainingReader | EvaluationReader | EpisodeReader,
    num_examples: int,
    endless: bool,
) -> Batches:
    failures: list[BaseException] = []
    ready: dict[int, float] = {}

    def read(step: int) -> tuple[np.ndarray, np.ndarray]:
        try:
            return reader(step)
        except Exception as error:
            failures.append(error)
            raise

    # Nobody waits for the batches of an evaluation to be told about.
    read_batch = timed(read, ready) if endless else read
    steps = None if endless else reader.steps
    if _uses_tensorflow():
        data = _tensorflow_dataset(read_batch, steps, reader.shapes)
    else:
        from keras_snow.data.image_sequence import ImageSequence

        data = ImageSequence(read_batch, steps, workers=_WORKERS)
    return Batches(
        data,
        reader.steps,
        num_examples,
        reader.batch_size,
        reader.image_size,
        reader,
        failures,
        ready,
    )


def _uses_tensorflow() -> bool:
    import keras

    installed = importlib.util.find_spec("tensorflow") is not None
    return installed and keras.backend.backend() == "tensorflow"


def _tensorflow_dataset(
    read: BatchFunction, steps: int | None, shapes: tuple[Any, Any]
) -> Any:
    """A dataset of batch numbers, read in parallel and in order.

    Only numbers are shuffled and handed around. One function serves all
    backends, so that they see the same pixels; Pillow lets other threads run
    while it decodes and resizes.
    """
    import tensorflow as tf

    called = end_with_process(read)

    def load(step: Any) -> Any:
        images, labels = tf.numpy_function(
            called, [step], (tf.uint8, tf.int32), stateful=False
        )
        images.set_shape(shapes[0])
        labels.set_shape(shapes[1])
        return images, labels

    def to_float(images: Any, labels: Any) -> Any:
        return tf.cast(images, tf.float32), labels

    numbers = (
        tf.data.Dataset.counter()
        if steps is None
        else tf.data.Dataset.range(steps)
    )
    loaded = numbers.map(load, num_parallel_calls=_WORKERS, deterministic=True)
    # Bytes wait in the queue, floats would take four times the memory.
    return keep_with(loaded.map(to_float).prefetch(1), read)
