"""What every subscription offers to the layer that reads its maps."""

import abc
from typing import Any
from typing import NamedTuple

from keras import layers


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
    """

    channels: int | None = None
    """Number of maps of the tap, once built."""

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
