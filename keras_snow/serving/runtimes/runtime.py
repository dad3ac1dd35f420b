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


def model_file(path: str | os.PathLike[str]) -> str:
    """Returns the path of a model that is there.

    Args:
        path: Its file.

    Raises:
        FileNotFoundError: If there is none.
    """
    if not pathlib.Path(path).is_file():
        raise FileNotFoundError(
            f"There is no such model. Received: path={os.fspath(path)!r}"
        )
    return os.fspath(path)
