"""What a run is fitted on that explores first and then settles."""

import pathlib
from collections.abc import Iterator
from typing import Any

from keras_snow.training.feed import ImageFeed
from keras_snow.training.settled_feed import SettledFeed


class SettlingFeed(ImageFeed):
    """Feeds images to the whole model for some epochs, then the chosen maps.

    For `settle_after` epochs it is an `ImageFeed`: fresh crops, the source in
    every step. Then the choice of maps is fixed, the source runs once, and a
    `SettledFeed` goes on.

    Args:
        *args: Of `ImageFeed`; the model is one of SNOW with channel pooling,
            and the options say when to settle.
        folder: Where to keep the maps; `None` keeps them in memory.

    Raises:
        ValueError: If the chosen maps take more than `cache_limit_gb`.
        OSError: If the disk has no room for them.
    """

    def __init__(self, *args: Any, folder: pathlib.Path | None) -> None:
        super().__init__(*args)
        self.settled = SettledFeed(*args, folder=folder)

    @property
    def last_epoch(self) -> int:
        """The last epoch, from 1, in which it explores."""
        return self.config.settle_after or super().last_epoch

    def parts(self) -> Iterator[ImageFeed]:
        """Yields itself, and then, settled, what feeds the chosen maps."""
        yield self
        self.settled.settle()
        yield self.settled

    def close(self) -> None:
        """Lets go of the maps, and gives the choice back."""
        self.settled.close()
