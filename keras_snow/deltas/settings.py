"""What can be chosen about a delta, as plain data."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from keras_snow.core.checks import BINDINGS
from keras_snow.core.checks import SIGMA
from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_flag
from keras_snow.core.checks import check_k
from keras_snow.core.checks import check_not_negative
from keras_snow.core.checks import check_sigma
from keras_snow.core.registry import nearest_names

AUTO = "auto"
CHANNEL_POOLING = "channel_pooling"
HEAD_WEIGHTS = 1_000_000
"""What the head's own choice of maps may cost, in kernel weights."""
HEADS = ["delta", "last", "levels"]
STARTS = ["noise", "source"]
_NOT_NEGATIVE = [
    "speed",
    "width",
    "head_gain",
    "head_decay",
    "dropout",
]


@dataclasses.dataclass(frozen=True)
class DeltaSettings:
    """Settings of a delta. The paper's values where it gives them.

    Args:
        k: Number (int) or fraction (float) of the maps of each tap that block
            and head subscribe to.
        sigma: Standard deviation of the exploration noise, or `"auto"`, see
            `AutoSigma`.
        width: Channels of a block's output, as a fraction of its tap's.
        binding: How a chosen map meets its weights, see `ChannelPooling`.
        speed: How fast importances move, see `ChannelPooling`.
        normalise_taps: Whether blocks read each map divided by its standard
            deviation over the first training images, a constant.
        start: What the kernels start from: `"noise"` (He et al.'s), or
            `"source"`, the source's own filters as many as fit, see
            `start_from_source`.
        head: What the logits read: the pooled output of the last block
            (`"delta"`), beside it the means of the last tap's chosen maps
            (`"last"`), or beside it means and standard deviations of the chosen
            maps of every tap (`"levels"`), all standardised.
        head_k: Number or fraction of the maps of each tap that the head
            `"levels"` chooses for itself; None: it shares the choice of the
            tap's block. `"auto"`: all maps, or as many as leave the head
            `HEAD_WEIGHTS` weights; None if that is less than twice `k`, or if
            block and head can't differ. A choice of the head's own costs a pass
            over each tap in training, and next to nothing where deltas are
            served, which share it.
        head_gain: Factor of the standardised features; its square multiplies
            the learning rate of the head's kernels under SGD. With `head_k` it
            is lowered so that the features weigh together as much as an eighth
            of the maps would.
        head_decay: L2 penalty of the head's kernels.
        dropout: Share of the features that is dropped before the logits.
        seed: Seed of initial values, noise and dropout.
        subscription: What takes maps out of a tap: `"channel_pooling"`,
            `"pointwise"` (a 1x1 convolution to `k` maps), `"attention"` (all
            maps, weighed for each image) or `"all"`. `sigma`, `binding` and the
            speeds are channel pooling's alone.

    Raises:
        TypeError: If a value is of another kind.
        ValueError: If a value is out of range; says which.

    Examples:
        >>> DeltaSettings(k=0.25).k
        0.25
    """

    k: int | float = 0.125
    sigma: float | str = SIGMA
    width: float = 0.125
    binding: str = "rows"
    speed: float = 14.0
    normalise_taps: bool = False
    start: str = "noise"
    head: str = "levels"
    head_k: int | float | str | None = AUTO
    head_gain: float = 0.5
    head_decay: float = 1e-3
    dropout: float = 0.3
    seed: int = 0
    subscription: str = CHANNEL_POOLING

    def __post_init__(self) -> None:
        check_k(self.k)
        self._check_head_k()
        check_sigma(self.sigma)
        for name in _NOT_NEGATIVE:
            check_not_negative(name, getattr(self, name))
        check_flag("normalise_taps", self.normalise_taps)
        check_count("seed", self.seed, minimum=0)
        if not 0.0 < self.width <= 1.0:
            raise ValueError(
                "`width` must be above 0 and at most 1. "
                f"Received: width={self.width}"
            )
        if self.dropout >= 1.0:
            raise ValueError(
                f"`dropout` must be below 1. Received: dropout={self.dropout}"
            )
        self._check_name("binding", BINDINGS)
        self._check_name("head", HEADS)
        self._check_name("start", STARTS)
        self._check_subscription()

    @classmethod
    def from_options(cls, **options: Any) -> "DeltaSettings":
        """Makes settings from keyword arguments.

        Args:
            **options: Any of the settings.

        Raises:
            ValueError: If there is no such setting; names the nearest.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        for name in options:
            if name not in known:
                raise ValueError(
                    f"A delta has no such setting. "
                    f"{nearest_names(name, known)} Received: {name}="
                    f"{options[name]!r}"
                )
        return cls(**options)

    def for_task(
        self, channels: Sequence[int], num_classes: int
    ) -> "DeltaSettings":
        """Returns settings with a number, or None, for `head_k`.

        Args:
            channels: Maps of each tap.
            num_classes: Number of classes.

        Examples:
            >>> taps = [256, 1024, 2048]
            >>> settings = DeltaSettings()
            >>> [settings.for_task(taps, n).head_k for n in (9, 500, 999)]
            [1.0, 0.3005, None]
        """
        if self.head_k != AUTO:
            return self
        maps = sum(channels)
        share = min(1.0, round(HEAD_WEIGHTS / (2 * maps * num_classes), 4))
        block = sum(
            each * self.k if isinstance(self.k, float) else self.k
            for each in channels
        )
        chooses = (
            self.head == "levels"
            and self.binding != "rank"
            and self.subscription == CHANNEL_POOLING
            and share * maps >= 2 * block
        )
        return dataclasses.replace(self, head_k=share if chooses else None)

    def _check_name(self, name, known):
        check_choice(name, getattr(self, name), known)

    def _check_subscription(self):
        if self.subscription != CHANNEL_POOLING:
            # They are layers, and layers need Keras.
            from keras_snow.layers.subscription import SUBSCRIPTIONS

            SUBSCRIPTIONS.get(self.subscription)

    def _check_head_k(self):
        if self.head_k is None or self.head_k == AUTO:
            return
        if isinstance(self.head_k, str):
            raise ValueError(
                '`head_k` must be a number or a fraction of maps, "auto" or '
                f"None. Received: head_k={self.head_k!r}"
            )
        check_k(self.head_k)
        if self.head == "delta" or self.subscription in ("attention", "all"):
            raise ValueError(
                "`head_k` says how many maps a head takes out of the taps; the "
                "head `delta` reads none, attention and `all` read every map. "
                f"Leave it out. Received: head_k={self.head_k}, "
                f"head={self.head!r}, subscription={self.subscription!r}"
            )
