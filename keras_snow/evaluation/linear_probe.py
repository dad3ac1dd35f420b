"""The linear probe: what a source's features are worth without a delta."""

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_snow.callbacks.split_scores import score_splits
from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_count
from keras_snow.core.measures import main_measure
from keras_snow.core.progress import watched
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.splitting import hold_out
from keras_snow.data.task import Task
from keras_snow.data.views import BATCH
from keras_snow.data.views import MOST_EXAMPLES
from keras_snow.data.views import USUAL
from keras_snow.data.views import Views
from keras_snow.data.views import count_views
from keras_snow.layers.map_statistics import steady_deviation
from keras_snow.metrics.ridge import PENALTIES
from keras_snow.metrics.ridge import fit_ridge
from keras_snow.models.taps import tap_statistics
from keras_snow.sources.image_size import check_not_emptied
from keras_snow.sources.source import Source

LEVELS = ["all", "last"]


def linear_probe(
    source: Source,
    task: Task,
    image_size: int = 224,
    levels: str = "all",
    views: int = USUAL,
    seed: int = 0,
    verbose: bool = False,
) -> dict[str, Any]:
    """Fits a linear classifier to the statistics of a source's maps.

    Mean and standard deviation of each map of each tap are taken for a few
    views of each training image and standardised. The classifier is a ridge
    regression in closed form; its penalty is the one that predicts left-out
    training images best. Validation and test split are only scored.

    Args:
        source: The source; the taps that it has are read.
        task: The task. Of more than 4096 training images as many are drawn.
        image_size: Pixels of a side.
        levels: `"all"` taps, or the `"last"` one.
        views: Views of each image, the crop of evaluation and `"near"` ones;
            fewer where they would be more than 4096 in all.
        seed: Seed of views and draws.
        verbose: Whether to show how far the source is.

    Returns:
        `top1`, `top5` (`map`, `f1` where images have several classes, here and
        below), `loss` and `count` on the test split, the chosen
        `penalty`, `left_out_top1` on training images, `validation_top1` if
        there are validation images, and the numbers of `features` and `views`.

    Raises:
        ValueError: If `levels` is unknown, the task has no test images, or the
            source takes no images of that size.

    Examples:
        >>> import keras
        >>> image = keras.Input((8, 8, 3))
        >>> maps = keras.layers.Conv2D(4, 3, 2, name="maps")(image)
        >>> images = np.random.randint(0, 255, (60, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1, 2] * 20)
        >>> probe = linear_probe(Source(keras.Model(image, maps)), task, 8)
        >>> probe["features"], probe["views"]
        (8, 3)
    """
    check_choice("levels", levels, LEVELS)
    check_count("views", views)
    if not len(task.splits.get("test", ())):
        raise ValueError(
            "The probe needs test images. "
            f"Received: splits={sorted(task.splits)}"
        )
    check_not_emptied(source.network, image_size, image_size)
    if levels == "last":
        source = source.select([source.taps[-1].name])
    if len(task.split("train")) > MOST_EXAMPLES:
        task = _some_of(task, seed)
    views = count_views(len(task.split("train")), views)
    shown = Views(task, image_size, views, seed=seed)
    steps = -(-len(shown) // BATCH)
    known = tap_statistics(
        source, _Watched(shown, steps, verbose), limit=len(shown)
    )
    standard = {name: _standardisation(known[name]) for name in known}
    features = _join(known, standard)
    ridge = fit_ridge(
        features.reshape(-1, views, features.shape[-1]),
        task.labels("train"),
        task.num_classes,
        PENALTIES,
    )
    logits = {
        split: ridge.logits(
            _join(
                split_statistics(source, task, split, image_size, verbose),
                standard,
            )
        )
        for split in ("validation", "test")
        if len(task.splits.get(split, ()))
    }
    found, _ = score_splits(logits, task)
    measure = main_measure(found["test"])
    validated = found.get("validation")
    return {
        **found["test"],
        "penalty": ridge.penalty,
        f"left_out_{measure}": ridge.accuracy,
        **({f"validation_{measure}": validated[measure]} if validated else {}),
        "features": features.shape[-1],
        "views": views,
    }


def _some_of(task: Task, seed: int) -> Task:
    """Returns the task with as many training images as can be fitted."""
    if not task.multi_label:
        return task.subset(MOST_EXAMPLES // task.num_classes, seed)
    train = task.split("train")
    share = MOST_EXAMPLES / len(train)
    _, drawn = hold_out(train, share, seed, "subset")
    return task.with_splits({**task.splits, "train": drawn})


def split_statistics(
    source: Source,
    task: Task,
    split: str,
    image_size: int = 224,
    verbose: bool = False,
) -> dict[str, np.ndarray]:
    """Returns the statistics of every map for each image of a split.

    Args:
        source: The source.
        task: The task.
        split: Its split.
        image_size: Pixels of a side.
        verbose: Whether to show how far the source is.

    Returns:
        Tap -> `(images, 2, channels)`, means and deviations, float32.
    """
    batches = evaluation_batches(task, split, image_size, BATCH)
    read = map(batches.reader, range(batches.steps))
    with batches.plain_errors():
        return tap_statistics(
            source,
            _Watched(read, batches.steps, verbose),
            limit=batches.num_examples,
        )


class _Watched:
    """Batches to be read once, and how far the reading is."""

    def __init__(self, batches: Iterable[Any], steps: int, show: bool) -> None:
        self._watched = watched(batches, steps, "batch", "features", show)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._watched)


def _standardisation(statistics: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return statistics.mean(axis=0), steady_deviation(statistics.std(axis=0))


def _join(statistics, standard):
    """Returns standardised features, `(images, features of all taps)`."""
    parts = []
    for name, (mean, deviation) in standard.items():
        scaled = (statistics[name] - mean) / deviation
        parts.append(scaled.reshape(len(scaled), -1))
    return np.concatenate(parts, axis=1)
