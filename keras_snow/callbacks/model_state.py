"""A model's changing variables in one `.npz` file, written atomically."""

import collections
import hashlib
import json
import pathlib
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.core.archive import load_arrays
from keras_snow.core.files import replace_atomically
from keras_snow.core.parse_json import parse_json
from keras_snow.recipes.traversal import layers_of

Arrays = dict[str, np.ndarray]


def changing_variables(model: keras.Model) -> list[keras.Variable]:
    """Returns the weights that training can change, in the model's order.

    Weights of frozen layers are left out: a frozen source never changes, and is
    most of the model. Statistics of normalisations and the slots of a channel
    pooling are in.
    """
    frozen = {id(variable) for variable in frozen_variables(model)}
    return [x for x in model.weights if id(x) not in frozen]


def frozen_variables(model: keras.Model) -> list[keras.Variable]:
    """Returns the weights of the frozen layers, in the model's order."""
    frozen = {
        id(variable)
        for layer in layers_of(model)
        if not layer.trainable
        for variable in layer.weights
    }
    return [x for x in model.weights if id(x) in frozen]


def read_weights(model: keras.Model) -> Arrays:
    """Returns the values of the changing variables."""
    variables = changing_variables(model)
    return _read("weight", _names_of_weights(model, variables), variables)


def read_optimizer(model: keras.Model) -> Arrays:
    """Returns the values of the optimizer's variables."""
    return _read("optimizer", _names_of_slots(model), model.optimizer.variables)


def write_weights(model: keras.Model, arrays: Arrays) -> None:
    """Sets the changing variables to what `read_weights` returned."""
    variables = changing_variables(model)
    names = _names_of_weights(model, variables)
    _write("weight", names, variables, arrays)


def write_optimizer(model: keras.Model, arrays: Arrays) -> None:
    """Sets the optimizer's variables to what `read_optimizer` returned."""
    variables = model.optimizer.variables
    _write("optimizer", _names_of_slots(model), variables, arrays)


def all_finite(arrays: Arrays) -> bool:
    """Tells whether no value is NaN or infinite.

    Args:
        arrays: Values by name.
    """
    return all(
        bool(np.isfinite(array).all())
        for array in arrays.values()
        if array.dtype.kind == "f"
    )


def save_state(
    path: pathlib.Path, arrays: Arrays, state: dict[str, Any]
) -> None:
    """Writes arrays and plain data as one file, whole or not at all.

    Args:
        path: A `.npz` file.
        arrays: Values by name.
        state: What JSON can hold.
    """
    text = np.frombuffer(json.dumps(state).encode(), "uint8")
    with (
        replace_atomically(path) as temporary,
        temporary.open("wb") as file,
    ):
        np.savez(file, **{"state": text, **arrays})  # type: ignore[arg-type]


def load_state(path: pathlib.Path) -> tuple[Arrays, dict[str, Any]]:
    """Reads what `save_state` wrote. Nothing is unpickled."""
    try:
        arrays = load_arrays(path)
        return arrays, parse_json(arrays.pop("state").tobytes())
    except (ValueError, KeyError) as error:
        raise ValueError(
            f"This checkpoint is damaged ({error}). Remove the run's folder "
            f"and start again. Received: path={str(path)!r}"
        ) from error


def digest(variables: list[keras.Variable]) -> str:
    """Returns a digest of the values of some variables."""
    total = hashlib.sha256()
    for variable in variables:
        total.update(to_numpy(variable).tobytes())
    return total.hexdigest()


def to_numpy(variable: keras.Variable) -> np.ndarray:
    """Returns a variable's value, also of one that lies on several devices."""
    return ops.convert_to_numpy(ops.convert_to_tensor(variable))


def weights_in(arrays: Arrays) -> Arrays:
    """Returns those arrays of a checkpoint that `read_weights` gave.

    Args:
        arrays: Values by name.
    """
    return {x: arrays[x] for x in arrays if x.startswith("weight")}


def _names_of_weights(model, variables):
    """Names variables by their paths, without what Keras has counted."""
    kinds = {type(layer).__name__.lower() for layer in layers_of(model)}
    return [_without_counters(variable.path, kinds) for variable in variables]


def _names_of_slots(model):
    """Names an optimizer's variables by the weights that they belong to.

    Their own names begin with the weight's path, `/` being `_` in it.
    """
    names = {
        variable.path.replace("/", "_"): name
        for variable, name in zip(
            model.weights, _names_of_weights(model, model.weights), strict=True
        )
    }
    longest = sorted(names, key=len, reverse=True)
    for variable in model.optimizer.variables:
        slot = variable.name
        owner = next((x for x in longest if slot.startswith(f"{x}_")), None)
        if owner is None:
            yield slot
        else:
            yield f"{names[owner]}/{slot.removeprefix(f'{owner}_')}"


def _without_counters(path, kinds):
    """Keras calls a layer without a name after its class, and counts them."""
    parts = []
    for part in path.split("/"):
        base, _, count = part.rpartition("_")
        counted = count.isdigit() and base.replace("_", "") in kinds
        parts.append(base if counted else part)
    return "/".join(parts)


def _keys(prefix, names):
    """Returns a key for each name; equal names are told by their order."""
    seen: collections.Counter[str] = collections.Counter()
    found = []
    for name in names:
        seen[name] += 1
        number = f":{seen[name]}" if seen[name] > 1 else ""
        found.append(f"{prefix}/{name}{number}")
    return found


def _read(prefix, names, variables):
    return {
        key: np.array(to_numpy(variable))
        for key, variable in zip(_keys(prefix, names), variables, strict=True)
    }


def _write(prefix, names, variables, arrays):
    keys = _keys(prefix, names)
    given = sorted(name for name in arrays if name.startswith(prefix))
    # Files older than the names have the variables in the model's order.
    positions = [f"{prefix}_{index:04d}" for index in range(len(keys))]
    keys = positions if given == positions else keys
    if given != sorted(keys) or any(
        tuple(arrays[key].shape) != tuple(variable.shape)
        for key, variable in zip(keys, variables, strict=True)
    ):
        raise ValueError(
            "This checkpoint belongs to another model. Build the model as it "
            f"was built when the run began. Received: {len(given)} {prefix} "
            f"arrays for {len(keys)} variables"
        )
    for key, variable in zip(keys, variables, strict=True):
        variable.assign(arrays[key])
