"""A trial's settings and results for TensorBoard's HParams page."""

import importlib.util
import pathlib
from collections.abc import Mapping
from typing import Any

from keras_snow.callbacks.tensorboard_scalars import NEEDED


def write_hparams(
    folder: pathlib.Path,
    settings: Mapping[str, Any],
    results: Mapping[str, float],
) -> None:
    """Writes one trial; nothing where TensorFlow or TensorBoard is missing.

    Args:
        folder: The trial's own, beside those of others. What is there already
            is kept.
        settings: By name: numbers, words or truth values.
        results: By name.

    Examples:
        >>> write_hparams(pathlib.Path("logs/0"), {"k": 8}, {"val_top1": 0.5})
        >>> len(list(pathlib.Path("logs/0").iterdir()))
        1
    """
    if folder.exists() or not all(map(importlib.util.find_spec, NEEDED)):
        return
    import tensorflow as tf
    from tensorboard.plugins.hparams import api

    writer = tf.summary.create_file_writer(str(folder))
    with writer.as_default():
        api.hparams(dict(settings), trial_id=folder.name)
        for name, value in results.items():
            tf.summary.scalar(name, value, step=1)
    writer.close()
