"""BundledTask: what a bundle knows of a task without loading its delta."""

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative
from keras_snow.data.value_range import ValueRange
from keras_snow.data.value_range import check_value_range
from keras_snow.sources.engines import ENGINES

# Names of outputs, too: of a saved model, of ONNX, of an address on a server.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_INPUT = "image"  # Of every folded and exported model.


@dataclasses.dataclass(frozen=True)
class BundledTask:
    """Describes one task of a bundle.

    Args:
        name: Its name in the bundle: at most 64 letters (a to z), digits, dots,
            dashes and underscores, with a letter or digit first; not `image`.
        version: Counts from 1; `Bundle.replace` counts on.
        num_classes: Number of its logits.
        taps: Names of the taps that its delta reads.
        class_names: Names of the classes in the order of the logits, if known.
        image_size: Pixels of a side that it was trained on, if known.
        file: Where the delta lies in the bundle's folder, if it is in one.
        size: Bytes of that file.
        sha256: Checksum of that file.
        packing_deviation: How far its logits are from those of the delta that
            was added, since weights are kept in 16 bits: the largest
            difference, relative to the largest logit. None where it was not
            measured.
        value_range: What is black and what is white in images of more than 8
            bits, if it was trained on such.
        thresholds: Where an image may have several classes: the probability
            from which each is present. None if it has one class.
        engine: How the source was run while it learned, one of
            `keras_snow.sources.engines.ENGINES`, if known.

    Raises:
        TypeError: If a value has another type.
        ValueError: If the name can't be used, or a value is out of range.

    Examples:
        >>> BundledTask("birds", 1, 200, ("conv2_block1_out",)).num_classes
        200
    """

    name: str
    version: int
    num_classes: int
    taps: tuple[str, ...]
    class_names: tuple[str, ...] | None = None
    image_size: int | None = None
    file: str | None = None
    size: int | None = None
    sha256: str | None = None
    packing_deviation: float | None = None
    value_range: ValueRange | None = None
    engine: str | None = None
    thresholds: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        check_task_name(self.name)
        check_count("version", self.version)
        check_count("num_classes", self.num_classes)
        if self.image_size is not None:
            check_count("image_size", self.image_size)
        if self.packing_deviation is not None:
            check_not_negative("packing_deviation", self.packing_deviation)
        checked = check_value_range(self.value_range)
        object.__setattr__(self, "value_range", checked)
        if self.engine is not None:
            check_choice("engine", self.engine, ENGINES)
        names = self.class_names
        if names is not None and len(names) != self.num_classes:
            raise ValueError(
                "There must be a class name for each logit. Received: "
                f"{len(names)} class names, num_classes={self.num_classes}"
            )
        if self.thresholds is not None:
            object.__setattr__(self, "thresholds", self._checked_thresholds())

    def _checked_thresholds(self) -> tuple[float, ...]:
        found = tuple(map(float, self.thresholds or ()))
        if len(found) != self.num_classes:
            raise ValueError(
                "There must be a threshold for each logit. Received: "
                f"{len(found)} thresholds, num_classes={self.num_classes}"
            )
        for each in found:
            if not 0.0 <= each <= 1.0:
                raise ValueError(
                    "A threshold is a probability, from 0 to 1. "
                    f"Received: threshold={each}"
                )
        return found

    @property
    def key(self) -> str:
        """What tells its delta from every other of the bundle."""
        return self.file or self.name

    def to_json(self) -> dict[str, Any]:
        """Returns it as plain data."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "BundledTask":
        """Makes one from plain data.

        Args:
            data: What `to_json` returned.
        """
        names: Sequence[str] | None = data["class_names"]
        return cls(
            **data
            | {
                "taps": tuple(data["taps"]),
                "class_names": None if names is None else tuple(names),
            }
        )


def class_names_of(names: Sequence[Any]) -> tuple[str, ...]:
    """Returns names of classes if they can be written into a file."""
    others = [name for name in names if not isinstance(name, str)]
    if isinstance(names, str) or others:
        raise TypeError(
            "Class names are a list of texts. "
            f"Received: class_names={list(names)[:4]!r}"
        )
    return tuple(map(str, names))


def check_task_name(name: str) -> str:
    """Returns `name` if a task of a bundle can be called so."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            "A task's name names files and outputs: at most 64 letters (a to "
            "z), digits, dots, dashes and underscores, with a letter or digit "
            f"first. Received: name={name!r}"
        )
    if name == _INPUT:
        raise ValueError(
            "No task can be called `image`: the model that a bundle is folded "
            "and exported to has an input of this name, and no output can "
            f"share it. Choose another. Received: name={name!r}"
        )
    return name
