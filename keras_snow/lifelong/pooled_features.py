"""Pooled features of a network, a batch at a time."""

from collections.abc import Iterator

import keras
import numpy as np
from keras import ops

from keras_snow.data.cache import CacheChoice
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.task import Task
from keras_snow.layers.global_pooling import GlobalPooling
from keras_snow.metrics.class_moments import ClassMoments
from keras_snow.metrics.distances import squared_distances

BATCH = 32


def pooling_model(network: keras.Model) -> keras.Model:
    """Returns a model from raw RGB to the means of a network's maps.

    Args:
        network: From raw RGB to maps; a source's network has them in a dict of
            one.

    Returns:
        A model whose output is `(batch, channels)`. It shares the network's
        weights.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(8, 3, 2)(image)
        >>> pooling_model(keras.Model(image, maps)).output_shape
        (None, 8)
    """
    maps = network.output
    if isinstance(maps, dict):
        (maps,) = maps.values()
    return keras.Model(network.inputs[0], GlobalPooling()(maps))


def pooled_batches(
    model: keras.Model,
    task: Task,
    split: str,
    image_size: int,
    cache: CacheChoice = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields the features of the centre crops of a split, with their labels.

    Yields:
        Features `(batch, channels)`, float32, and class numbers `(batch,)`.
    """
    batches = evaluation_batches(task, split, image_size, BATCH, cache=cache)
    for step in range(batches.steps):
        images, labels = batches.reader(step)
        features = model(images.astype("float32"), training=False)
        yield ops.convert_to_numpy(features).astype("float32"), labels


def accuracy_before_learning(
    network: keras.Model,
    task: Task,
    image_size: int,
    cache: CacheChoice = None,
) -> float:
    """Returns what a network's features tell of a task that it has not learned.

    A head that no step was trained for: an image is of the class whose mean
    feature is the nearest. Features have the length 1, and the means are those
    of the training images.

    Reference:
        The nearest mean of
        [Rebuffi et al., 2017](https://arxiv.org/abs/1611.07725).

    Returns:
        Top-1 accuracy on the test images.
    """
    model = pooling_model(network)
    moments = ClassMoments(task.num_classes, model.output_shape[-1])
    for features, labels in pooled_batches(
        model, task, "train", image_size, cache
    ):
        moments.update(to_unit_length(features), labels)
    means = to_unit_length(moments.means)
    right = [
        squared_distances(means, to_unit_length(features)).argmin(axis=1)
        == labels
        for features, labels in pooled_batches(
            model, task, "test", image_size, cache
        )
    ]
    return float(np.concatenate(right).mean())


def to_unit_length(features: np.ndarray) -> np.ndarray:
    """Returns features scaled to the length 1.

    Args:
        features: `(images, channels)`.

    Examples:
        >>> to_unit_length(np.array([[3.0, 4.0]])).tolist()
        [[0.6, 0.8]]
    """
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    scaled: np.ndarray = features / np.maximum(lengths, 1e-12)
    return scaled
