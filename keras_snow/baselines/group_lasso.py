"""The features that a sparse linear classifier would read."""

import numpy as np

STEPS = 100


def group_lasso_ranking(
    features: np.ndarray,
    labels: np.ndarray,
    num_classes: int,
    strength: float = 0.02,
    steps: int = STEPS,
) -> np.ndarray:
    """Ranks features by their part in a classifier with a group lasso.

    A softmax classifier is fitted with the penalty `sum_i ||W_i||`, a row of
    weights for each feature, which leaves useless and redundant features at
    zero. It is a convex problem, solved by accelerated proximal gradients.

    Reference:
        [Evci et al., 2022](https://arxiv.org/abs/2201.03529) (Head2Toe) for the
        score; [Beck and Teboulle, 2009](https://doi.org/10.1137/080716542) for
        the solver.

    Args:
        features: Standardised features, `(examples, features)`.
        labels: Class numbers, `(examples,)`; or rows of zeros and ones, of
            which each class then has its share, and all where there is none.
        num_classes: Number of classes.
        strength: Penalty, as a fraction of the least at which every feature is
            left at zero.
        steps: Steps of the solver.

    Returns:
        Places of the features, the most useful first. Those at zero come last,
        by the gradient that pulls at them.
    """
    rows = labels if labels.ndim == 2 else np.eye(num_classes)[labels]
    rows = np.where(rows.any(axis=1, keepdims=True), rows, 1)
    targets = (rows / rows.sum(axis=1, keepdims=True)).astype("float32")
    # The prior odds stand in for a bias, which is not penalised.
    bias = np.log(targets.mean(axis=0) + 1e-6)
    features = features.astype("float32")
    step = 1.0 / _curvature(features)

    def gradient(weights):
        logits = features @ weights + bias
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        errors = odds / odds.sum(axis=1, keepdims=True) - targets
        return features.T @ errors / len(features)

    weights = np.zeros((features.shape[1], num_classes), "float32")
    penalty = strength * _norms(gradient(weights)).max()
    ahead, momentum = weights, 1.0
    for _ in range(steps):
        moved = _shrink(ahead - step * gradient(ahead), step * penalty)
        following = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        ahead = moved + (momentum - 1) / following * (moved - weights)
        weights, momentum = moved, following
    order = np.lexsort((_norms(gradient(weights)), _norms(weights)))
    return order[::-1]


def _norms(weights):
    return np.linalg.norm(weights, axis=1)


def _shrink(weights, amount):
    """Pulls each row towards zero by `amount`."""
    lengths = np.maximum(_norms(weights), 1e-12)
    return weights * np.maximum(1 - amount / lengths, 0.0)[:, None]


def _curvature(features):
    """Bounds the second derivative of the mean softmax loss."""
    direction = np.ones(features.shape[1], "float32")
    for _ in range(20):
        direction = features.T @ (features @ direction)
        direction /= np.linalg.norm(direction) + 1e-12
    largest = np.linalg.norm(features @ direction) ** 2
    # Half the squared norm bounds softmax; power iteration stops short of it.
    return 0.5 * 1.1 * largest / len(features) + 1e-12
