"""TaskChoice: which task is nearest to an image, and whether it is near."""

import dataclasses
import math
from typing import Any


@dataclasses.dataclass(frozen=True)
class TaskChoice:
    """Which task is nearest to an image, and whether it is near enough.

    Args:
        nearest: The task of the class whose mean is the nearest.
        distance: The squared Mahalanobis distance from that mean.
        threshold: The largest such distance at which the task takes an image;
            infinite if it takes every image.

    Examples:
        >>> TaskChoice("birds", distance=40.0, threshold=90.0).task
        'birds'
        >>> TaskChoice("birds", distance=95.0, threshold=90.0).task is None
        True
    """

    nearest: str
    distance: float
    threshold: float = math.inf

    @property
    def task(self) -> str | None:
        """The task that the image belongs to; None if to none."""
        return self.nearest if self.distance <= self.threshold else None

    def to_json(self) -> dict[str, Any]:
        """Returns it as plain data; a threshold that is not there is None."""
        limit = self.threshold if math.isfinite(self.threshold) else None
        return {
            "task": self.task,
            "nearest": self.nearest,
            "distance": self.distance,
            "threshold": limit,
        }
