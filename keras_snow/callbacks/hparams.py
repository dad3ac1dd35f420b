"""A trial's settings and results for TensorBoard's HParams page."""

import pathlib
from collections.abc import Mapping
from typing import Any

from keras_snow.callbacks.summaries import Summaries


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
    if folder.exists():
        return
    summaries = Summaries(folder)
    with summaries.opened() as summary:
        if summary is None:
            return
        from tensorboard.plugins.hparams import api

        api.hparams(dict(settings), trial_id=folder.name)
        for name, value in results.items():
            summary.scalar(name, value, step=1)
    summaries.close()
