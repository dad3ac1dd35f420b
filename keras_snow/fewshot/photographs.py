"""prototype_delta: a task from a handful of photographs, without training."""

import dataclasses

import numpy as np

from keras_snow.core.checks import check_choice
from keras_snow.data.task import Task
from keras_snow.deltas.prototype_delta import PrototypeDelta
from keras_snow.fewshot.feature_rule import FeatureRule
from keras_snow.fewshot.feature_rule import make_rule
from keras_snow.fewshot.pool import Pool
from keras_snow.fewshot.pool import pool_features
from keras_snow.fewshot.scoring import linear_form
from keras_snow.sources.source import Source

LINEAR = ("euclidean", "cosine", "mahalanobis")
SCALE = 10.0  # Of cosines, where a learned factor starts, too.


@dataclasses.dataclass(frozen=True)
class PrototypeReport:
    """What a delta was made of, and how well it tells its own images apart.

    Args:
        counts: Images of each class.
        left_out: Images that were answered by the prototypes of all others,
            of the classes that have two or more.
        right: How many of these were answered right.
    """

    counts: tuple[int, ...]
    left_out: int
    right: int


def prototype_delta(
    source: Source,
    task: Task,
    image_size: int = 224,
    base: Task | None = None,
    distance: str | None = None,
    show: bool = False,
) -> tuple[PrototypeDelta, PrototypeReport]:
    """Makes a delta of the prototypes of all images of a task.

    The source runs once over each image; nothing is trained.

    Args:
        source: The source.
        task: The task; the images of all its splits are learned from.
        image_size: Pixels of a side.
        base: Images of other classes, a dozen classes or more. With them all
            taps are read, standardised and weighed by what these classes say,
            without them the last tap alone, as it is.
        distance: `"euclidean"`, `"cosine"` or `"mahalanobis"`, as of
            `FewShotOptions`. The last with `base`, else the cosine, if None.
        show: Whether to show progress.

    Returns:
        The delta, for this source, and what it is made of.

    Raises:
        ValueError: If the distance is unknown, or needs base classes.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(8, 3, 2, name="maps")(image)
        >>> source = Source(keras.Model(image, maps))
        >>> images = np.random.randint(0, 256, (6, 16, 16, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 3, validation=0, test=0)
        >>> delta, report = prototype_delta(source, task, image_size=16)
        >>> delta.num_classes, report.counts, report.left_out
        (2, (3, 3), 6)
    """
    if distance is None:
        distance = "cosine" if base is None else "mahalanobis"
    check_choice("distance", distance, LINEAR)
    if base is None:
        source = source.select([source.taps[-1].name])
        if distance == "mahalanobis":
            raise ValueError(
                "This distance is measured on other classes. Name a folder of "
                "them as base, or choose the cosine. Received: "
                f"distance={distance!r}, base=None"
            )
    pool = pool_features(source, [task], image_size, show=show)
    known = pool
    if base is not None:
        known = pool_features(source, [base], image_size, show=show)
    rule = make_rule("last" if base is None else "all", known)
    if distance == "mahalanobis":
        rule = rule.whitened(known)
    return (
        _make_delta(source, pool, rule, distance != "euclidean"),
        _leave_one_out(pool, rule, distance != "euclidean"),
    )


def _make_delta(
    source: Source, pool: Pool, rule: FeatureRule, cosine: bool
) -> PrototypeDelta:
    features = rule(pool.features).astype("float64")
    weights, bias = linear_form(_means(features, pool.labels), cosine)
    # As if the images to come had features as long as those known.
    length = np.linalg.norm(features, axis=1).mean() or 1.0
    factor = SCALE / length if cosine else SCALE / length**2
    kernel, bias = rule.pull_back(
        factor * weights, factor * bias, pool.features.shape[1]
    )
    delta = PrototypeDelta(
        source.taps, len(pool.class_names), source.fingerprint
    )
    delta.assign(kernel.astype("float32"), bias.astype("float32"))
    return delta


def _leave_one_out(
    pool: Pool, rule: FeatureRule, cosine: bool
) -> PrototypeReport:
    features, labels = rule(pool.features).astype("float64"), pool.labels
    means, counts = _means(features, labels), np.bincount(labels)
    right = left_out = 0
    for image, label in zip(features, labels, strict=True):
        count = counts[label]
        if count < 2:
            continue
        others = means.copy()
        others[label] = (count * means[label] - image) / (count - 1)
        weights, bias = linear_form(others, cosine)
        left_out += 1
        right += int((weights @ image + bias).argmax() == label)
    return PrototypeReport(tuple(counts.tolist()), left_out, right)


def _means(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    classes = range(labels.max() + 1)
    return np.stack([features[labels == x].mean(axis=0) for x in classes])
