"""Mean and standard deviation of each channel, in one pass over batches."""

from typing import Any

import numpy as np


class ChannelStatistics:
    """Mean and standard deviation of each channel, gathered batch by batch.

    No pixel is kept: a batch is joined to what was seen before by the pairwise
    update of Chan et al. in float64. Summing squares instead would lose all
    digits where the deviation is small beside the mean.

    Reference:
        Chan, Golub and LeVeque, 1979, Updating Formulae and a Pairwise
        Algorithm for Computing Sample Variances.

    Args:
        channels: Number of channels.

    Examples:
        >>> statistics = ChannelStatistics(channels=1)
        >>> statistics.update([[[[0.0], [2.0]]]])
        >>> statistics.update([[[[4.0], [6.0]]]])
        >>> statistics.mean.tolist(), statistics.std.round(3).tolist()
        ([3.0], [2.236])
    """

    def __init__(self, channels: int = 3) -> None:
        self.channels = channels
        self.count = 0
        self._mean = np.zeros(channels)
        self._squares = np.zeros(channels)

    def update(self, images: Any) -> None:
        """Takes a batch into account.

        Args:
            images: Numbers, `(..., channels)`; batches may differ in size.

        Raises:
            ValueError: If there is another number of channels, or a value is
                not finite. What was seen before is kept.
        """
        images = np.asarray(images)
        if not images.ndim or images.shape[-1] != self.channels:
            raise ValueError(
                f"The last axis must be that of the {self.channels} channels. "
                f"Received: images.shape={images.shape}"
            )
        values = images.reshape(-1, self.channels).astype("float64")
        if not len(values):
            return
        if not np.isfinite(values).all():
            raise ValueError(
                "Images hold values that are not finite. Remove or mend them. "
                f"Received: images.shape={images.shape}"
            )
        mean = values.mean(axis=0)
        squares = np.square(values - mean).sum(axis=0)
        total = self.count + len(values)
        apart = mean - self._mean
        self._squares += squares
        self._squares += np.square(apart) * (self.count * len(values) / total)
        self._mean += apart * (len(values) / total)
        self.count = total

    @property
    def mean(self) -> np.ndarray:
        """Mean of each channel, `(channels,)`, float64."""
        self._check_count()
        return self._mean.copy()

    @property
    def std(self) -> np.ndarray:
        """Standard deviation of each channel, of all values (not a sample)."""
        self._check_count()
        deviation: np.ndarray = np.sqrt(self._squares / self.count)
        return deviation

    def _check_count(self) -> None:
        if not self.count:
            raise ValueError(
                "There are no statistics before the first image. "
                "Received: count=0"
            )
