"""Where a source can be had again."""

import dataclasses
import os

from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.kinds import kind_of
from keras_snow.sources.known import NETWORKS

IMAGENET = "imagenet"
ENDINGS = (".keras", ".h5", ".hdf5")


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where a source was loaded from, and can be again.

    Args:
        spec: A name such as `"resnet50"`, or the path of a file or of a run.
        weights: Weights of a source given by name.
        input_scale: As of `load_source`.

    Examples:
        >>> Origin("resnet50").weights
        'imagenet'
    """

    spec: str
    weights: str | None = IMAGENET
    input_scale: str | None = None


def origin_of(
    spec: PathLike,
    weights: PathLike | None,
    input_scale: str | None = None,
) -> Origin | None:
    """Returns where a source can be had again; None for random weights.

    Args:
        spec: Name or path. A path is made absolute.
        weights: Weights of a source given by name.
        input_scale: As of `load_source`.

    Examples:
        >>> origin_of("resnet50", None) is None
        True
    """
    if is_file_name(spec) or (weights is not None and is_run(spec)):
        return Origin(absolute(spec), input_scale=input_scale)
    if weights is None:
        return None
    named = os.fspath(weights) == IMAGENET
    weights = IMAGENET if named else absolute(weights)
    return Origin(str(spec), weights, input_scale)


def is_file_name(spec: PathLike) -> bool:
    """Tells whether a source is given by a file, not by its name.

    Args:
        spec: Name or path.

    Examples:
        >>> is_file_name("resnet50"), is_file_name("mine.keras")
        (False, True)
    """
    name = os.fspath(spec)
    return name.endswith(ENDINGS) and not name.endswith(".weights.h5")


def is_run(spec: PathLike) -> bool:
    """Tells whether a source is given by the folder of a finished run.

    Args:
        spec: Name or path. The name of a network is no path.

    Examples:
        >>> is_run("resnet50"), is_run("runs/missing")
        (False, False)
    """
    if os.fspath(spec).lower() in NETWORKS or is_file_name(spec):
        return False
    place = expand_home(spec)
    return place.is_dir() and kind_of(place) == "run"


def without_download(spec: PathLike) -> str | None:
    """Returns the weights with which a source needs no download.

    Args:
        spec: Name or path. A file has its own weights.

    Returns:
        What `load_source` takes as `weights`; None, random ones, for a name.
        A run has its own weights, too.

    Examples:
        >>> without_download("mine.keras"), without_download("resnet50")
        ('imagenet', None)
    """
    return IMAGENET if is_file_name(spec) or is_run(spec) else None


def absolute(path: PathLike) -> str:
    """Returns an absolute path; `~` is the home folder.

    Args:
        path: A path.
    """
    return str(expand_home(path).absolute())
