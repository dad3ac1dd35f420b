"""Deltas in files of their own, and the source that they belong to."""

import os

from keras_snow.core.files import PathLike
from keras_snow.core.load_model import load_model
from keras_snow.deltas.delta import Delta
from keras_snow.sources.source import Source


def load_delta(path: PathLike) -> Delta:
    """Loads a delta that `SNOWModel.save_delta` wrote, in safe mode.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or holds no delta.
    """
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"There is no such file. Received: {path}")
    try:
        delta = load_model(path)
    except ValueError as error:
        raise ValueError(
            "This file could not be loaded as a delta; it may be damaged, or "
            "written by a later version "
            f"({error}). Received: path={path!r}"
        ) from error
    if not isinstance(delta, Delta):
        raise ValueError(
            "This file holds no delta. Load whole models with "
            f"`keras.saving.load_model`. Received: path={path!r}"
        )
    return delta


def check_fingerprint(
    delta: Delta, source: Source, found: str | None = None
) -> None:
    """Looks whether a delta was made for a source.

    Args:
        delta: The delta.
        source: The source, cut behind the last tap that the delta reads.
        found: Its fingerprint, if it is known.

    Raises:
        ValueError: If it was made for another one.
    """
    found = found or source.fingerprint
    made_for = getattr(delta, "source_fingerprint", None)
    if made_for != found:
        scales = getattr(delta, "input_scale", None), source.input_scale
        other = scales[0] != scales[1]
        why = " They differ in `input_scale`: {!r} there, {!r} here."
        raise ValueError(
            "This delta was trained on another source; its answers would be "
            f"wrong.{why.format(*scales) if other else ''} Received: delta "
            f"made for {str(made_for)[:12]}, source has {found[:12]}"
        )
