"""A head that is solved in closed form instead of trained."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_snow.deltas.delta import Delta
from keras_snow.layers.channel_pooling import ChannelPooling
from keras_snow.layers.subscribed_dense import SubscribedDense
from keras_snow.metrics.ridge import Ridge
from keras_snow.metrics.ridge import fit_ridge

# How far importances lie apart where a head leaves maps out.
SPREAD = 0.2


def can_solve_head(delta: Any) -> bool:
    """Tells whether a delta's head is linear in statistics of maps.

    Args:
        delta: The delta. Its head must choose maps for itself, by kernel rows.
    """
    heads = delta.standardised if isinstance(delta, Delta) else []
    return bool(heads) and all(
        isinstance(head.subscription, ChannelPooling)
        and head.subscription.for_head
        and head.subscription.binding == "rows"
        and not head.subscription.normalise
        and len(head.mean.shape) == 2
        for head in heads
    )


def hold_head(delta: Delta) -> None:
    """Keeps training off a head: its kernels, its choice, its features.

    Args:
        delta: A delta that `can_solve_head`.
    """
    for head in delta.standardised:
        head.kernel.trainable = False
        head.dropout = 0.0
        head.subscription.importance.trainable = False
        head.subscription.sigma = 0.0


def check_solvable(delta: Any) -> None:
    """Looks whether a delta's head can be solved.

    Args:
        delta: The delta.

    Raises:
        ValueError: If it can't.
    """
    if not can_solve_head(delta):
        raise ValueError(
            "A head is solved that reads every tap by a choice of its own: "
            '`head="levels"`, `binding="rows"` and a `head_k`. Received: '
            f"settings={getattr(delta, 'settings', None)}"
        )


def solve_head(
    delta: Delta,
    statistics: Mapping[str, np.ndarray],
    labels: np.ndarray | None,
    views: int = 1,
) -> Ridge:
    """Sets a head to the ridge regression of its own features, and holds it.

    A new delta's blocks add nothing to its logits yet, so that they are those
    of the regression. Where the head leaves maps out, those that vary most
    within their tap are kept (docs/concepts/choice.md).

    Args:
        delta: A delta that `can_solve_head`, its features adapted.
        statistics: Tap -> `map_statistics` of the training images, the views of
            an image one after the other, `(images * views, 2, channels)`.
        labels: Class numbers, `(images * views,)`.
        views: Views of an image.

    Returns:
        The regression.

    Raises:
        ValueError: If there are no labels.
    """
    if labels is None:
        raise ValueError(
            "A head is solved for labels. Hand over images with their class "
            "numbers. Received: labels=None"
        )
    hold_head(delta)
    features = []
    for head in delta.standardised:
        measured = statistics[head.name.removesuffix("_head")]
        scaled = _standardised(head, measured)
        if head.subscription.leaves_out:
            _prefer(head)
            scaled = scaled[..., head.subscription.selected_channels()]
        features.append(scaled.reshape(-1, views, scaled[0].size))
    ridge = fit_ridge(
        np.concatenate(features, axis=-1), labels[::views], delta.num_classes
    )
    widths = np.cumsum([part.shape[-1] for part in features])[:-1]
    parts = np.split(ridge.kernel, widths)
    for head, kernel in zip(delta.standardised, parts, strict=True):
        _set_kernel(head, kernel)
    delta.get_layer("delta_logits").bias.assign(ridge.bias)
    return ridge


def _standardised(head: SubscribedDense, measured: np.ndarray) -> np.ndarray:
    mean = ops.convert_to_numpy(head.mean)
    deviation = ops.convert_to_numpy(head.deviation)
    scaled: np.ndarray = (measured - mean) * (head.gain / deviation)
    return scaled


def _prefer(head: SubscribedDense) -> None:
    """Puts importances around 1 in the order of how much maps vary."""
    pooling = head.subscription
    varies = ops.convert_to_numpy(head.deviation).mean(axis=0)
    ranks = varies.argsort().argsort() / len(varies)
    pooling.importance.assign(1.0 + SPREAD * (ranks - 0.5))


def _set_kernel(head: SubscribedDense, kernel: np.ndarray) -> None:
    pooling = head.subscription
    chosen = pooling.selected_channels()
    factors = ops.convert_to_numpy(pooling.importance)[chosen]
    by_statistic = kernel.reshape(2, len(chosen), -1)
    rows = np.zeros(tuple(head.kernel.shape), "float32")
    rows[chosen] = np.moveaxis(by_statistic, 1, 0) / factors[:, None, None]
    head.kernel.assign(rows)
