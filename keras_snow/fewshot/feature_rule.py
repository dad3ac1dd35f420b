"""FeatureRule: which features prototypes are made of, and how weighed."""

import dataclasses

import numpy as np

from keras_snow.deltas.delta import Delta
from keras_snow.fewshot.pool import Pool
from keras_snow.layers.map_statistics import steady_deviation
from keras_snow.metrics.fisher_ratio import fisher_ratio
from keras_snow.metrics.whitening import Whitening
from keras_snow.metrics.whitening import measure_whitening
from keras_snow.serving.folding import MEAN
from keras_snow.serving.folding import fold_delta

FEATURES = ("last", "all", "chosen")
SHARE = 8  # Of all maps; the paper's deltas read as many.
# Chosen on validation classes. Nearly a sphere: a few images tell little of
# a direction, and with less the noise of most is drowned by that of some.
SHRINKAGE = 0.9
MOST_IMAGES = 4096  # That a covariance is measured on.


@dataclasses.dataclass(frozen=True)
class FeatureRule:
    """An affine map of pooled features.

    Args:
        channels: Which features are read.
        shift: What is taken off each.
        scale: What each is multiplied by then.
        whitening: What is done last, if anything.

    Examples:
        >>> rule = FeatureRule(np.array([2]), np.array([1.0]), np.array([10.0]))
        >>> rule(np.array([[0.0, 0.0, 4.0]])).tolist()
        [[30.0]]
    """

    channels: np.ndarray
    shift: np.ndarray
    scale: np.ndarray
    whitening: Whitening | None = None

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Applies it.

        Args:
            features: Of a pool, `(images, maps of all taps)`.
        """
        found = (features[:, self.channels] - self.shift) * self.scale
        if self.whitening is not None:
            found = self.whitening.apply(found)
        return np.asarray(found, "float32")

    def whitened(self, base: Pool) -> "FeatureRule":
        """Returns it with the covariance within classes made round.

        Args:
            base: Images of other classes than those to be told apart.
        """
        step = -(-len(base.labels) // MOST_IMAGES)
        whitening = measure_whitening(
            self(base.features[::step]), base.labels[::step], SHRINKAGE
        )
        return dataclasses.replace(self, whitening=whitening)

    def pull_back(
        self, weights: np.ndarray, bias: np.ndarray, num_features: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Returns what is linear in its results as linear in pooled features.

        Args:
            weights: `(classes, features)`.
            bias: `(classes,)`.
            num_features: Maps of all taps.

        Returns:
            A kernel `(num_features, classes)`, and a bias.
        """
        if self.whitening is not None:
            weights = self.whitening.apply(weights)
        weights = weights * self.scale
        kernel = np.zeros((num_features, len(weights)))
        kernel[self.channels] = weights.T
        return kernel, bias - weights @ self.shift


def make_rule(
    name: str,
    base: Pool,
    delta: Delta | None = None,
) -> FeatureRule:
    """Returns the rule of a name.

    Args:
        name: `"last"`: the means of the last tap as they are. `"all"`: those of
            all taps, standardised by other classes and weighed by the square
            root of the Fisher ratio there and of the tap's place in the order
            of depth. `"chosen"`: the eighth of them that a SNOW run's head
            weighs most, weighed likewise.
        base: Images of other classes than those to be told apart.
        delta: Of a SNOW run, for `"chosen"`.

    Raises:
        ValueError: If `"chosen"` has no run to go by, or its head reads no
            maps of the source.
    """
    taps, count = base.taps, base.features.shape[1]
    if name == "last":
        channels = np.arange(count - taps[-1].channels, count)
        size = len(channels)
        return FeatureRule(channels, np.zeros(size), np.ones(size))
    mean = base.features.mean(axis=0, dtype="float64")
    deviation = steady_deviation(base.features.std(axis=0, dtype="float64"))
    ratio = fisher_ratio(base.features, base.labels)
    channels = np.arange(count)
    if name == "chosen":
        worth = _weights_in_head(delta, base) * deviation
        channels = np.sort(np.argsort(-worth, kind="stable")[: count // SHARE])
    depth = np.repeat(np.arange(len(taps)) + 1.0, [x.channels for x in taps])
    scale = np.sqrt(ratio * depth) / deviation
    return FeatureRule(channels, mean[channels], scale[channels])


def _weights_in_head(delta: Delta | None, base: Pool) -> np.ndarray:
    """Returns importance times norm of the kernel for the mean of each map."""
    levels = [] if delta is None else fold_delta(delta).levels
    if not levels:
        raise ValueError(
            "`chosen` are the maps that the head of a SNOW run weighs most. "
            "Name a run whose head reads levels, with `--run`. Received: "
            f"delta={delta and delta.name!r}"
        )
    starts = np.cumsum([0, *(tap.channels for tap in base.taps)])
    first = dict(zip((x.name for x in base.taps), starts, strict=False))
    weights = np.zeros(starts[-1])
    for level in levels:
        norms = np.linalg.norm(level.kernels[MEAN], axis=1)
        weights[first[level.tap] + level.channels] = norms
    return weights
