"""Reads Keras' own files, which may declare more than they hold."""

import contextlib
import io
import math
import pathlib
import threading
from collections.abc import Iterator
from typing import Any

import keras

from keras_snow.core.archive import arrays_of
from keras_snow.core.archive import check_expansion
from keras_snow.core.archive import opened_archive
from keras_snow.core.errors import sentence_of
from keras_snow.core.files import PathLike
from keras_snow.core.parse_json import parse_json

MOST_MAPS = 1 << 28
"""Numbers that a layer may give for an image, where its graph says how many."""
# What is an int8 in a file may be a float32 in memory, and seeds are in none.
_GROWTH, _FREE = 8, 1 << 24
_LONGEST = 20  # Causes of causes.
_PATCHING = threading.RLock()


def load_model(path: PathLike) -> keras.Model:
    """Loads a `.keras` or a whole `.h5` file, in safe mode and not compiled."""
    path = pathlib.Path(path)
    try:
        held = _bytes_held(path)
        with limited_weights(held):
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
        _check_maps(model)
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(_reason(error)) from error
    return model


@contextlib.contextmanager
def limited_weights(held: int) -> Iterator[None]:
    """Refuses layers whose weights a file can't hold, before they are made.

    Examples:
        >>> with limited_weights(1000):
        ...     keras.layers.Dense(1 << 30).build((None, 8))
        Traceback (most recent call last):
        ...
        keras_snow...TooManyWeightsError: its layers declare 8,589,934,592 ...
    """
    layer, most = keras.layers.Layer, _FREE + _GROWTH * held
    made, here = 0, threading.get_ident()

    def add_weight(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal made
        if threading.get_ident() == here:
            shape = args[0] if args else kwargs.get("shape")
            made += _count(shape)
            if 4 * made > most:
                raise TooManyWeightsError(
                    f"its layers declare {made:,} weights, and it holds "
                    f"{held:,} bytes of them"
                )
        return original(self, *args, **kwargs)

    with _PATCHING:
        original = layer.add_weight
        layer.add_weight = add_weight
        try:
            yield
        finally:
            layer.add_weight = original


class TooManyWeightsError(ValueError):
    """Raised before they are made; Keras hides what it catches."""


def _count(shape: Any) -> int:
    if shape is None:
        return 1
    sides = shape if hasattr(shape, "__iter__") else (shape,)
    return math.prod(int(side) for side in sides)


def _bytes_held(path: pathlib.Path) -> int:
    """Returns the bytes of a file's arrays, which are there."""
    import h5py

    if h5py.is_hdf5(path):
        with h5py.File(path, "r") as file:
            parse_json(file.attrs.get("model_config", "{}"))
            return _held_in(file)
    held = 0
    with opened_archive(path) as archive:
        parse_json(archive.read("config.json"))
        for name in archive.namelist():
            if name.endswith(".h5"):
                content = io.BytesIO(archive.read(name))
                with h5py.File(content, "r") as file:
                    held += _held_in(file)
            elif name.endswith(".npz"):
                content = io.BytesIO(archive.read(name))
                with opened_archive(content) as inner:
                    held += sum(x.nbytes for x in arrays_of(inner).values())
    return held


def _held_in(file: Any) -> int:
    import h5py

    held = 0

    def look(name: str, part: Any) -> None:
        nonlocal held
        if not isinstance(part, h5py.Dataset):
            return
        if part.external or part.is_virtual:
            raise ValueError(f"{name!r} lies in another file")
        stored = part.id.get_storage_size()
        unit = part.dtype.itemsize
        # A chunk is unpacked as a whole, whatever part of it is there.
        for shape in (part.shape or (), part.chunks or ()):
            check_expansion(repr(name), math.prod(shape) * unit, stored)
        held += math.prod(part.shape or ()) * unit

    file.visititems(look)
    return held


def _check_maps(model: keras.Model) -> None:
    for layer in model._flatten_layers():
        for node in layer._inbound_nodes:
            for maps in node.output_tensors:
                size = math.prod(side for side in maps.shape if side)
                if size > MOST_MAPS:
                    raise ValueError(
                        f"its layer {layer.name!r} gives {size:,} numbers for "
                        f"an image, of {MOST_MAPS:,} at most"
                    )


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    for _ in range(_LONGEST):
        if cause is None:
            break
        if isinstance(cause, TooManyWeightsError):
            return sentence_of(cause)
        cause = cause.__cause__ or cause.__context__
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
