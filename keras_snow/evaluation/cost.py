"""What a model costs: parameters and images a second."""

import time
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_snow.core.checks import check_count
from keras_snow.core.limits import check_batch
from keras_snow.recipes.traversal import layers_of


def cost(
    model: keras.Model,
    image_size: int = 224,
    batch_size: int = 32,
    repeats: int = 5,
) -> dict[str, Any]:
    """Measures what a model costs to keep and to run.

    Args:
        model: Images to logits.
        image_size: Pixels of a side.
        batch_size: Images in a batch.
        repeats: Timed batches, after one that warms up. 0 times nothing.

    Returns:
        `parameters`: `trained`, `frozen` and `total`;
        `images_per_second`: of inference, from the median batch (None without
        repeats); `image_size` and `batch_size`.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> pooled = keras.layers.GlobalAveragePooling2D()(image)
        >>> model = keras.Model(image, keras.layers.Dense(2)(pooled))
        >>> cost(model, image_size=8, repeats=0)["parameters"]["total"]
        8
    """
    check_count("image_size", image_size)
    check_count("batch_size", batch_size)
    check_batch(batch_size, image_size)
    check_count("repeats", repeats, minimum=0)
    return {
        "parameters": count_parameters(model),
        "images_per_second": (
            _time_inference(model, image_size, batch_size, repeats)
            if repeats
            else None
        ),
        "image_size": image_size,
        "batch_size": batch_size,
    }


def count_parameters(model: keras.Model) -> dict[str, int]:
    """Returns how many numbers a model holds.

    Args:
        model: A built model.

    Returns:
        `trained`; `frozen`: in layers that do not train; `total`: these and
        the rest, such as moving statistics.
    """
    frozen = {
        id(variable): variable
        for layer in layers_of(model)
        if not layer.trainable
        for variable in layer.weights
    }
    return {
        "trained": _count(model.trainable_variables),
        "frozen": _count(list(frozen.values())),
        "total": _count(model.weights),
    }


def _count(variables: list[keras.Variable]) -> int:
    return sum(int(np.prod(variable.shape)) for variable in variables)


def _time_inference(
    model: keras.Model, image_size: int, batch_size: int, repeats: int
) -> float:
    shape = (batch_size, image_size, image_size, 3)
    images = np.random.default_rng(0).uniform(0, 255, shape).astype("float32")
    times = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        ops.convert_to_numpy(model.predict_on_batch(images))
        times.append(time.perf_counter() - began)
    return batch_size / float(np.median(times[1:]))
