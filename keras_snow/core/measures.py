"""What was measured, in words."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

MEASURES = {"top1": "top-1", "top5": "top-5", "map": "mAP", "f1": "F1"}
"""Of one class an image, and of several; runs are ranked by the first."""


def main_measure(names: Iterable[str]) -> str:
    """Returns what runs are ranked by: `"map"` if it was measured, or `"top1"`.

    Args:
        names: What was measured, perhaps with `val_` before it.

    Examples:
        >>> main_measure(["val_map", "val_f1", "val_loss"])
        'map'
    """
    found = {name.removeprefix("val_") for name in names}
    return "map" if "map" in found else "top1"


def say_measures(result: Mapping[str, Any]) -> str:
    """Returns what a result holds beside loss and count.

    Args:
        result: What `score` returned.

    Examples:
        >>> say_measures({"top1": 0.5, "top5": 1.0, "loss": 0.7, "count": 8})
        'top-1 50.0%, top-5 100.0%'
        >>> say_measures({"map": 0.25, "f1": 0.5})
        'mAP 25.0%, F1 50.0%'
    """
    return ", ".join(
        f"{word} {result[name]:.1%}"
        for name, word in MEASURES.items()
        if name in result
    )
