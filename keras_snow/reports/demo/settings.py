"""What the demo compares, and what every method gets."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from keras_snow.core.registry import nearest_names
from keras_snow.reports.demo.network import SourceSettings

TASKS = ("direction", "pointing", "counting", "relation", "frequency")
METHODS = ("snow", "fo", "scratch")
TITLES = {
    "snow": "SNOW",
    "fo": "final layer only",
    "scratch": "from scratch",
}


@dataclasses.dataclass(frozen=True)
class DemoSettings:
    """What every method of the demo gets, and what SNOW is made of.

    Args:
        tasks: Tasks that are compared if none are named.
        images: Training images of a task.
        validation: Validation images; they choose the epoch that is kept.
        test: Test images.
        epochs: Passes over the training images, for every method.
        batch_size: Images a step.
        learning_rates: Of each method, the best of three on images of another
            seed: 0.005, 0.01 and 0.02 for SNOW, 0.03, 0.1 and 0.3 for the final
            layer, 0.003, 0.01 and 0.02 for scratch.
        snow: Settings of SNOW's delta, chosen on images of other seeds. The
            source has 24 to 96 maps a tap where ResNet50 has 64 to 2048, so
            most of them are kept, and the delta is as wide as the source. The
            head reads those: reading all was worse on two of three tasks.
        source: How the source is made.

    Examples:
        >>> DemoSettings(epochs=1).epochs
        1
    """

    tasks: tuple[str, ...] = ("direction", "pointing", "frequency")
    images: int = 300
    validation: int = 200
    test: int = 1000
    epochs: int = 14
    batch_size: int = 32
    learning_rates: dict[str, float] = dataclasses.field(
        default_factory=lambda: {"snow": 1e-2, "fo": 1e-1, "scratch": 1e-2}
    )
    snow: dict[str, Any] = dataclasses.field(
        default_factory=lambda: {
            "k": 0.75,
            "width": 1.0,
            "dropout": 0.0,
            "head_k": None,
        }
    )
    source: SourceSettings = dataclasses.field(default_factory=SourceSettings)


def check_tasks(names: Sequence[str]) -> None:
    """Raises a ValueError unless all are tasks that the demo compares on."""
    for name in names:
        if name not in TASKS:
            raise ValueError(
                "The demo has no such task. "
                f"{nearest_names(name, list(TASKS))} Received: task={name!r}"
            )
    if not names:
        raise ValueError("The demo needs a task. Received: tasks=[]")
