"""Answers of a bundle when nobody says which task an image belongs to."""

import dataclasses
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from keras_snow.lifelong.task_choice import TaskChoice
from keras_snow.lifelong.task_router import TaskRouter
from keras_snow.serving.admission import pixels_of
from keras_snow.serving.bundle import Bundle


@dataclasses.dataclass(frozen=True)
class RoutedAnswer:
    """What is said of an image.

    Args:
        choice: The nearest task, and whether it is near enough.
        logits: Of the task that the image belongs to, `(num_classes,)`; None
            if it belongs to none.

    Examples:
        >>> RoutedAnswer(TaskChoice("birds", 95.0, 90.0), None).task is None
        True
    """

    choice: TaskChoice
    logits: np.ndarray | None

    @property
    def task(self) -> str | None:
        """The task that the image belongs to; None if to none."""
        return self.choice.task


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

    def answer(name: str, rows: np.ndarray) -> Any:
        delta = bundle.delta(name)
        inputs = {
            tap: ops.take(maps[tap], rows, axis=0) for tap in delta.tap_names
        }
        inputs[delta.IMAGE] = ops.convert_to_tensor(pixels[rows])
        return delta(inputs, training=False)

    return answer_chosen(router.choices_of_maps(maps), answer)


def answer_chosen(
    choices: Sequence[TaskChoice], answer: Callable[[str, np.ndarray], Any]
) -> list[RoutedAnswer]:
    """Lets each task answer the images that belong to it.

    Args:
        choices: Of each image.
        answer: Gets a task and the places of its images, and returns their
            logits, `(images, num_classes)`.
    """
    answers = [RoutedAnswer(choice, None) for choice in choices]
    for name in {each.task for each in choices if each.task is not None}:
        rows = np.flatnonzero([each.task == name for each in choices])
        logits = ops.convert_to_numpy(answer(name, rows))
        for row, values in zip(rows, logits, strict=True):
            answers[row] = dataclasses.replace(answers[row], logits=values)
    return answers
