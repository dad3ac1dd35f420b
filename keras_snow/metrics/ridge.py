"""Ridge regression onto classes, judged by leaving each image out."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_snow.metrics.several_classes import mean_average_precision

# Of features of squared norm 1; what is best lies within on every set tried.
PENALTIES = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
MOST_ROWS = 16_384
"""Views of images that a regression is fitted to: 2 GB of their products."""
# What scores are multiplied with to become logits.
SCALES = (2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)


@dataclasses.dataclass(frozen=True)
class Ridge:
    """A linear classifier, and how good it is on images that it left out.

    Args:
        kernel: `(features, classes)`, of the features as they were given.
        bias: `(classes,)`.
        penalty: The L2 penalty that was chosen.
        accuracy: Top-1 accuracy of the first view of each image, by a
            classifier that has seen no view of it.
        loss: Its cross-entropy, likewise.
    """

    kernel: np.ndarray
    bias: np.ndarray
    penalty: float
    accuracy: float
    loss: float

    def logits(self, features: np.ndarray) -> np.ndarray:
        """Returns the logits of some examples.

        Args:
            features: `(examples, features)`.
        """
        logits: np.ndarray = features @ self.kernel + self.bias
        return logits


def fit_ridge(
    features: np.ndarray,
    labels: np.ndarray,
    num_classes: int,
    penalties: Sequence[float] = PENALTIES,
) -> Ridge:
    """Fits a linear classifier to one-hot labels by least squares.

    Images with several classes are rows of zeros and ones; a logit of 0 then
    stands half-way, and `accuracy` is the mean average precision.

    Penalty and scale of the logits are those with the lowest cross-entropy when
    all views of an image are left out at once, which needs no second fit: the
    residuals of an image follow from those of the fit and from its own block of
    the hat matrix. Takes time cubic in the number of examples.

    Args:
        features: `(images, views, features)`, standardised.
        labels: Class numbers, `(images,)`; or rows, `(images, classes)`.
        num_classes: Number of classes.
        penalties: L2 penalties to choose from, of features that are scaled to
            a mean squared norm of 1.

    Returns:
        The classifier.

    Raises:
        ValueError: If there are more rows than `MOST_ROWS`.

    Examples:
        >>> draw = np.random.default_rng(0)
        >>> labels = np.arange(60) % 3
        >>> features = np.eye(3)[labels] + 0.1 * draw.normal(size=(60, 3))
        >>> fit_ridge(features[:, None], labels, 3).accuracy
        1.0
    """
    count, views = features.shape[:2]
    check_rows(count * views)
    flat = features.reshape(count * views, -1)
    mean = flat.mean(axis=0)
    centred = flat - mean
    # Not as a square of the whole, which would take its memory again.
    norm = float(np.sqrt(np.einsum("ij,ij->", centred, centred) / len(flat)))
    centred /= max(norm, 1e-12)
    several = labels.ndim == 2
    rows = labels if several else np.eye(num_classes)[labels]
    targets = rows.astype("float64").repeat(views, axis=0)
    middle = 0.5 if several else 0.0
    prior = targets.mean(axis=0)
    values, vectors = np.linalg.eigh((centred @ centred.T).astype("float64"))
    values = np.maximum(values, 0.0)
    turned = vectors.T @ (targets - prior)
    best: tuple[float, float, float, float] | None = None
    for penalty in penalties:
        left_out = prior + _left_out(
            values, vectors, turned, targets - prior, penalty, views
        )
        accuracy = _accuracy(left_out, labels)
        for scale in SCALES:
            loss = _cross_entropy(scale * (left_out - middle), labels)
            if best is None or loss < best[0]:
                best = (loss, penalty, scale, accuracy)
    loss, penalty, scale, accuracy = best or (np.inf, penalties[0], 1.0, 0.0)
    dual = vectors @ (turned / (values + penalty)[:, None])
    kernel = centred.T @ dual.astype(centred.dtype) * (scale / norm)
    return Ridge(
        kernel.astype("float32"),
        (scale * (prior - middle) - mean @ kernel).astype("float32"),
        penalty,
        accuracy,
        loss,
    )


def check_rows(count: int) -> None:
    """Looks whether there is room for the products of all pairs of rows.

    Args:
        count: Views of images, in all.

    Raises:
        ValueError: If there is not.
    """
    if count > MOST_ROWS:
        raise ValueError(
            f"A regression in closed form is fitted to {MOST_ROWS} images or "
            "views at most. Hand over fewer, or train the head. "
            f"Received: {count} images"
        )


def _left_out(
    values: np.ndarray,
    vectors: np.ndarray,
    turned: np.ndarray,
    targets: np.ndarray,
    penalty: float,
    views: int,
) -> np.ndarray:
    """Returns the scores of each image's first view without its own views."""
    shrunk = values / (values + penalty)
    blocks = vectors.reshape(-1, views, len(values))
    hat = np.einsum("ivr,iwr->ivw", blocks * shrunk, blocks, optimize=True)
    hat += 1.0 / len(values)  # The bias is fitted without the image, too.
    residuals = targets - vectors @ (turned * shrunk[:, None])
    residuals = residuals.reshape(len(blocks), views, -1)
    outside = np.linalg.solve(np.eye(views) - hat, residuals)
    found: np.ndarray = targets.reshape(residuals.shape)[:, 0] - outside[:, 0]
    return found


def _accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    if labels.ndim == 2:
        return mean_average_precision(scores, labels)
    return float((scores.argmax(axis=1) == labels).mean())


def _cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    if labels.ndim == 2:
        losses = np.logaddexp(0, logits) - labels * logits
        return float(losses.sum(axis=1).mean())
    shifted = logits - logits.max(axis=1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=1))
    own = np.take_along_axis(shifted, labels[:, None], axis=1)[:, 0]
    return float(np.mean(total - own))
