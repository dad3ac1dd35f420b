"""How well images with several classes are answered: mAP, F1, thresholds."""

import numpy as np


def mean_average_precision(scores: np.ndarray, rows: np.ndarray) -> float:
    """Returns the mean over classes of the average precision.

    Of a class it is the mean of the precision at each of its images, ranked by
    score; images of one score count together. Classes without an image do not
    count.

    Args:
        scores: `(images, classes)`; the larger, the likelier.
        rows: 1 for each class of an image, 0 else.

    Examples:
        >>> scores = np.array([[0.9], [0.8], [0.7], [0.1]])
        >>> rows = np.array([[1], [0], [1], [0]])
        >>> round(mean_average_precision(scores, rows), 4)
        0.8333
    """
    found = [
        _average_precision(column, truth)
        for column, truth in zip(scores.T, rows.T, strict=True)
        if truth.any()
    ]
    return float(np.mean(found)) if found else 0.0


def macro_f1(answers: np.ndarray, rows: np.ndarray) -> float:
    """Returns the mean of F1 over the classes that have an image.

    Args:
        answers: Whether each class is answered for each image.
        rows: 1 for each class of an image, 0 else.

    Examples:
        >>> macro_f1(np.array([[1], [1], [0]]), np.array([[1], [0], [0]]))
        0.6666666666666666
    """
    answers, rows = np.asarray(answers, bool), np.asarray(rows, bool)
    known = rows.any(axis=0)
    right = (answers & rows).sum(axis=0)[known]
    both = answers.sum(axis=0)[known] + rows.sum(axis=0)[known]
    return float(np.mean(2 * right / both)) if known.any() else 0.0


def best_thresholds(scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Returns the score from which each class is answered, by the best F1.

    It lies half-way between two images. Of a class without an image it is 0.5.

    Args:
        scores: `(images, classes)`, from 0 to 1.
        rows: 1 for each class of an image, 0 else.

    Examples:
        >>> scores = np.array([[0.9], [0.8], [0.2]])
        >>> best_thresholds(scores, np.array([[1], [1], [0]])).tolist()
        [0.5]
    """
    return np.array(
        [
            _threshold(column, truth) if truth.any() else 0.5
            for column, truth in zip(scores.T, rows.T, strict=True)
        ]
    )


def _average_precision(scores: np.ndarray, truth: np.ndarray) -> float:
    scores = np.nan_to_num(scores, nan=-np.inf)
    last, right = _ranked(scores, truth)
    gains = np.diff(right, prepend=0) / right[-1]
    return float(np.sum(gains * right / (last + 1)))


def _threshold(scores: np.ndarray, truth: np.ndarray) -> float:
    last, right = _ranked(scores, truth)
    ordered = np.sort(scores)[::-1]
    chosen = last[np.argmax(2 * right / (last + 1 + truth.sum()))]
    below = ordered[chosen + 1] if chosen + 1 < len(ordered) else 0.0
    return float((ordered[chosen] + below) / 2)


def _ranked(
    scores: np.ndarray, truth: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The last place of each score, and how many are right down to it."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(scores[order][1:] != scores[order][:-1])
    last = np.append(ends, len(scores) - 1)
    return last, np.cumsum(truth[order])[last]
