"""What the paper prints, as data to stand beside ours.

Yoo, Kang and Cho, "SNOW: Subscribing to Knowledge via Channel Pooling for
Transfer & Lifelong Learning of Convolutional Neural Networks", ICLR 2020:
Table 7 (test accuracy), Table 8 (training on one V100; here its column for
Cars), Table 6 (parameters of the subscriptions for five tasks) and Table 5
(parameters of six tasks, ImageNet among them).
"""

import dataclasses
import pathlib
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

REFERENCE = (
    "[Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr), Tables 5 "
    "to 8: ResNet50 with ImageNet weights; speed and memory: training on Cars "
    "with one V100"
)
SOURCE = "resnet50"


@dataclasses.dataclass(frozen=True)
class PaperMethod:
    """What the paper prints about a method.

    Args:
        name: What the paper calls it.
        top1: Test accuracy in percent, by our name of the task (Table 7).
        millions: Parameters of six tasks, in millions (Table 5).
        images_per_second: In training, on Cars (Table 8).
        memory_gb: In training, on Cars (Table 8).

    Examples:
        >>> METHODS["fo"].top1["cars196"]
        51.96
    """

    name: str
    top1: Mapping[str, float]
    millions: float
    images_per_second: float
    memory_gb: float


TASKS = {
    "caltech_birds2011": 200,  # CUB
    "cars196": 196,
    "food101": 101,
    "dtd": 47,
    "stanford40_actions": 40,
}
"""Number of classes of the paper's tasks, by our name."""


def _method(
    name: str, top1: Sequence[float], millions: float, speed: float, gb: float
) -> PaperMethod:
    by_task = dict(zip(TASKS, top1, strict=True))
    return PaperMethod(name, by_task, millions, speed, gb)


_PATCH = _method("MP", (77.22, 81.42, 81.97, 72.41, 81.51), 26.9, 389, 14.67)
METHODS = {
    "snow": _method(
        "SNOW-256", (75.81, 83.79, 84.06, 72.37, 78.48), 30.8, 965, 4.25
    ),
    "fo": _method("FO", (65.96, 51.96, 70.76, 70.81, 76.41), 26.8, 1086, 4.24),
    "fe": _method("FE", (67.16, 74.05, 82.24, 71.45, 73.97), 28.3, 1209, 4.17),
    "ft": _method("FT", (77.93, 90.26, 87.63, 61.56, 75.40), 144.3, 359, 13.75),
    "mp_bn": _PATCH,
    "mp_depthwise": _PATCH,
    "pn": _method("PN", (76.51, 86.26, 86.19, 74.32, 79.99), 257.4, 185, 15.72),
}
"""By our name of the method."""

SUBSCRIPTION_MILLIONS = {
    "snow": 5.5,
    "snow:pointwise": 14.0,
    "snow:all": 17.5,
    "snow:attention": 35.0,
}
"""Parameters of five deltas, in millions, by our label (Table 6)."""


def paper_task(task: Mapping[str, Any]) -> str | None:
    """Returns our name of a task of the paper, if this is one.

    Args:
        task: A task of a comparison's plan: `name` and `data`.

    Examples:
        >>> paper_task({"name": "dtd", "data": {"num_classes": 47}})
        'dtd'
        >>> paper_task({"name": "dtd", "data": {"num_classes": 10}})
    """
    name: str = task["name"].split(":")[0]  # Without a version of TFDS.
    return name if TASKS.get(name) == task["data"]["num_classes"] else None


def is_papers_source(settings: Mapping[str, Any]) -> bool:
    """Tells whether a comparison's source is the paper's, by its name.

    Args:
        settings: Those of a comparison's plan.

    Examples:
        >>> is_papers_source({"source": "resnet50", "weights": "imagenet"})
        True
    """
    name = pathlib.PurePath(settings["source"]).stem
    return name == SOURCE and settings["weights"] == "imagenet"
