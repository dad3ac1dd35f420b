"""Runtime: a folded model in the form that answers."""

import abc
import os
import pathlib
from collections.abc import Sequence

import numpy as np


class Runtime(abc.ABC):
    """Answers batches of images with one pass.

    Args:
        outputs: Names of the outputs.

    Examples:
        >>> class Grey(Runtime):
        ...     def __call__(self, images):
        ...         return {"grey": images.mean(axis=(1, 2, 3))[:, None]}
        >>> Grey(["grey"])(np.ones((2, 4, 4, 3), "float32"))["grey"].shape
        (2, 1)
    """

    def __init__(self, outputs: Sequence[str]) -> None:
        self.outputs = tuple(outputs)

    @abc.abstractmethod
    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Answers a batch.

        Args:
            images: Raw RGB, float32, `(batch, height, width, 3)`, 0 to 255.

        Returns:
            By output, `(batch, classes)`.
        """

    def prepare(self, batch_sizes: Sequence[int]) -> None:  # noqa: B027
        """Makes ready for batches that will come often; others may still come.

        Args:
            batch_sizes: Numbers of images. What it is good for differs; a
                runtime for which all sizes are alike does nothing.
        """

    def _call_once(
        self, batch_sizes: Sequence[int], image_shape: Sequence[int | None]
    ) -> None:
        """Calls it on black images, so that it compiles for their number."""
        sides = [side for side in image_shape if side is not None]
        if len(sides) < len(image_shape):
            return
        for size in batch_sizes:
            self(np.zeros((size, *sides), "float32"))


def model_file(path: str | os.PathLike[str]) -> str:
    """Returns the path of a model that is there."""
    if not pathlib.Path(path).is_file():
        raise FileNotFoundError(
            f"There is no such model. Received: path={os.fspath(path)!r}"
        )
    return os.fspath(path)


def pad_to_power(images: np.ndarray) -> np.ndarray:
    """Adds black images up to a power of two, as XLA compiles for each number.

    Args:
        images: `(batch, height, width, 3)`, one at least.

    Examples:
        >>> pad_to_power(np.ones((3, 8, 8, 3))).shape
        (4, 8, 8, 3)
    """
    count = len(images)
    missing = (1 << (count - 1).bit_length()) - count
    return np.pad(images, [(0, missing), (0, 0), (0, 0), (0, 0)])
