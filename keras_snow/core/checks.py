"""Checks of what a user hands in, made before anything is trained."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from keras_snow.core.limits import check_most
from keras_snow.core.registry import nearest_names

SIGMA = 0.001**0.5  # Section 3.1 gives sigma**2 = 0.001.
BINDINGS = ["rows", "slots", "rank", "fixed"]


def check_count(name: str, value: Any, minimum: int = 1) -> int:
    """Returns `value` if it is a whole number, neither too small nor too large.

    Args:
        name: The argument's name, for the message.
        value: What was given.
        minimum: The least that is allowed.

    Raises:
        TypeError: If `value` is not a whole number.
        ValueError: If it is too small, or more than `limits.MOST` allows.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(
            f"`{name}` must be a whole number. Received: {name}={value!r}"
        )
    if value < minimum:
        raise ValueError(
            f"`{name}` must be at least {minimum}. Received: {name}={value}"
        )
    check_most(name, int(value))
    return int(value)


def check_flag(name: str, value: Any) -> bool:
    """Returns `value` if it is True or False.

    Examples:
        >>> check_flag("normalise", True)
        True
    """
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(
            f"`{name}` must be True or False. Received: {name}={value!r}"
        )
    return bool(value)


def check_choice(name: str, value: Any, known: Iterable[str]) -> Any:
    """Returns `value` if it is one of the known names.

    Examples:
        >>> check_choice("mode", "tf", ["caffe", "tf"])
        'tf'
    """
    names = list(known)
    if value not in names:
        raise ValueError(
            f"Unknown {name}. {nearest_names(value, names)} "
            f"Received: {name}={value!r}"
        )
    return value


def check_not_negative(name: str, value: Any) -> float:
    """Returns `value` if it is a finite number of at least 0."""
    numbers = (int, float, np.integer, np.floating)
    if isinstance(value, bool) or not isinstance(value, numbers):
        raise TypeError(
            f"`{name}` must be a number. Received: {name}={value!r}"
        )
    if not math.isfinite(value) or value < 0:
        raise ValueError(
            f"`{name}` must be finite and not negative. "
            f"Received: {name}={value}"
        )
    return float(value)


def check_sigma(sigma: Any) -> float | str:
    """Returns `sigma` if it can be the deviation of channel pooling's noise."""
    if not isinstance(sigma, str):
        return check_not_negative("sigma", sigma)
    if sigma != "auto":
        raise ValueError(
            "`sigma` is a number, or `auto`, which finds one. "
            f"Received: sigma={sigma!r}"
        )
    return sigma


def check_share(name: str, value: Any) -> float:
    """Returns `value` if it is at least 0 and below 1."""
    if check_not_negative(name, value) >= 1.0:
        raise ValueError(
            f"`{name}` must be at least 0 and below 1. Received: {name}={value}"
        )
    return float(value)


def check_k(k: Any) -> int | float:
    """Returns `k` if it can say how many maps of a tap are kept.

    Args:
        k: A number of maps (int, at least 1) or the fraction of them (float,
            above 0 and at most 1).
    """
    if isinstance(k, (float, np.floating)):
        if not 0.0 < k <= 1.0:
            raise ValueError(
                "A fractional `k` is the share of a tap's maps that is kept, "
                f"above 0 and at most 1. Received: k={k}"
            )
        return float(k)
    return check_count("k", k)


def check_labels(labels: Any, num_classes: int) -> np.ndarray:
    """Returns `labels` as class numbers if that is what they are.

    A label out of range is an error on one backend, NaN on another and a finite
    wrong loss on a third, so it is looked for before the first step.

    Args:
        labels: Class numbers, `(examples,)` or `(examples, 1)`.
        num_classes: Labels must lie in `[0, num_classes)`.

    Returns:
        int32 labels of shape `(examples,)`.
    """
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise ValueError(
            f"Labels must be class numbers of shape (examples,). "
            f"{_way_to_numbers(labels)}Received: labels.shape={labels.shape}"
        )
    if labels.dtype.kind not in "iufb":
        raise ValueError(
            "Labels must be class numbers. "
            f"Received: labels.dtype={labels.dtype}"
        )
    wrong = ~np.isfinite(labels) | (labels != np.floor(labels))
    if wrong.any():
        raise ValueError(
            "Labels must be whole numbers. "
            f"Received: label={labels[wrong][0]} at position "
            f"{int(np.argmax(wrong))}"
        )
    wrong = (labels < 0) | (labels >= num_classes)
    if wrong.any():
        raise ValueError(
            f"Labels must lie between 0 and {num_classes - 1} for "
            f"{num_classes} classes. Received: label={int(labels[wrong][0])} "
            f"at position {int(np.argmax(wrong))}"
        )
    whole: np.ndarray = labels.astype("int32")
    return whole


def check_class_rows(rows: Any, num_classes: int) -> np.ndarray:
    """Returns rows of zeros and ones if that is what they are.

    Args:
        rows: `(examples, classes)`, 1 for each class that an image has.
        num_classes: How many classes there are.

    Returns:
        int32 rows.

    Raises:
        ValueError: If their shape is another, or a value is neither 0 nor 1.

    Examples:
        >>> check_class_rows([[True, False], [True, True]], 2).tolist()
        [[1, 0], [1, 1]]
    """
    rows = np.asarray(rows)
    if rows.ndim != 2 or rows.shape[1] != num_classes:
        raise ValueError(
            "Labels of images with several classes must be rows of zeros and "
            f"ones, (examples, {num_classes}). "
            f"Received: labels.shape={rows.shape}"
        )
    wrong = ~np.isin(rows, (0, 1))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            "Labels of images with several classes must be 0 or 1. "
            f"Received: label={rows[row, column]} in row {row}, column {column}"
        )
    whole: np.ndarray = rows.astype("int32")
    return whole


def _way_to_numbers(labels: np.ndarray) -> str:
    """Says how rows of numbers become class numbers; of several classes not."""
    if labels.ndim != 2 or labels.dtype.kind not in "iufb" or not len(labels):
        return ""
    sums = labels.sum(-1, dtype="float64")
    if labels.min() >= 0 and np.allclose(sums, 1.0, atol=1e-3):
        return "These are one-hot rows; `labels.argmax(-1)` makes them so. "
    wrong = int(np.argmax(~np.isclose(sums, 1.0, atol=1e-3)))
    return (
        f"These rows are not one-hot: row {wrong} names several classes, or "
        "none, and here each image has one. Say `multi_label=True` of the "
        "task, or make a task of each column (`labels[:, 0]`). "
    )


def check_pixels(images: Any) -> None:
    """Looks whether a batch holds RGB images with values from 0 to 255.

    Args:
        images: `(batch, height, width, 3)`.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] != 3:
        raise ValueError(
            "Images must have the shape (batch, height, width, 3). "
            f"Received: images.shape={images.shape}"
        )
    if images.dtype in ("uint8", "bool") or not images.size:
        return
    low, high = float(images.min()), float(images.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(
            "Images hold values that are not finite. Remove or mend them. "
            f"Received: min={low}, max={high}"
        )
    # A black image is fine; a whole batch within 0-1 (or -1 to 1) is scaled.
    if high <= 1.0 and images.std() > 0:
        raise ValueError(
            "Images must be raw RGB with values from 0 to 255; the source "
            "does its own preprocessing. Multiply images that are scaled to "
            f"0-1 by 255. Received: min={low:.3g}, max={high:.3g}"
        )
    if low < -1.0 or high > 256.0:
        raise ValueError(
            "Images must be raw RGB with values from 0 to 255. "
            f"Received: min={low:.3g}, max={high:.3g}"
        )
