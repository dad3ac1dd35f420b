"""Losses and metrics of a model that answers logits, not probabilities."""

import copy
import inspect
import math
from typing import Any

import keras
import numpy as np

from keras_snow.core.warn_user import warn_user

_KINDS = ("loss", "metrics", "weighted_metrics")
_CLASSES = {
    cls().fn: cls
    for cls in (
        keras.losses.BinaryCrossentropy,
        keras.losses.BinaryFocalCrossentropy,
        keras.losses.CategoricalCrossentropy,
        keras.losses.CategoricalFocalCrossentropy,
        keras.losses.SparseCategoricalCrossentropy,
    )
}
# They take probabilities, and can't be told of logits.
_OF_PROBABILITIES = [
    cls().fn
    for cls in (
        keras.losses.KLDivergence,
        keras.losses.Poisson,
        keras.losses.Dice,
        keras.losses.Tversky,
        keras.losses.CategoricalGeneralizedCrossEntropy,
    )
]
_COUNTS = (
    keras.metrics.Precision,
    keras.metrics.Recall,
    keras.metrics.TruePositives,
    keras.metrics.TrueNegatives,
    keras.metrics.FalsePositives,
    keras.metrics.FalseNegatives,
    keras.metrics.SensitivityAtSpecificity,
    keras.metrics.SpecificityAtSensitivity,
    keras.metrics.PrecisionAtRecall,
    keras.metrics.RecallAtPrecision,
    keras.metrics.FBetaScore,
)
# Keras chooses among its crossentropies by the labels.
_ANY = ("crossentropy", "ce")
_ANY_LINE = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
_BINARY = (keras.metrics.BinaryAccuracy, keras.metrics.BinaryIoU)


def of_logits(options: dict[str, Any]) -> dict[str, Any]:
    """Returns arguments of `compile` whose losses and metrics read logits.

    What expects probabilities, as most of Keras does unless it is told, is told
    of logits, with a warning.

    Args:
        options: Arguments of `keras.Model.compile`.

    Raises:
        ValueError: If something expects probabilities and can't be told; says
            what to write.

    Examples:
        >>> loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        >>> of_logits({"loss": loss})["loss"] is loss
        True
    """
    fitted = dict(options)
    for kind in _KINDS:
        if options.get(kind) is not None:
            binary = _is_binary(options.get("loss"))
            fitted[kind] = _map(options[kind], _Reader(kind, binary))
    return fitted


def _map(given: Any, change: Any) -> Any:
    if isinstance(given, dict):
        return {name: _map(part, change) for name, part in given.items()}
    if isinstance(given, (list, tuple)):
        return type(given)(_map(part, change) for part in given)
    return given if given is None else change(given)


class _Reader:
    """Makes losses, or metrics, read logits.

    Args:
        kind: `"loss"`, `"metrics"` or `"weighted_metrics"`.
        binary: Whether the loss reads each logit by itself, by its sigmoid.
    """

    def __init__(self, kind: str, binary: bool) -> None:
        self.kind = kind
        self.binary = binary
        self.home = "losses" if kind == "loss" else "metrics"

    def __call__(self, given: Any) -> Any:
        if self.kind == "loss" and str(given).lower() in _ANY:
            raise self._refusal(given, _ANY_LINE)
        found = _find(given, self.home)
        change = self._change_of(found)
        if change:
            return self._changed(found, **change)
        function, arguments = _function_of(found)
        if function in _OF_PROBABILITIES:
            softmax = f"{_path_of(function)}(y, keras.ops.softmax(logits))"
            raise self._refusal(found, f"lambda y, logits: {softmax}")
        told = getattr(found, "from_logits", arguments.get("from_logits"))
        if told or (told is None and not _takes_logits(function)):
            return given
        if not inspect.isfunction(found):
            return given if _normalises(found) else self._changed(found)
        if function not in _CLASSES:
            call = f"{_path_of(function)}(y, logits, from_logits=True)"
            raise self._refusal(found, f"lambda y, logits: {call}")
        if self.kind == "loss":
            return self._changed(_CLASSES[function]())
        name = function.__name__
        return self._changed(keras.metrics.MeanMetricWrapper(function, name))

    def _change_of(self, metric: Any) -> dict[str, Any]:
        """Returns the setting with which a metric reads logits, if any."""
        if _is_own(metric, "update_state"):
            return {}
        if isinstance(metric, _BINARY) and 0 < metric.threshold < 1:
            share = metric.threshold
            return {"threshold": math.log(share / (1 - share))}
        if isinstance(metric, keras.metrics.AUC) and not metric._from_logits:
            if self.binary:
                return {"from_logits": True}
            raise self._refusal(metric, _subclass_of(metric))
        if isinstance(metric, _COUNTS) and _compares(metric):
            raise self._refusal(metric, _subclass_of(metric))
        return {}

    def _changed(self, found: Any, **change: Any) -> Any:
        """Returns a loss or metric with another setting, and warns."""
        ((name, value),) = (change or {"from_logits": True}).items()
        try:
            new = type(found).from_config({**found.get_config(), name: value})
        except TypeError:  # A subclass whose configuration has no such name.
            new = copy.copy(found)
            setattr(new, name, value)
        setting = f"{name}={value if value is True else round(value, 4)}"
        warn_user(
            f"The model answers logits, and `{_name_of(found)}` expects "
            f"probabilities, so it is computed with `{setting}`. Write "
            f"`{self.kind}={self._listed(self._line(found, setting))}`."
        )
        return new

    def _line(self, found: Any, setting: str) -> str:
        if type(found) is keras.metrics.MeanMetricWrapper:
            setting = f"{_path_of(found._fn)}, {setting}"
        name = type(found).__name__
        ours = not type(found).__module__.startswith("keras.")
        return f"{'' if ours else f'keras.{self.home}.'}{name}({setting})"

    def _listed(self, line: str) -> str:
        return line if self.kind == "loss" else f"[{line}]"

    def _refusal(self, found: Any, line: str) -> ValueError:
        name = found if isinstance(found, str) else _name_of(found)
        write = f"Write `{self.kind}={self._listed(line)}`."
        return ValueError(
            f"The model answers logits, and `{name}` expects probabilities. "
            f"{line if line.startswith('Give') else write} "
            f"Received: {self.kind}={name}"
        )


def _find(given: Any, home: str) -> Any:
    """Returns what Keras makes of it; itself where Keras will complain."""
    try:
        return getattr(keras, home).get(given)
    except (ValueError, TypeError):
        return given


def _function_of(found: Any) -> tuple[Any, dict[str, Any]]:
    """Returns the function that a loss or metric wraps, and its arguments."""
    if inspect.isfunction(found):
        return found, {}
    function = getattr(found, "fn", getattr(found, "_fn", None))
    return function, getattr(found, "_fn_kwargs", {})


def _takes_logits(function: Any) -> bool:
    try:
        return "from_logits" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _is_binary(loss: Any) -> bool:
    found = (_find(x, "losses") for x in keras.tree.flatten(loss))
    names = (getattr(_function_of(x)[0], "__name__", "") for x in found)
    return any("binary" in name for name in names)


def _is_own(found: Any, method: str) -> bool:
    """Tells whether a user's class has a method of its own."""
    own = getattr(type(found), method, None)
    return not getattr(own, "__module__", "keras.").startswith("keras.")


def _compares(metric: Any) -> bool:
    """Tells whether a metric compares answers with a threshold."""
    if isinstance(metric, keras.metrics.FBetaScore):
        return metric.threshold is not None
    return getattr(metric, "top_k", None) is None


def _normalises(loss: Any) -> bool:
    """Tells whether a user's loss makes probabilities of logits itself.

    It does not see then what is added to all logits of an image.
    """
    if not isinstance(loss, keras.losses.Loss) or not _is_own(loss, "call"):
        return False
    labels, logits = np.arange(3), np.eye(3, dtype="float32") * 2 - 1
    for given in (labels, np.eye(3, dtype="float32")):
        try:
            some, same = (float(loss(given, logits + x)) for x in (0, 5))
        except (ValueError, TypeError, IndexError):
            continue
        return math.isclose(some, same, rel_tol=1e-3)
    return False


def _name_of(found: Any) -> str:
    function, _ = _function_of(found)
    plain = type(found) is keras.metrics.MeanMetricWrapper
    named = function if plain or inspect.isfunction(found) else type(found)
    return str(named.__name__)


def _path_of(function: Any) -> str:
    name = str(function.__name__)
    known = getattr(keras.losses, name, None) is function
    return f"keras.losses.{name}" if known else name


def _subclass_of(metric: Any) -> str:
    """Returns a class whose metric reads logits, to be written."""
    name = type(metric).__name__
    return (
        f"Give it probabilities, in a class of your own:\n\n"
        f"    class {name}OfLogits(keras.metrics.{name}):\n"
        "        def update_state(self, y, logits, weights=None):\n"
        "            chances = keras.ops.softmax(logits)\n"
        "            return super().update_state(y, chances, weights)\n\n"
    )
