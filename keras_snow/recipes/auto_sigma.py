"""AutoSigma: the noise of channel pooling, from the importances themselves."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative
from keras_snow.recipes.traversal import layers_of

AUTO = "auto"
# A step explores with a tenth of the chosen maps and settles with the others.
SHARE = 0.1
# The noise of the first epochs is the paper's, until a sixth of a run is over.
FIRST = 1 / 6
LEAST, MOST = 1e-4, 1.0
DRAWS = 64
HALVINGS = 30


class AutoSigma(keras.callbacks.Callback):
    """Sets the noise of poolings with `sigma="auto"` after the first epochs.

    The paper (Section 3.2) wants "to examine the early weight distribution
    (i.e., for a few epochs) and then determine the sigma value to balance out
    exploration and stabilization". So: a sixth of the run, at least an epoch,
    explores with the paper's sigma. Then each pooling gets the sigma with
    which its noise replaces a tenth of its `k` chosen maps in a step, given the
    importances it has by then. It is found by halving, on the same draws
    always: equal importances give equal sigmas. It stays for the rest of the
    run, multiplied by what the recipe's schedule makes of any sigma.

    It belongs behind `Schedule` in the list of callbacks.

    Args:
        found: Layer -> its sigma. What is in it is not measured again, which
            makes a run resumable.
        epochs: Length of the run. `None`: what `fit` was asked for.

    Examples:
        >>> AutoSigma(epochs=20).found
        {}
        >>> first_epochs(20)
        3
    """

    def __init__(
        self, found: dict[str, float] | None = None, epochs: int | None = None
    ) -> None:
        super().__init__()
        self.found = {} if found is None else found
        self.epochs = epochs

    def on_epoch_begin(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Measures once, and sets the noise of the epoch."""
        epochs = self.epochs or self.params.get("epochs", 1)
        if epoch < first_epochs(epochs):
            return
        for layer in layers_of(self.model):
            if getattr(layer, "sigma", None) != AUTO or not layer.leaves_out:
                continue
            if layer.name not in self.found:
                importance = ops.convert_to_numpy(layer.importance)
                kept = layer.num_maps(len(importance))
                self.found[layer.name] = balanced_sigma(importance, kept)
            scale = ops.convert_to_numpy(layer.noise_scale)
            factor = self.found[layer.name] / layer.deviation_of_noise
            layer.noise_scale.assign(scale * factor)


def first_epochs(epochs: int) -> int:
    """Returns how many epochs go by before sigma is set.

    Args:
        epochs: Length of the run.
    """
    return max(1, round(FIRST * epochs))


def balanced_sigma(
    importance: np.ndarray, k: int, share: float = SHARE
) -> float:
    """Returns the sigma with which noise replaces a share of the chosen maps.

    Args:
        importance: Of all maps of a tap, `(channels,)`.
        k: Maps that are kept.
        share: What part of them the noise should replace.

    Returns:
        At least 1e-4 (importances that hardly differ), at most 1 (such as lie
        far apart).

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> importance = np.linspace(0.0, 1.0, 256)
        >>> sigma = balanced_sigma(importance, k=32)
        >>> round(explored_share(importance, 32, sigma), 2)
        0.1
        >>> round(balanced_sigma(importance / 10, k=32) / sigma, 2)
        0.1
    """
    check_count("k", k)
    check_not_negative("share", share)
    low, high = math.log(LEAST), math.log(MOST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if explored_share(importance, k, math.exp(middle)) < share:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def explored_share(importance: np.ndarray, k: int, sigma: float) -> float:
    """Returns what part of the chosen maps noise replaces in a step.

    Args:
        importance: Of all maps of a tap, `(channels,)`.
        k: Maps that are kept.
        sigma: Standard deviation of the noise.

    Returns:
        The mean over 64 draws, always the same.
    """
    channels = len(importance)
    if k >= channels:
        return 0.0
    noise = np.random.default_rng(0).normal(size=(DRAWS, channels))
    noisy = importance + sigma * noise
    least = np.partition(noisy, channels - k, axis=1)[:, channels - k]
    kept = np.argsort(-importance, kind="stable")[:k]
    return float(np.mean(noisy[:, kept] < least[:, None]))
