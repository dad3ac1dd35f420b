"""Rows of a study of few images, and their table."""

import itertools
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.core.table import ABSENT
from keras_snow.core.table import format_table
from keras_snow.fewshot.options import FewShotOptions
from keras_snow.fewshot.split_scores import Key
from keras_snow.metrics.confidence_interval import confidence_interval

Row = dict[str, Any]


def make_rows(
    found: Sequence[Mapping[Key, np.ndarray]], options: FewShotOptions
) -> list[Row]:
    """Returns a row for each score.

    Args:
        found: For each class split what `score_split` returned.
        options: What was scored. The first features are those that the others
            are compared with.
    """
    rows, first = [], options.features[0]
    for key in itertools.product(
        options.features, options.distances, options.ways, options.shots
    ):
        features, distance, ways, shots = key
        mine = [each[key] for each in found]
        row: Row = {
            "features": features,
            "distance": distance,
            "ways": ways,
            "shots": shots,
            "accuracies": [float(x.mean()) for x in mine],
        }
        row["accuracy"], row["interval"] = _mean(mine)
        row["gain"] = row["gain_interval"] = None
        if features != first:
            others = [each[(first, *key[1:])] for each in found]
            pairs = zip(mine, others, strict=True)
            row["gain"], row["gain_interval"] = _mean([x - y for x, y in pairs])
        rows.append(row)
    return rows


def format_study(record: Mapping[str, Any]) -> str:
    """Returns the table of a study.

    Args:
        record: What `few_shot` returned.
    """
    options = record["settings"]["options"]
    splits = len(record["class_splits"])
    first = options["features"][0]
    head = ["features", "distance", "ways", "shots", "top-1 %", f"- {first}"]
    lines = [
        [
            row["features"],
            row["distance"],
            str(row["ways"]),
            str(row["shots"]),
            _percent(row["accuracy"], row["interval"]),
            _percent(row["gain"], row["gain_interval"]),
        ]
        for row in record["rows"]
    ]
    over = f"{splits} class splits" if splits > 1 else "episodes"
    return (
        f"{format_table(head, lines, left=2)}\n\n"
        f"{options['on']} classes, {options['image_size']} px, "
        f"{options['episodes']} episodes of {options['queries']} queries a "
        f"class; ± Student's 95 % interval over {over}"
    )


def _mean(parts: Sequence[np.ndarray]) -> tuple[float, list[float]]:
    """Returns a mean and its interval: over splits, or over episodes of one."""
    values = parts[0] if len(parts) == 1 else [x.mean() for x in parts]
    low, high = confidence_interval([float(x) for x in values])
    return float(np.mean(values)), [low, high]


def _percent(value: float | None, interval: Sequence[float] | None) -> str:
    if value is None or interval is None:
        return ABSENT
    half = (interval[1] - interval[0]) / 2
    return f"{100 * value:.1f} ± {100 * half:.1f}"
