"""Answers of a bundle when nobody says which task an image belongs to."""

import dataclasses
from typing import Any

import numpy as np
from keras import ops

from keras_snow.lifelong.task_router import TaskRouter
from keras_snow.serving.admission import pixels_of
from keras_snow.serving.bundle import Bundle


@dataclasses.dataclass(frozen=True)
class RoutedAnswer:
    """What is said of an image.

    Args:
        task: The task that it belongs to; None if to none.
        logits: Of that task, `(num_classes,)`; None if there is none.

    Examples:
        >>> RoutedAnswer(None, None).task is None
        True
    """

    task: str | None
    logits: np.ndarray | None


def answer_routed(
    bundle: Bundle, router: TaskRouter, images: Any
) -> list[RoutedAnswer]:
    """Returns the task of each image and its answer, by one pass of the source.

    Args:
        bundle: Its source has the router's tap.
        router: It knows tasks of the bundle.
        images: Raw RGB, `(batch, height, width, 3)`, values 0 to 255.

    Raises:
        ValueError: If the router knows a task that the bundle lacks, was made
            with another source, or an image is no raw RGB.
    """
    for known in router.tasks:
        bundle.task(known)
    router.check_source(bundle.source)
    pixels = pixels_of(images)
    maps = bundle.source(pixels)
    chosen = router.route_maps(maps)
    answers = [RoutedAnswer(None, None)] * len(pixels)
    for name in {each for each in chosen if each is not None}:
        rows = np.flatnonzero([each == name for each in chosen])
        delta = bundle.delta(name)
        inputs = {
            tap: ops.take(maps[tap], rows, axis=0) for tap in delta.tap_names
        }
        inputs[delta.IMAGE] = ops.convert_to_tensor(pixels[rows])
        logits = ops.convert_to_numpy(delta(inputs, training=False))
        for row, values in zip(rows, logits, strict=True):
            answers[row] = RoutedAnswer(name, values)
    return answers
