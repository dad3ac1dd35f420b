"""What the paper prints, as data to stand beside ours.

Yoo, Kang and Cho, "SNOW: Subscribing to Knowledge via Channel Pooling for
Transfer & Lifelong Learning of Convolutional Neural Networks", ICLR 2020:
Table 4 (sensitivity), Table 7 (test accuracy, top-5 in brackets), Table 8
(training on one V100),
Table 6 (accuracy of the subscriptions, and their parameters for five tasks) and
Table 5 (parameters of six tasks, ImageNet among them). LF stands in appendix
A.3, with one speed and one memory for all tasks.
"""

import dataclasses
import pathlib
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

REFERENCE = (
    "[Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr), Tables 5 "
    "to 8 and, for LF, appendix A.3: ResNet50 with ImageNet weights; speed and "
    "memory: training on one V100"
)
SOURCE = "resnet50"


@dataclasses.dataclass(frozen=True)
class PaperMethod:
    """What the paper prints about a method.

    Args:
        name: What the paper calls it.
        top1: Test accuracy in percent, by our name of the task (Tables 6, 7);
            empty for LF, of which only sequences are printed.
        top5: The same for the best five classes (Table 7).
        millions: Parameters of six tasks, in millions (Table 5).
        own_millions: Parameters of five deltas, in millions (Table 6).
        images_per_second: In training, by task (Table 8).
        memory_gb: In training, by task (Table 8).

    Examples:
        >>> METHODS["fo"].top1["cars196"]
        51.96
    """

    name: str
    top1: Mapping[str, float]
    top5: Mapping[str, float] = dataclasses.field(default_factory=dict)
    millions: float | None = None
    own_millions: float | None = None
    images_per_second: Mapping[str, float] = dataclasses.field(
        default_factory=dict
    )
    memory_gb: Mapping[str, float] = dataclasses.field(default_factory=dict)


TASKS = {
    "caltech_birds2011": 200,  # CUB
    "cars196": 196,
    "food101": 101,
    "dtd": 47,
    "stanford40_actions": 40,
}
"""Number of classes of the paper's tasks, by our name."""


def _by_task(values: Sequence[float]) -> Mapping[str, float]:
    return dict(zip(TASKS, values, strict=True))


_PATCH = PaperMethod(
    "MP",
    _by_task((77.22, 81.42, 81.97, 72.41, 81.51)),
    _by_task((94.24, 96.00, 95.68, 92.88, 95.44)),
    millions=26.9,
    images_per_second=_by_task((392.96, 388.66, 391.36, 393.60, 394.25)),
    memory_gb=_by_task((13.72, 14.67, 14.57, 14.68, 14.69)),
)
METHODS = {
    "snow": PaperMethod(
        "SNOW-256",
        _by_task((75.81, 83.79, 84.06, 72.37, 78.48)),
        _by_task((94.05, 96.94, 96.47, 92.02, 95.04)),
        millions=30.8,
        own_millions=5.5,
        images_per_second=_by_task((970.06, 965.31, 947.80, 959.16, 949.55)),
        memory_gb=_by_task((4.27, 4.25, 4.40, 4.40, 4.26)),
    ),
    "snow:pointwise": PaperMethod(
        "1x1 convolution",
        _by_task((73.20, 77.07, 82.82, 74.73, 78.29)),
        own_millions=14.0,
    ),
    "snow:attention": PaperMethod(
        "channel-wise attention",
        _by_task((75.51, 82.94, 84.05, 74.06, 79.50)),
        own_millions=35.0,
    ),
    "snow:all": PaperMethod(
        "subscribing to all",
        _by_task((72.80, 76.47, 82.80, 73.78, 78.85)),
        own_millions=17.5,
    ),
    "fo": PaperMethod(
        "FO",
        _by_task((65.96, 51.96, 70.76, 70.81, 76.41)),
        _by_task((89.90, 78.68, 90.55, 91.65, 95.58)),
        millions=26.8,
        images_per_second=_by_task(
            (1102.50, 1085.67, 1076.08, 1089.83, 1106.31)
        ),
        memory_gb=_by_task((4.63, 4.24, 4.12, 4.40, 4.38)),
    ),
    "fe": PaperMethod(
        "FE",
        _by_task((67.16, 74.05, 82.24, 71.45, 73.97)),
        _by_task((91.27, 94.12, 95.84, 92.40, 93.64)),
        millions=28.3,
        images_per_second=_by_task(
            (1219.63, 1209.26, 1205.84, 1205.84, 1230.77)
        ),
        memory_gb=_by_task((4.31, 4.17, 4.05, 4.31, 4.02)),
    ),
    "ft": PaperMethod(
        "FT",
        _by_task((77.93, 90.26, 87.63, 61.56, 75.40)),
        _by_task((93.37, 98.62, 97.32, 85.01, 93.02)),
        millions=144.3,
        images_per_second=_by_task((358.24, 358.74, 356.84, 357.94, 359.13)),
        memory_gb=_by_task((14.66, 13.75, 13.74, 13.74, 13.83)),
    ),
    "mp_bn": _PATCH,
    "mp_depthwise": _PATCH,
    "pn": PaperMethod(
        "PN",
        _by_task((76.51, 86.26, 86.19, 74.32, 79.99)),
        _by_task((93.63, 97.71, 96.97, 92.34, 94.41)),
        millions=257.4,
        images_per_second=_by_task((187.24, 185.01, 189.69, 189.09, 189.50)),
        memory_gb=_by_task((15.56, 15.72, 15.29, 15.60, 15.29)),
    ),
    "lf": PaperMethod(
        "LF",
        {},
        images_per_second=dict.fromkeys(TASKS, 272.69),
        memory_gb=dict.fromkeys(TASKS, 13.99),
    ),
}
"""By our label of the method."""

SNOW_128 = PaperMethod(
    "SNOW-128",
    _by_task((75.51, 83.69, 84.20, 73.98, 79.28)),
    _by_task((93.87, 97.04, 96.52, 93.06, 95.25)),
    images_per_second=_by_task((880.94, 885.20, 871.34, 873.12, 868.97)),
    memory_gb=_by_task((2.94, 2.87, 2.92, 2.87, 2.80)),
)
"""SNOW trained with smaller batches; a second line of Tables 7 and 8."""

SENSITIVITY = {
    "k": {0.25: (83.10, 96.93), 0.125: (83.79, 96.94), 0.0625: (83.39, 96.93)},
    "width": {
        0.25: (79.02, 96.00),
        0.125: (83.79, 96.94),
        0.0625: (80.36, 95.93),
    },
    "sigma": {
        1e-1**0.5: (81.27, 95.85),
        1e-3**0.5: (83.79, 96.94),
        1e-5**0.5: (83.45, 96.99),
        1e-7**0.5: (83.35, 96.88),
    },
}
"""Table 4: top-1 and top-5 of the cars in percent, one setting changed from
K = N/8, a delta of M/8 and sigma^2 = 1e-3; by our setting and its value."""


def paper_task(task: Mapping[str, Any]) -> str | None:
    """Returns our name of a task of the paper, if this is one.

    Examples:
        >>> paper_task({"name": "dtd", "data": {"num_classes": 47}})
        'dtd'
        >>> paper_task({"name": "dtd", "data": {"num_classes": 10}})
    """
    name: str = task["name"].split(":")[0]  # Without a version of TFDS.
    return name if TASKS.get(name) == task["data"]["num_classes"] else None


def is_papers_source(settings: Mapping[str, Any]) -> bool:
    """Tells whether a comparison's source is the paper's, by its name.

    Examples:
        >>> is_papers_source({"source": "resnet50", "weights": "imagenet"})
        True
    """
    name = pathlib.PurePath(settings["source"]).stem
    return name == SOURCE and settings["weights"] == "imagenet"
