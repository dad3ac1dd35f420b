"""The small file of a bundled delta: kernels in 16 bits."""

import contextlib
import io
import json
import math
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from keras import ops

from keras_snow.core.archive import arrays_of
from keras_snow.core.archive import opened_archive
from keras_snow.core.dtype_policy import dtype_policy
from keras_snow.core.files import PathLike
from keras_snow.core.load_model import limited_weights
from keras_snow.core.parse_json import parse_json
from keras_snow.deltas.compact import compact
from keras_snow.deltas.delta import Delta
from keras_snow.deltas.prototype_delta import PrototypeDelta
from keras_snow.deltas.resnet_delta import ResNetDelta

FORMAT = 2
_CONFIG = "config.json"
DELTAS: dict[str, type[Delta]] = {
    each.__name__: each for each in (ResNetDelta, PrototypeDelta)
}
"""Classes of deltas that a bundle can keep, by name."""

_FIRST = ResNetDelta.__name__  # All that files of format 1 hold.
_OWN = ("name", "source_fingerprint")  # Of each delta, whatever its form.
_STEPS = 1 << 15  # What 16 bits hold on either side of zero.
_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
Packed = dict[str, np.ndarray]


def pack(delta: Delta) -> tuple[Delta, Packed]:
    """Returns what is kept of a delta, and the arrays that keep it.

    The delta is made compact, so only the kernel rows of chosen maps are left,
    and its kernels are rounded to 16 bits: whole numbers times a power of two
    for each row. The error of a weight is at most a 32,000th of the largest in
    its row, mostly a tenth of what half precision would do. Packing what is
    packed changes nothing.

    Returns:
        A rounded copy, which answers bit for bit as the packed one will, and
        arrays by name.
    """
    # Whatever policy reigns here: what is kept has to answer alike elsewhere.
    with dtype_policy("float32"):
        small = compact(delta)
    arrays: Packed = {}
    for name, variable in _variables_of(small).items():
        value = ops.convert_to_numpy(variable)
        if not name.endswith("kernel"):
            arrays[name] = value
            continue
        parts = _round(value)
        arrays |= {f"{name}:{part}": parts[part] for part in parts}
        variable.assign(_restore(parts, value.shape))
    return small, arrays


def write_packed(path: PathLike, delta: Delta, arrays: Packed) -> None:
    """Writes a packed delta."""
    kind = type(delta).__name__
    config: dict[str, Any] = {"format": FORMAT, "class": kind}
    if kind == _FIRST:
        config = {"format": 1}  # Earlier versions can read it.
    config["delta"] = delta.get_config()
    with zipfile.ZipFile(path, "w") as archive:
        # Without the time of day: what is alike has one digest.
        archive.writestr(zipfile.ZipInfo(_CONFIG), json.dumps(config))
        for name, value in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, value, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy")
            archive.writestr(entry, content.getvalue())


def read_packed(
    path: PathLike, frames: dict[str, Delta] | None = None
) -> Delta:
    """Reads a packed delta.

    Args:
        path: The file.
        frames: Deltas by their form, to which this one's is added. One of the
            same form is given the weights that are read and returned, as
            Keras needs a second to make another.
    """
    with _told_with(path):
        with opened_archive(path) as archive:
            config = parse_json(archive.read(_CONFIG))
            arrays = arrays_of(archive)
        found = int(config["format"])
    _check_format(found, path)
    with _told_with(path):
        return _unpack(config, arrays, frames)


@contextlib.contextmanager
def _told_with(path: PathLike) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise ValueError(
            f"This file holds no delta of a bundle, or is damaged ({error}). "
            f"Received: path={str(path)!r}"
        ) from error


def _unpack(
    config: dict[str, Any],
    arrays: Packed,
    frames: dict[str, Delta] | None,
) -> Delta:
    held = sum(array.nbytes for array in arrays.values())
    with dtype_policy("float32"), limited_weights(held):
        kind = DELTAS[str(config.get("class", _FIRST))]
        delta = _make(kind, config["delta"], frames)
    for name, variable in _variables_of(delta).items():
        variable.assign(_value_of(name, arrays, variable.shape))
    return delta


def _make(
    kind: type[Delta],
    config: dict[str, Any],
    frames: dict[str, Delta] | None,
) -> Delta:
    own = {name: config[name] for name in _OWN}
    settings = {**config.get("settings", {}), "seed": None}
    form = json.dumps({**config, **dict.fromkeys(_OWN), "settings": settings})
    delta: Delta
    if frames is None or form not in frames:
        delta = kind.from_config(config)
        if frames is not None:
            frames[form] = delta
        return delta
    delta = frames[form]
    delta.source_fingerprint = own["source_fingerprint"]
    return delta


def _check_format(found: int, path: PathLike) -> None:
    if found > FORMAT:
        raise ValueError(
            "This delta was written by a newer version of keras_snow. Update "
            f"it. Received: format={found}, path={str(path)!r}"
        )


def _variables_of(delta: Delta) -> dict[str, Any]:
    """Returns the variables by a name that does not depend on the model's."""
    found = {}
    for layer in delta.layers:
        for variable in layer.weights:
            # A choice that is shared is found in several layers.
            found[f"{layer.name}/{variable.path.rsplit('/', 1)[-1]}"] = variable
    return found


def _value_of(name: str, arrays: Packed, shape: Any) -> np.ndarray:
    if name in arrays:
        return arrays[name]
    parts = {part: arrays[f"{name}:{part}"] for part in _PARTS}
    return _restore(parts, shape)


_PARTS = ("steps", "exponents")


def _round(value: np.ndarray) -> Packed:
    flat = value.astype("float32").reshape(-1, value.shape[-1])
    largest = np.abs(flat).max(axis=1, keepdims=True, initial=0.0)
    exponents = np.frexp(largest)[1].astype("int16")
    steps = np.rint(np.ldexp(flat, -exponents) * _STEPS)
    steps = steps.clip(-_STEPS, _STEPS - 1).astype("int16")
    return {"steps": steps, "exponents": exponents}


def _restore(parts: Packed, shape: Any) -> np.ndarray:
    steps, exponents = (parts[name] for name in _PARTS)
    fits = steps.size == math.prod(shape)
    if not fits or exponents.shape != (len(steps), 1):
        raise ValueError(f"its kernels have another shape than {shape}")
    values: np.ndarray = np.ldexp(steps.astype("float32") / _STEPS, exponents)
    return values.reshape(tuple(shape))
