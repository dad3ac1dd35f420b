"""The forms that a source is given in, looked at without Keras."""

import os
import pathlib
import shlex

from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.kinds import KINDS
from keras_snow.core.kinds import kind_of
from keras_snow.core.near_path import did_you_mean
from keras_snow.core.registry import nearest_names
from keras_snow.sources.handles import check_handle
from keras_snow.sources.handles import is_handle
from keras_snow.sources.known import NETWORKS
from keras_snow.sources.origin import IMAGENET
from keras_snow.sources.origin import is_file_name

_FORMS = (
    "A source is the name of a network (`keras-snow sources` lists them), a "
    "`.keras` file, a whole model in an `.h5` file, the folder of a finished "
    "run, or a handle such as `keras_hub:PRESET` or `hf://USER/MODEL`."
)
_REBUILD = (
    "Keras can't read it: build the network in Keras, set its weights, and "
    "write it with `model.save('network.keras')`."
)
_NO_WEIGHTS = (
    "Of this network there are no ImageNet weights. Take random ones, "
    "`weights=None` (`--weights none`), or make a source of it with "
    "`keras-snow pretrain --network {name}`. Received: source={name!r}"
)
# What to do with a file or folder of a kind, see `keras_snow.core.kinds`.
_ADVICE = {
    "keras_2": (
        'Convert it, with `pip install tf_keras`: `python -c "import tf_keras; '
        "tf_keras.models.load_model('{path}').save('{stem}.h5')\"`."
    ),
    "keras_other_ending": "Rename it: `mv {quoted} {stem}.keras`.",
    "keras_unpacked": (
        'Pack it: `python -c "import keras; '
        "keras.saving.load_model('{path}').save('{stem}.keras')\"`."
    ),
    "weights": (
        "Name their network, and hand the file over as its weights: `--source "
        "resnet50 --weights {quoted}`."
    ),
    "architecture": (
        'Make a network of it, with random weights: `python -c "import keras; '
        "keras.models.model_from_json(open('{path}').read())"
        ".save('{stem}.keras')\"`."
    ),
    "saved_model": (
        "One that Keras 2 wrote can be converted, with `pip install tf_keras`: "
        '`python -c "import tf_keras; '
        "tf_keras.models.load_model('{path}').save('{stem}.h5')\"`; of an "
        "exported one, save the model itself: `model.save('{stem}.keras')`."
    ),
    "onnx": _REBUILD,
    "torch": _REBUILD,
    "tflite": _REBUILD,
    "hugging_face": _REBUILD,
    "unfinished_run": (
        "Give the command that began it again to go on, or name the source "
        "that it is trained on."
    ),
    "bundle": "Its source is the file `source-....keras` in it.",
}


def check_spec(spec: PathLike, weights: PathLike | None = IMAGENET) -> None:
    """Looks whether a source can be had by a name or a path, without Keras.

    Args:
        spec: What the user typed.
        weights: As of `load_source`.

    Raises:
        FileNotFoundError: If it is a path at which there is nothing.
        ValueError: If it is neither a known name nor the file of a model; says
            what it is, and how to make a source of it.

    Examples:
        >>> check_spec("resnet50")
    """
    name = os.fspath(spec)
    place = expand_home(name)
    if is_handle(name):
        check_handle(name)
        return
    if name.lower() in NETWORKS:
        if NETWORKS.get(name.lower()).small and weights == IMAGENET:
            raise ValueError(_NO_WEIGHTS.format(name=name.lower()))
        _check_weights(weights)
        return
    if not name or not os.path.lexists(place):
        raise _missing(name)
    kind = kind_of(place)
    if kind == "run" and weights in (IMAGENET, None):
        return
    if kind not in ("keras", "h5", "run") and not _may_be_damaged(place, kind):
        advice = _ADVICE.get(kind, "").format(
            path=name, quoted=shlex.quote(name), stem=_stem(place)
        )
        raise ValueError(
            f"This is {KINDS[kind]}. {advice or _FORMS} "
            f"Received: source={name!r}"
        )
    if weights != IMAGENET:
        raise ValueError(
            "A source from a file or a run has its own weights. Leave out the "
            "weights, or name a network instead. Received: "
            f"source={name!r}, weights={'none' if weights is None else weights}"
        )


def _check_weights(weights: PathLike | None) -> None:
    if weights in (IMAGENET, None):
        return
    place = expand_home(weights or "")
    if not os.path.lexists(place):
        near = nearest_names(str(weights), [IMAGENET]).partition("Known:")[0]
        raise FileNotFoundError(
            "There is no file with weights at this path. "
            f"{near or did_you_mean(place)}Received: weights={str(weights)!r}"
        )
    kind = kind_of(place)
    if kind in ("keras", "keras_2", "keras_other_ending"):
        raise ValueError(
            "`weights` takes a `.weights.h5` or `.h5` file. Hand a `.keras` "
            "file over as the source itself. "
            f"Received: weights={str(weights)!r}"
        )
    if kind not in ("weights", "h5", "arrays", "file"):
        raise ValueError(
            f"This is {KINDS[kind]}. `weights` takes a `.weights.h5` or `.h5` "
            f"file. Received: weights={str(weights)!r}"
        )


def _may_be_damaged(path: pathlib.Path, kind: str) -> bool:
    """Loading says what is wrong with a file that is called like a model."""
    return kind == "file" and is_file_name(path)


def _missing(name: str) -> Exception:
    looks_like_path = os.path.dirname(name) or "." in name or name[:1] == "~"
    if looks_like_path:
        return FileNotFoundError(
            f"There is no such file. {did_you_mean(name)}{_FORMS} "
            f"Received: source={name!r}"
        )
    hint = nearest_names(name, NETWORKS.names())
    if name and not hint.startswith("Did you mean"):
        hint = f"{did_you_mean(name)}{hint}"
    return ValueError(f"Unknown source. {hint} Received: source={name!r}")


def _stem(path: pathlib.Path) -> str:
    """Returns the path without its ending."""
    return str(path.with_suffix("")) if path.is_file() else path.name
