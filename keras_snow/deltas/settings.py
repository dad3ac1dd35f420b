"""What can be chosen about a delta, as plain data."""

import dataclasses
from typing import Any

from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_k
from keras_snow.core.checks import check_not_negative
from keras_snow.core.checks import check_sigma
from keras_snow.core.registry import nearest_names
from keras_snow.layers.channel_pooling import BINDINGS
from keras_snow.layers.channel_pooling import SIGMA
from keras_snow.layers.subscription import SUBSCRIPTIONS

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
        head_k: Number or fraction of the maps of each tap that the head chooses
            for itself; None: it shares the choice of the tap's block. All of
            them (1.0) cost a kernel row for each map and, in training, a pass
            over each tap.
        head_gain: Factor of the standardised features; its square multiplies
            the learning rate of the head's kernels under SGD. With `head_k` it
            is lowered so that the features weigh together as much as `k` maps.
        head_decay: L2 penalty of the head's kernels.
        dropout: Share of the features that is dropped before the logits.
        seed: Seed of initial values, noise and dropout.
        subscription: What takes maps out of a tap: `"channel_pooling"`,
            `"pointwise"` (a 1x1 convolution to `k` maps), `"attention"` (all
            maps, weighed for each image) or `"all"`. `sigma`, `binding` and the
            speeds are channel pooling's alone.

    Raises:
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
    head_k: int | float | None = None
    head_gain: float = 0.5
    head_decay: float = 1e-3
    dropout: float = 0.3
    seed: int = 0
    subscription: str = "channel_pooling"

    def __post_init__(self) -> None:
        check_k(self.k)
        self._check_head_k()
        check_sigma(self.sigma)
        for name in _NOT_NEGATIVE:
            check_not_negative(name, getattr(self, name))
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
        SUBSCRIPTIONS.get(self.subscription)

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

    def _check_name(self, name, known):
        check_choice(name, getattr(self, name), known)

    def _check_head_k(self):
        if self.head_k is None:
            return
        check_k(self.head_k)
        if self.head == "delta" or self.subscription in ("attention", "all"):
            raise ValueError(
                "`head_k` says how many maps a head takes out of the taps; the "
                "head `delta` reads none, attention and `all` read every map. "
                f"Leave it out. Received: head_k={self.head_k}, "
                f"head={self.head!r}, subscription={self.subscription!r}"
            )
