"""Schedule: a recipe's learning rate, noise and seeds while `fit` runs."""

from typing import Any

import keras
import numpy as np

from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.traversal import layers_of
from keras_snow.recipes.traversal import seed_generators_of

# The learning rate that the speeds of importances and the gains of heads are
# meant for; found by ablation on small sets, see docs/reproduction.md.
REFERENCE_RATE = 0.015

# JAX keeps the optimizer's state out of reach while an epoch runs; fetching it
# costs a walk over all variables, so the learning rate is set this many times
# an epoch.
JAX_UPDATES = 10


class Schedule(keras.callbacks.Callback):
    """Sets the learning rate, the noise and the seeds of a run.

    The learning rate is assigned to the optimizer's variable before a step (10
    times an epoch on JAX), with no wait for the device and no retracing. At the
    start of an epoch every layer with a `noise_scale` (channel pooling) gets
    the recipe's, and every seed generator a state that depends on `seed`, the
    epoch and its place alone: a resumed run draws the noise that an
    uninterrupted one would.

    Args:
        recipe: The recipe.
        epochs: Length of the run. `None`: what `fit` was asked for.
        steps_per_epoch: Steps of an epoch, if `fit` cannot know them.
        seed: Seed of the run. `None` leaves the seed generators alone.

    Examples:
        >>> Schedule(Recipe(epochs=30), epochs=30).epochs
        30
    """

    def __init__(
        self,
        recipe: Recipe,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        seed: int | None = 0,
    ) -> None:
        super().__init__()
        self.recipe = recipe
        self.epochs = epochs
        self.steps_per_epoch = steps_per_epoch
        self.seed = seed
        self.rate: float | None = None  # That it has set last.
        self._epoch = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Learns how long the run is."""
        self.epochs = self.epochs or self.params.get("epochs")
        self.steps_per_epoch = self.steps_per_epoch or self.params.get("steps")
        self._jax = keras.backend.backend() == "jax"
        layers = list(layers_of(self.model))
        self._noisy = [x for x in layers if hasattr(x, "noise_scale")]
        self._generators = seed_generators_of(self.model)
        # Read when the step is traced, which is after this. At the paper's
        # learning rate of 1.0 they would overshoot by far.
        for layer in layers:
            if hasattr(layer, "rate_factor"):
                layer.rate_factor = (
                    REFERENCE_RATE / self.recipe.peak_learning_rate
                )

    def on_epoch_begin(
        self, epoch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Sets the noise, the seeds and the first learning rate of an epoch."""
        self._epoch = epoch
        # The epoch's end: the last epoch trains the selection that is kept.
        scale = self.recipe.sigma_scale_at(epoch + 1, self.epochs)
        for layer in self._noisy:
            layer.noise_scale.assign(scale)
        if self.seed is not None:
            reseed(self._generators, self.seed, epoch)
        if not self.steps_per_epoch:
            self._set_learning_rate(epoch + 0.5)

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Sets the learning rate of a step."""
        if not self.steps_per_epoch:
            return
        span = 1
        if self._jax:
            span = max(1, self.steps_per_epoch // JAX_UPDATES)
            if batch % span:
                return
            self.model.jax_state_sync()
        middle = (batch + span / 2) / self.steps_per_epoch
        self._set_learning_rate(self._epoch + middle)

    def _set_learning_rate(self, epoch: float) -> None:
        self.rate = self.recipe.learning_rate_at(epoch, self.epochs)
        self.model.optimizer.learning_rate = self.rate


def end_schedule(model: keras.Model) -> None:
    """Gives the layers back the noise and the speeds of a new model.

    A schedule leaves its last: no noise at all where it was annealed.

    Args:
        model: What a `Schedule` may have been used on.

    Examples:
        >>> from keras_snow.layers import ChannelPooling
        >>> pooling = ChannelPooling(k=2)
        >>> model = keras.Sequential([keras.Input((4,)), pooling])
        >>> _ = pooling.noise_scale.assign(0.0)
        >>> end_schedule(model)
        >>> float(pooling.noise_scale)
        1.0
    """
    for layer in layers_of(model):
        if hasattr(layer, "noise_scale"):
            layer.noise_scale.assign(1.0)
        if hasattr(layer, "rate_factor"):
            layer.rate_factor = 1.0


def reseed(
    generators: list[keras.random.SeedGenerator], seed: int, epoch: int
) -> None:
    """Gives each generator a state of its own for an epoch.

    Args:
        generators: Seed generators, always in the same order.
        seed: Seed of the run.
        epoch: Number of the epoch.
    """
    for index, generator in enumerate(generators):
        sequence = np.random.SeedSequence([seed, epoch, index])
        start = int(sequence.generate_state(1)[0]) & 0x7FFFFFFF
        generator.state.assign(np.array([start, 0]))
