"""Inference: what a request of the Open Inference Protocol asks for."""

import dataclasses
from collections.abc import Mapping

import numpy as np


@dataclasses.dataclass(frozen=True)
class Wish:
    """How an output is answered.

    Args:
        binary: In bytes behind the JSON, instead of in it.
        classes: So many of the likeliest classes; the logits if 0.
    """

    binary: bool = False
    classes: int = 0


@dataclasses.dataclass(frozen=True)
class Inference:
    """What a request asks for.

    Args:
        id: The client's own name of the request, if it gave one.
        images: `(images, height, width, 3)`, uint8 or float32; or image files.
        outputs: By the name of a task, how it is answered; all if None.
        default: How outputs are answered if all are.

    Examples:
        >>> Inference("", np.zeros((1, 8, 8, 3)), {"birds": Wish()}).names
        ['birds']
    """

    id: str
    images: np.ndarray | list[bytes]
    outputs: Mapping[str, Wish] | None
    default: Wish = Wish()

    @property
    def names(self) -> list[str] | None:
        """Names of tasks; None for all."""
        return None if self.outputs is None else list(self.outputs)

    def wish(self, name: str) -> Wish:
        """Returns how a task is answered."""
        return self.default if self.outputs is None else self.outputs[name]
