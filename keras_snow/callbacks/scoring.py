"""Top-1, top-5 and loss of a model on a split."""

from collections.abc import Callable
from collections.abc import Sequence
from concurrent import futures
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.core.host_values import is_shared
from keras_snow.core.host_values import own_value
from keras_snow.core.host_values import without_distribution
from keras_snow.metrics.several_classes import macro_f1
from keras_snow.metrics.several_classes import mean_average_precision

TOP = 5
# Batches that a host reads at the same time.
_READ = 4


def predict_logits(
    model: keras.Model,
    data: Any,
    on_batch: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Returns the logits of all images, in their order.

    Several hosts share the batches, and each gets all the logits.

    Args:
        model: Images to logits.
        data: What `Batches.data` holds.
        on_batch: Called after each batch that this host answers alone.
    """
    if is_shared(model):
        return _predict_on_each_host(model, data)
    if keras.backend.backend() == "tensorflow":
        return _predict_directly(model, data, on_batch)
    watching = keras.callbacks.LambdaCallback(
        on_predict_batch_end=lambda batch, logs=None: on_batch()
    )
    return np.asarray(
        model.predict(data, verbose=0, callbacks=[watching]), "float32"
    )


def score(
    logits: np.ndarray,
    labels: np.ndarray,
    thresholds: Sequence[float] | None = None,
) -> dict[str, float | int]:
    """Returns the top-1 and top-5 accuracy and the loss of logits.

    With fewer than five classes top-5 counts them all. A row that is not finite
    is a miss. Of images with several classes it is their mean average
    precision `map`, the mean `f1` of the classes, and the loss.

    Args:
        logits: `(examples, classes)`.
        labels: Class numbers, `(examples,)`; or rows of zeros and ones.
        thresholds: Probability from which each of several classes is answered;
            0.5 if None.

    Examples:
        >>> result = score(np.array([[2.0, 0.0], [3.0, 1.0]]), np.array([0, 1]))
        >>> result["top1"], result["top5"], result["count"]
        (0.5, 1.0, 2)
    """
    logits = np.asarray(logits, "float64")
    if labels.ndim == 2:
        return _score_several(logits, labels, thresholds)
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


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Returns the sigmoid of each logit.

    Args:
        logits: Any numbers.

    Examples:
        >>> probabilities(np.array([0.0, -1e4])).tolist()
        [0.5, 0.0]
    """
    with np.errstate(over="ignore"):
        found: np.ndarray = 1 / (1 + np.exp(-np.asarray(logits, "float64")))
    return found


def _score_several(
    logits: np.ndarray,
    rows: np.ndarray,
    thresholds: Sequence[float] | None,
) -> dict[str, float | int]:
    answers = probabilities(logits) >= (
        0.5 if thresholds is None else np.asarray(thresholds)
    )
    with np.errstate(invalid="ignore"):  # The loss is NaN then.
        losses = np.logaddexp(0, logits) - rows * logits
    return {
        "map": mean_average_precision(logits, rows),
        "f1": macro_f1(answers, rows),
        "loss": float(np.mean(losses.sum(axis=1))),
        "count": len(rows),
    }


def _predict_directly(model, data, on_batch):
    """Runs a graph of the model, traced once, without XLA.

    XLA would compile anew for the last, smaller batch. Keras' `predict` sets
    itself up for as long as a small model computes, and fails when the last
    batch leaves a replica empty.
    """
    answers = []
    for images, _ in data:
        function = getattr(model, "_logits_function", None)
        if function is None:
            function = model._logits_function = _trace(model, images)
        answers.append(
            keras.tree.map_structure(ops.convert_to_numpy, function(images))
        )
        on_batch()
    logits = keras.tree.map_structure(
        lambda *rows: np.concatenate(rows), *answers
    )
    return np.asarray(logits, "float32")


def _trace(model, images):
    """Returns the graph from a batch of any number of such images to logits."""
    import tensorflow as tf

    def any_number(array):
        return tf.TensorSpec((None, *array.shape[1:]), array.dtype)

    return tf.function(
        lambda images: model(images, training=False),
        input_signature=[keras.tree.map_structure(any_number, images)],
    )


def _predict_on_each_host(model, data):
    """Keras' `predict` hands out values that lie on other hosts."""
    import jax

    index, count = jax.process_index(), jax.process_count()
    function = _own_function(model)
    steps = range(index, data.num_batches, count)
    found = {}
    with futures.ThreadPoolExecutor(_READ) as readers:
        for start in range(0, len(steps), _READ):
            some = steps[start : start + _READ]
            batches = readers.map(data.__getitem__, some)
            for step, (images, _) in zip(some, batches, strict=True):
                found[step] = function(images)
    return _gather(found, data.num_batches)


def _own_function(model):
    """Returns a function from images to logits that runs on this host alone."""
    import jax

    run = getattr(model, "_own_function", None)
    if run is None:
        run = jax.jit(
            lambda trained, others, images: model.stateless_call(
                trained, others, images, training=False
            )[0]
        )
        model._own_function = run
    trained = [own_value(x) for x in model.trainable_variables]
    others = [own_value(x) for x in model.non_trainable_variables]

    def logits(images):
        with without_distribution():
            return np.asarray(run(trained, others, images), "float32")

    return logits


def _gather(found, steps):
    """Each host adds its rows to zeros; a sum with zeros is exact."""
    from jax.experimental import multihost_utils

    sizes = np.zeros((steps, 2), "int32")
    for step, logits in found.items():
        sizes[step] = logits.shape
    sizes = multihost_utils.process_allgather(sizes).sum(axis=0)
    first = np.cumsum(sizes[:, 0]) - sizes[:, 0]
    own = np.zeros((sizes[:, 0].sum(), sizes[:, 1].max()), "float32")
    for step, logits in found.items():
        own[first[step] : first[step] + len(logits)] = logits
    return multihost_utils.process_allgather(own).sum(axis=0)
