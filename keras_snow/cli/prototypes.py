"""Photographs that the user named, as a delta."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

import click

from keras_snow.cli.read_options import tell_task
from keras_snow.cli.task_options import file_rules

if TYPE_CHECKING:
    from keras_snow.deltas import PrototypeDelta
    from keras_snow.serving import Bundle


def make_prototypes(
    bundle: Bundle, images: str, options: dict[str, Any]
) -> tuple[PrototypeDelta, dict[str, Any]]:
    """Makes a delta of a few images of each class, and says how good it is.

    Returns:
        The delta, and the names of its classes, and the size of its images and
        the range of their values.
    """
    from keras_snow.data import load_task
    from keras_snow.fewshot import prototype_delta
    from keras_snow.serving.image_sizes import IMAGE_SIZE

    rules = file_rules(options)
    task = load_task(images, validation=0.0, test=0.0, **rules)
    tell_task(task, quiet=True)
    base = options["base"]
    # Both are seen by one source, and answered as one task.
    rules["value_range"] = rules["value_range"] or task.value_range
    sizes = {each.image_size for each in bundle.tasks if each.image_size}
    size = options["image_size"] or (
        sizes.pop() if len(sizes) == 1 else IMAGE_SIZE
    )
    delta, report = prototype_delta(
        bundle.source,
        task,
        size,
        base and load_task(base, validation=0.0, test=0.0, **rules),
        options["distance"],
        show=True,
    )
    click.echo(
        f"prototypes of {sum(report.counts)} images, {min(report.counts)} to "
        f"{max(report.counts)} of each class, at {size} px"
    )
    if report.left_out:
        click.echo(
            f"each answered by the others: {report.right} of "
            f"{report.left_out} right"
        )
    return delta, {
        "class_names": task.class_names,
        "image_size": size,
        "value_range": task.value_range,
    }
