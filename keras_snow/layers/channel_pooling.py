"""Channel pooling: keeps the K maps of a tap that matter most to a task."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.core.checks import BINDINGS as BINDINGS
from keras_snow.core.checks import SIGMA as SIGMA
from keras_snow.core.checks import check_flag
from keras_snow.core.checks import check_k
from keras_snow.core.checks import check_not_negative
from keras_snow.core.checks import check_sigma
from keras_snow.core.registry import nearest_names
from keras_snow.core.serialization import serializable
from keras_snow.layers.map_statistics import steady_deviation
from keras_snow.layers.subscription import SUBSCRIPTIONS
from keras_snow.layers.subscription import Selection
from keras_snow.layers.subscription import Subscription
from keras_snow.layers.subscription import count_maps

# By how much less than the least settled importance the others are; relative,
# above the rounding of float32.
MARGIN = 1e-6


@SUBSCRIPTIONS.register("channel_pooling")
@serializable
class ChannelPooling(Subscription):
    """Keeps the `k` maps with the highest importance, times that importance.

    One importance is learned for each map. While training, the choice is made
    by importance plus Gaussian noise, so that every map gets its chance; the
    factor is always the clean importance, and only chosen maps get a gradient.
    The last axis holds the maps, so pooled features `(batch, channels)` can be
    subscribed to as well.

    How a chosen map meets the weights that read it is the `binding`:

    - `"rows"`: the reader keeps one kernel row for each map of the tap and uses
      the `k` rows of the chosen ones. Maps come out sorted by channel.
    - `"slots"`: a kept map keeps its output position, newcomers fill the
      vacated ones; the positions are saved.
    - `"rank"`: sorted by noisy score, as Algorithm 1 is printed. A map's
      position, and so its weights, change at nearly every step.
    - `"fixed"`: the saved positions, never chosen anew; what a trained delta is
      exported with.

    Importance and choice stay in float32 under every precision policy: near 1
    a bfloat16 step is a quarter of the noise.

    Reference:
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr),
        Section 2.2 and Algorithm 1.

    Args:
        k: Number of maps to keep (int), or the fraction of them (float).
        sigma: Standard deviation of the exploration noise. The paper's
            `sigma**2` is 0.001. `"auto"` starts from it, and `AutoSigma` sets
            it after the first epochs.
        binding: `"rows"`, `"slots"`, `"rank"` or `"fixed"`.
        speed: How much faster than a kernel the importance moves. Under SGD
            its learning rate is `speed**2` times the optimizer's; this is the
            gradient of the parametrisation `importance = 1 + speed * v`. It is
            meant for a learning rate of 0.015; a recipe with another one is
            made up for, so that importances are as fast under every recipe.
        normalise: Whether to divide each map by a constant, its standard
            deviation as `adapt` measured it, before the multiplication.
            Importances of maps of unlike size can then be compared.
        seed: Seed of the noise.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Call arguments:
        - `inputs`: Feature maps of the source.
        - `training`: Whether to explore.

    Input shape:
        `(batch, height, width, channels)` or `(batch, channels)`

    Output shape:
        The same with `k` channels.

    Raises:
        TypeError: If an argument is of another kind.
        ValueError: If `k` exceeds the number of maps or is not positive, if
            `sigma` is negative or not finite, or the binding is unknown.

    Examples:
        >>> maps = np.random.rand(2, 14, 14, 1024)
        >>> tuple(ChannelPooling(k=128)(maps).shape)
        (2, 14, 14, 128)
    """

    selects = True

    def __init__(
        self,
        k: int | float = 0.125,
        sigma: float | str = SIGMA,
        binding: str = "rows",
        speed: float = 1.0,
        normalise: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        if binding not in BINDINGS:
            raise ValueError(
                f"Unknown binding. {nearest_names(binding, BINDINGS)} "
                f"Received: binding={binding!r}"
            )
        super().__init__(**kwargs)
        self.k = check_k(k)
        self.sigma = check_sigma(sigma)
        self.binding = binding
        self.speed = check_not_negative("speed", speed)
        self.normalise = check_flag("normalise", normalise)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        # Set by `Schedule`: speeds are meant for a certain learning rate.
        self.rate_factor = 1.0
        self.settled: np.ndarray | None = None

    def build(self, input_shape):
        channels = input_shape[-1]
        if channels is None:
            raise ValueError(
                f"`{self.name}` needs to know the number of maps. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        super().build(input_shape)
        kept = self.num_maps(channels)
        self.importance = self.add_weight(
            shape=(channels,),
            initializer="ones",  # N(0, 1) would try 13 % of the maps only.
            dtype="float32",
            autocast=False,
            name="importance",
        )
        self.noise_scale = self.add_weight(
            shape=(),
            initializer="ones",
            dtype="float32",
            autocast=False,
            trainable=False,
            name="noise_scale",
        )
        if self.normalise:
            self.deviation = self.add_weight(
                shape=(channels,),
                initializer="ones",
                dtype="float32",
                autocast=False,
                trainable=False,
                name="deviation",
            )
        if self.binding in ("slots", "fixed"):
            self.slots = self.add_weight(
                shape=(kept,),
                initializer=_count_up,
                dtype="int32",
                autocast=False,
                trainable=False,
                name="slots",
            )

    def call(self, inputs, training=None):
        chosen = self.subscribe(inputs, training=training)
        return chosen.maps * ops.cast(chosen.factors, chosen.maps.dtype)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.num_maps(input_shape[-1]))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "k": self.k,
            "sigma": self.sigma,
            "binding": self.binding,
            "speed": self.speed,
            "normalise": self.normalise,
            "seed": self.seed,
        }

    @property
    def deviation_of_noise(self) -> float:
        """What `noise_scale` multiplies: `sigma`, the paper's if `"auto"`."""
        return SIGMA if isinstance(self.sigma, str) else self.sigma

    def num_maps(self, channels: int) -> int:
        """Returns how many of `channels` maps are kept.

        Args:
            channels: Number of maps of the tap.

        Raises:
            ValueError: If `k` exceeds it.
        """
        return count_maps(self.k, channels, self.name)

    def num_rows(self, channels: int) -> int:
        """Returns how many kernel rows the reader keeps.

        Args:
            channels: Number of maps of the tap.
        """
        if self.binding == "rows":
            return channels
        return self.num_maps(channels)

    def subscribe(self, maps: Any, training: bool | None = None) -> Selection:
        """Returns the chosen maps, raw, with their importances as factors.

        Args:
            maps: The tap, channels last.
            training: Whether to explore, and to keep the slots.
        """
        if not self.built:
            self.build(maps.shape)
        channels = self._choose(training)
        hastened = hasten(self.importance, self.speed**2 * self.rate_factor)
        if self.normalise:
            hastened = hastened / ops.convert_to_tensor(self.deviation)
        factors = ops.take(hastened, channels)
        rows = channels if self.binding == "rows" else None
        # Who settled the choice gives the chosen maps alone.
        if self.settled is None and not self._keeps_all:
            maps = ops.take(maps, channels, axis=-1)
        return Selection(maps, rows, factors, channels)

    def selected_channels(self) -> np.ndarray:
        """Returns the channels that inference uses, in the order of output.

        Raises:
            ValueError: If the layer was not built yet.
        """
        if not self.built:
            raise ValueError(
                "Nothing is chosen before the layer knows its channels. Call "
                f"it, or `build` it. Received: layer={self.name!r}, unbuilt"
            )
        return ops.convert_to_numpy(self._choose(training=False))

    def settle(self) -> np.ndarray:
        """Fixes the choice of inference, and returns it.

        Until `unsettle`, `subscribe` and calls take the chosen maps alone, in
        this order, `(..., k)`; there is no noise and nothing is gathered. What
        was traced before does not know of it.

        Examples:
            >>> maps = np.random.rand(1, 4, 4, 16).astype("float32")
            >>> pooling = ChannelPooling(k=4)
            >>> before = pooling(maps)
            >>> after = pooling(maps[..., pooling.settle()])
            >>> bool(np.all(np.array(before) == np.array(after)))
            True
        """
        self.settled = self.selected_channels()
        return self.settled

    def unsettle(self) -> None:
        """Gives the choice back to the importances."""
        self.settled = None

    def hold(self) -> None:
        """Lowers the importances that would change a settled choice.

        Those of the settled maps are trained on, those of the others only
        follow their momentum. Where one of these has reached the least of the
        former it is set just below, so that the saved importances choose what
        was settled.
        """
        if self.settled is None:
            return
        importance = np.array(ops.convert_to_numpy(self.importance))
        least = importance[self.settled].min()
        left_out = np.ones(len(importance), bool)
        left_out[self.settled] = False
        below = least - MARGIN * max(1.0, abs(least))
        importance[left_out] = np.minimum(importance[left_out], below)
        self.importance.assign(importance)

    def adapt(self, statistics: Any) -> None:
        """Measures the standard deviation of each map, if it normalises.

        Args:
            statistics: A sample of what `map_statistics` gives for the tap,
                `(examples, 2, channels)`.
        """
        if not self.normalise:
            return
        means, deviations = np.moveaxis(ops.convert_to_numpy(statistics), 1, 0)
        variance = np.mean(deviations**2, axis=0) + means.var(axis=0)
        self.deviation.assign(steady_deviation(np.sqrt(variance)))

    @property
    def leaves_out(self) -> bool:
        """Whether there are maps that are not kept; it must be built."""
        channels = self.importance.shape[0]
        return self.num_maps(channels) < channels

    @property
    def _keeps_all(self) -> bool:
        """Whether the choice is every map, in the order of the tap."""
        return self.binding == "rows" and not self.leaves_out

    def _choose(self, training):
        if self.settled is not None:
            return ops.convert_to_tensor(self.settled)
        if self._keeps_all:
            return ops.arange(self.importance.shape[0], dtype="int32")
        if self.binding == "fixed":
            return ops.convert_to_tensor(self.slots)
        score = ops.convert_to_tensor(self.importance)
        if training and self.sigma:
            score = score + self._noise()
        kept = self.num_maps(self.importance.shape[0])
        _, ranked = ops.top_k(ops.stop_gradient(score), kept)
        if self.binding == "rank":
            return ops.cast(ranked, "int32")
        if self.binding == "rows":
            return ops.sort(ops.cast(ranked, "int32"))
        slots = _fill_slots(self.slots, ranked, self.importance.shape[0])
        if training:
            self.slots.assign(slots)
        return slots

    def _noise(self):
        noise = keras.random.normal(
            self.importance.shape, dtype="float32", seed=self.seed_generator
        )
        scale = ops.convert_to_tensor(self.noise_scale)
        return noise * (self.deviation_of_noise * scale)


def hasten(weight: Any, factor: float) -> Any:
    """Leaves a weight's value as it is and multiplies its gradient.

    Under SGD that multiplies its learning rate.

    Args:
        weight: The weight.
        factor: Factor of its gradient.
    """
    weight = ops.convert_to_tensor(weight)
    if factor == 1.0:
        return weight
    still = ops.stop_gradient(weight)
    return still + factor * (weight - still)


def _fill_slots(slots, chosen, channels):
    """Keeps each chosen channel in its slot; newcomers fill the others."""
    slots = ops.convert_to_tensor(slots)
    is_chosen = ops.sum(ops.one_hot(chosen, channels, dtype="int32"), axis=0)
    has_slot = ops.sum(ops.one_hot(slots, channels, dtype="int32"), axis=0)
    order = ops.arange(channels, dtype="int32")
    is_new = (is_chosen > 0) & (has_slot == 0)
    newcomers = ops.sort(ops.where(is_new, order, channels))
    vacated = ops.take(is_chosen, slots) == 0
    turn = ops.cumsum(ops.cast(vacated, "int32")) - 1
    newcomer = ops.take(newcomers, ops.maximum(turn, 0))
    return ops.cast(ops.where(vacated, newcomer, slots), "int32")


def _count_up(shape, dtype=None):
    return ops.arange(shape[0], dtype=dtype)
