"""Which runtimes can answer a folded model, and which is taken."""

import importlib.util
import pathlib
import tempfile
from collections.abc import Callable

import keras

from keras_snow.core.checks import check_choice
from keras_snow.core.staging import staging
from keras_snow.serving.format import FORMATS
from keras_snow.serving.runtimes.jax_runtime import JaxRuntime
from keras_snow.serving.runtimes.openvino_runtime import OWN_CHOICE
from keras_snow.serving.runtimes.openvino_runtime import OpenVinoRuntime
from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.serving.runtimes.saved_model_runtime import SavedModelRuntime

AUTO = "auto"
FASTEST = "fastest"
# Of the largest logit. Rounding of float32 is some 1e-6, bfloat16's 1e-2.
EXACT = 1e-3

Opener = Callable[[keras.Model], Runtime]


def _through(
    format_name: str, opened: Callable[[pathlib.Path], Runtime] | None = None
) -> Opener:
    """Returns what exports a model and opens the file."""
    format_ = FORMATS[format_name]

    def open_model(model: keras.Model) -> Runtime:
        place = pathlib.Path(tempfile.gettempdir(), "model")
        with staging(place) as scratch:
            path = scratch / f"model{format_.ending}"
            format_.write(model, path)
            return (opened or format_.open)(path)

    return open_model


RUNTIMES: dict[str, Opener] = {
    "openvino": _through("openvino"),
    "onnxruntime": _through("onnx"),
    "tensorflow": _through("saved_model"),
    "tensorflow-xla": _through(
        "saved_model", lambda path: SavedModelRuntime(path, compiled=True)
    ),
    "jax": JaxRuntime,
    "openvino-bfloat16": _through(
        "openvino", lambda path: OpenVinoRuntime(path, OWN_CHOICE)
    ),
}
"""By name. Which of them is the fastest depends on the processor, on the number
of deltas and of images; the order tells nothing of it."""

_FORMAT_OF = {
    "openvino": "openvino",
    "onnxruntime": "onnx",
    "tensorflow": "saved_model",
    "tensorflow-xla": "saved_model",
    "openvino-bfloat16": "openvino",
}
# Those that compute in float32, in the order in which `auto` tries them. It is
# a fixed preference, no measurement on the machine at hand: OpenVINO leads for
# a few deltas or single images, not with many (docs/concepts/folding.md).
_EXACT = ("openvino", "onnxruntime", "tensorflow", "jax")


def why_not(name: str) -> str | None:
    """Returns why a runtime can't be used here; None if it can.

    Examples:
        >>> why_not("tensorflow") is None
        True
    """
    if name != "jax":
        return FORMATS[_FORMAT_OF[name]].why_not()
    if keras.backend.backend() != "jax":
        return "set KERAS_BACKEND=jax to use it"
    missing = importlib.util.find_spec("jax") is None
    return "jax is not installed" if missing else None


def is_left_open(name: str) -> bool:
    """Tells whether this names no runtime but a way to choose one.

    Examples:
        >>> is_left_open("auto"), is_left_open("openvino")
        (True, False)
    """
    return name in (AUTO, FASTEST)


def engine_for(name: str, engine: str | None) -> str | None:
    """Returns how the source is run in a model for a runtime.

    Args:
        name: The runtime.
        engine: How it was run for the deltas while they learned; None for any
            way in float32.

    Examples:
        >>> engine_for("tensorflow", "bfloat16")
        'bfloat16'
        >>> engine_for("openvino", "bfloat16")
        'float32'
    """
    # Others round in other places: what the deltas learned on is not met.
    return engine if engine is None or name == "tensorflow" else "float32"


def candidates(name: str = AUTO, engine: str | None = None) -> list[str]:
    """Returns the runtimes to try, in a fixed order of preference.

    Args:
        name: A runtime; or `"auto"` or `"fastest"` for all of float32 that are
            installed, and one that runs the source in `engine` first.
        engine: As of `engine_for`.
    """
    if is_left_open(name):
        found = [each for each in _EXACT if why_not(each) is None]
        return sorted(found, key=lambda x: engine_for(x, engine) != engine)
    check_choice("runtime", name, [AUTO, FASTEST, *RUNTIMES])
    if problem := why_not(name):
        raise ValueError(
            f"This runtime can't be used: {problem}. Received: runtime={name!r}"
        )
    return [name]


def why_second_best(name: str = AUTO) -> str | None:
    """Returns why the preferred runtime is not among those to try.

    Returns:
        A sentence; None if it is, or was not asked for.

    Examples:
        >>> why_second_best("tensorflow") is None
        True
    """
    preferred = _EXACT[0]
    problem = why_not(preferred) if is_left_open(name) else None
    return problem and f"{preferred} is preferred, but not tried: {problem}"
