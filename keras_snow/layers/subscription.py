"""What every subscription offers to the layer that reads its maps."""

import abc
import inspect
from typing import Any
from typing import NamedTuple

from keras import layers

from keras_snow.core.registry import Registry


class Selection(NamedTuple):
    """What a subscription hands to its reader.

    Args:
        maps: The subscribed maps, raw, channels last.
        rows: The kernel rows that belong to them; None: all, in order.
        factors: A factor for each map; None: 1.
        channels: Which maps of the tap they are; None: they are products.
    """

    maps: Any
    rows: Any = None
    factors: Any = None
    channels: Any = None


class Subscription(layers.Layer, abc.ABC):
    """Takes some of the maps of a tap, or products of them.

    `subscribe` gives the raw maps together with the rows of the next kernel
    that belong to them and a factor for each row. A linear reader multiplies
    its kernel by the factor instead of multiplying all maps by it, which is the
    same function at a fraction of the cost.

    A delta makes its subscriptions by name, from `SUBSCRIPTIONS`.
    """

    selects = False
    """Whether it hands on maps of the tap, unlike products of them."""

    @classmethod
    def from_settings(cls, **settings: Any) -> "Subscription":
        """Makes one from what a delta has to say about it.

        Args:
            **settings: `name`, `k`, `sigma`, `binding`, `speed`, `seed`. Those
                that the class does not take are left out.
        """
        known = {"name", *inspect.signature(cls.__init__).parameters}
        return cls(**{x: settings[x] for x in settings if x in known})

    channels: int | None = None
    """Number of maps of the tap, once built."""

    tap: str | None = None
    """Name of the tap, if a delta made it."""

    for_head = False
    """Whether a delta's head alone reads by it."""

    def build(self, input_shape):
        self.channels = input_shape[-1]
        self.built = True

    def num_maps(self, channels: int) -> int:
        """Returns how many maps are handed on.

        Args:
            channels: Number of maps of the tap.
        """
        return channels

    def num_rows(self, channels: int) -> int:
        """Returns how many kernel rows the reader has to keep.

        Args:
            channels: Number of maps of the tap.
        """
        return self.num_maps(channels)

    def subscribe(self, maps: Any, training: bool | None = None) -> Selection:
        """Returns the subscribed maps and how to read them.

        Args:
            maps: The tap, channels last.
            training: Whether to explore.
        """
        return Selection(self(maps, training=training))


SUBSCRIPTIONS: Registry[type[Subscription]] = Registry("subscription")
"""Subscriptions by the name that `DeltaSettings` knows them under."""


def count_maps(k: int | float, channels: int, name: str) -> int:
    """Returns how many of the `channels` maps of a tap `k` stands for.

    Args:
        k: A number of maps (int) or the fraction of them (float).
        channels: Number of maps of the tap.
        name: Who asks, for the message.

    Raises:
        ValueError: If `k` exceeds the number of maps.
    """
    if isinstance(k, float):
        return max(1, round(k * channels))
    if k > channels:
        raise ValueError(
            f"`{name}` cannot keep more maps than the tap has. Lower `k` or "
            f"tap a wider layer. Received: k={k}, channels={channels}"
        )
    return k
