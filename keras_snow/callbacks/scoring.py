"""Top-1, top-5 and loss of a model on a split."""

from typing import Any

import keras
import numpy as np
from keras import ops

TOP = 5


def predict_logits(model: keras.Model, data: Any) -> np.ndarray:
    """Returns the logits of all images, in their order.

    Args:
        model: Images to logits.
        data: What `Batches.data` holds.
    """
    if _replicas(model) > 1:
        return _predict_on_one_device(model, data)
    _compile_without_xla(model)
    return np.asarray(model.predict(data, verbose=0), "float32")


def score(logits: np.ndarray, labels: np.ndarray) -> dict[str, float | int]:
    """Returns the top-1 and top-5 accuracy and the loss of logits.

    With fewer than five classes top-5 counts them all. A row that is not finite
    is a miss.

    Args:
        logits: `(examples, classes)`.
        labels: Class numbers, `(examples,)`.

    Examples:
        >>> result = score(np.array([[2.0, 0.0], [3.0, 1.0]]), np.array([0, 1]))
        >>> result["top1"], result["top5"], result["count"]
        (0.5, 1.0, 2)
    """
    logits = np.asarray(logits, "float64")
    own = np.take_along_axis(logits, labels[:, None].astype("int64"), axis=1)
    # Ties count against the model: a constant answer knows nothing.
    ahead = (logits >= own).sum(axis=1) - 1
    finite = np.isfinite(logits).all(axis=1)
    peak = logits.max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):  # inf - inf: the loss is NaN then.
        total = np.log(np.exp(logits - peak).sum(axis=1)) + peak[:, 0]
        losses = total - own[:, 0]
    top = min(TOP, logits.shape[1])
    return {
        "top1": float(np.mean((ahead < 1) & finite)),
        "top5": float(np.mean((ahead < top) & finite)),
        "loss": float(np.mean(losses)),
        "count": len(labels),
    }


def _replicas(model):
    if keras.backend.backend() != "tensorflow":
        return 1
    return model.distribute_strategy.num_replicas_in_sync


def _compile_without_xla(model):
    """The last, smaller batch would cost XLA a second compilation."""
    if keras.backend.backend() != "tensorflow" or model.predict_function:
        return
    chosen = model.jit_compile
    model.jit_compile = False
    try:
        model.make_predict_function()
    finally:
        model.jit_compile = chosen


def _predict_on_one_device(model, data):
    """Keras' `predict` fails when the last batch leaves a replica empty."""
    import tensorflow as tf

    function = getattr(model, "_one_device_function", None)
    if function is None:
        function = tf.function(lambda images: model(images, training=False))
        model._one_device_function = function
    logits = [ops.convert_to_numpy(function(images)) for images, _ in data]
    return np.concatenate(logits).astype("float32")
