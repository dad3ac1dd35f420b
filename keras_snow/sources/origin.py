"""Where a source can be had again."""

import dataclasses
import os

from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home

IMAGENET = "imagenet"


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where a source was loaded from, and can be again.

    Args:
        spec: A name such as `"resnet50"`, or the path of a `.keras` file.
        weights: Weights of a source given by name.

    Examples:
        >>> Origin("resnet50").weights
        'imagenet'
    """

    spec: str
    weights: str | None = IMAGENET


def origin_of(spec: PathLike, weights: PathLike | None) -> Origin | None:
    """Returns where a source can be had again; None for random weights.

    Args:
        spec: Name or path. A path is made absolute.
        weights: Weights of a source given by name.

    Examples:
        >>> origin_of("resnet50", None) is None
        True
    """
    if is_file_name(spec):
        return Origin(absolute(spec))
    if weights is None:
        return None
    named = os.fspath(weights) == IMAGENET
    return Origin(str(spec), IMAGENET if named else absolute(weights))


def is_file_name(spec: PathLike) -> bool:
    """Tells whether a source is given by a file, not by its name.

    Args:
        spec: Name or path.

    Examples:
        >>> is_file_name("resnet50"), is_file_name("mine.keras")
        (False, True)
    """
    return os.fspath(spec).endswith(".keras")


def absolute(path: PathLike) -> str:
    """Returns an absolute path; `~` is the home folder.

    Args:
        path: A path.
    """
    return str(expand_home(path).absolute())
