"""Where a source can be had again."""

import dataclasses
import os


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
    weights: str | None = "imagenet"


def origin_of(
    spec: str | os.PathLike[str], weights: str | os.PathLike[str] | None
) -> Origin | None:
    """Returns where a source can be had again; None for random weights.

    Args:
        spec: Name or path.
        weights: Weights of a source given by name.

    Examples:
        >>> origin_of("resnet50", None) is None
        True
    """
    if os.fspath(spec).endswith(".keras"):
        return Origin(os.path.abspath(spec))
    if weights is None:
        return None
    place = os.fspath(weights)
    return Origin(
        str(spec), place if place == "imagenet" else os.path.abspath(place)
    )
