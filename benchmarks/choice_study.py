"""What it is worth to choose maps by a rule instead of at random.

    python -m benchmarks.choice_study cars30 dtd10 food10 pacs_cartoon7 \
        --source resnet50.keras --image-size 128 --out choice

Means and deviations of all maps are taken once for each image of the training
and validation split; test images are not read. In each of several random splits
of these images, four fifths choose an equal share of the maps of each tap by
each rule and fit a ridge regression to the chosen ones, whose penalty left-out
images choose; the rest is scored. All rules share splits, so that differences
from the random choice are paired.
"""

import argparse
import pathlib
import statistics
import sys
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.parser import parser_of
from keras_snow.baselines.group_lasso import group_lasso_ranking
from keras_snow.core.files import write_json
from keras_snow.core.table import format_table
from keras_snow.data.catalogue import load_task
from keras_snow.evaluation.linear_probe import split_statistics
from keras_snow.layers.map_statistics import steady_deviation
from keras_snow.metrics.confidence_interval import confidence_interval
from keras_snow.metrics.fisher_ratio import fisher_ratio
from keras_snow.metrics.ridge import fit_ridge
from keras_snow.sources.networks import load_source

RANDOM = "random"
LEARNED_ON = 0.8  # Share of the images of a split.
Row = dict[str, Any]


class Images:
    """Statistics of the maps of some images, `(images, maps, 2)`.

    Args:
        statistics: Raw.
        labels: Class numbers, `(images,)`.
        taps: Number of the tap of each map.
    """

    def __init__(
        self, statistics: np.ndarray, labels: np.ndarray, taps: np.ndarray
    ) -> None:
        self.labels = labels
        self.taps = taps
        self.mean = statistics.mean(axis=0)
        self.raw = statistics.std(axis=0)
        self.deviation = np.empty_like(self.raw)
        for tap in np.unique(taps):
            own = taps == tap
            self.deviation[own] = steady_deviation(self.raw[own].T).T
        self.features = self.standardised(statistics)
        self.num_classes = int(labels.max()) + 1

    def standardised(self, statistics: np.ndarray) -> np.ndarray:
        """Returns statistics as these images' mean and deviation scale them.

        Args:
            statistics: Raw, `(images, maps, 2)`.
        """
        scaled: np.ndarray = (statistics - self.mean) / self.deviation
        return scaled.astype("float32")

    def fit(self, chosen: np.ndarray) -> Any:
        """Returns the ridge regression on some maps.

        Args:
            chosen: Their numbers.
        """
        flat = self.features[:, chosen].reshape(len(self.labels), 1, -1)
        return fit_ridge(flat, self.labels, self.num_classes)


def _by_weight(images: Images, _: Any) -> np.ndarray:
    kernel = images.fit(np.arange(len(images.taps))).kernel
    weights: np.ndarray = np.square(kernel).reshape(len(images.taps), -1)
    return weights.sum(axis=1)


def _by_lasso(images: Images, _: Any) -> np.ndarray:
    means = images.features[:, :, 0]
    ranking = group_lasso_ranking(means, images.labels, images.num_classes)
    scores = np.empty(len(ranking))
    scores[ranking] = -np.arange(len(ranking))
    return scores


def _by_fisher(images: Images, _: Any) -> np.ndarray:
    flat = images.features.reshape(len(images.labels), -1)
    ratios = fisher_ratio(flat, images.labels).reshape(-1, 2)
    scores: np.ndarray = ratios.sum(axis=1)
    return scores


# Scores of maps; within a tap those with the largest are chosen.
RULES: dict[str, Callable[[Images, np.random.Generator], np.ndarray]] = {
    RANDOM: lambda images, draw: draw.random(len(images.taps)),
    "first": lambda images, draw: -np.arange(len(images.taps)),
    "variance": lambda images, draw: images.raw.mean(axis=1),
    "Fisher ratio": _by_fisher,
    "group lasso": _by_lasso,
    "ridge weights": _by_weight,
}


def choose(scores: np.ndarray, taps: np.ndarray, share: float) -> np.ndarray:
    """Returns the best maps of each tap, in order.

    Args:
        scores: Of the maps.
        taps: Number of the tap of each map.
        share: Of the maps of a tap.

    Examples:
        >>> taps = np.array([0, 0, 0, 1, 1, 1])
        >>> choose(np.array([1, 3, 2, 9, 8, 7]), taps, 0.3)
        array([1, 3])
    """
    chosen = []
    for tap in np.unique(taps):
        own = np.flatnonzero(taps == tap)
        count = max(1, round(len(own) * share))
        chosen.append(own[np.argsort(-scores[own], kind="stable")[:count]])
    return np.sort(np.concatenate(chosen))


def study(
    statistics: np.ndarray,
    labels: np.ndarray,
    taps: np.ndarray,
    shares: Sequence[float],
    splits: int,
) -> dict[tuple[float, str], list[float]]:
    """Returns accuracies by share and rule, split by split.

    Args:
        statistics: `(images, maps, 2)`.
        labels: Class numbers, `(images,)`.
        taps: Number of the tap of each map.
        shares: Of the maps of each tap.
        splits: Number of splits.
    """
    found: dict[tuple[float, str], list[float]] = {}
    for seed in range(splits):
        draw = np.random.default_rng(seed)
        order = draw.permutation(len(labels))
        learned, asked = np.split(order, [int(LEARNED_ON * len(order))])
        images = Images(statistics[learned], labels[learned], taps)
        unseen = images.standardised(statistics[asked])

        def top1(
            chosen: np.ndarray,
            images: Images = images,
            unseen: np.ndarray = unseen,
            truth: np.ndarray = labels[asked],
        ) -> float:
            given = unseen[:, chosen].reshape(len(truth), -1)
            answers = images.fit(chosen).logits(given).argmax(axis=1)
            return float((answers == truth).mean())

        everything = np.arange(len(taps))
        found.setdefault((1.0, "all"), []).append(top1(everything))
        for rule, score in RULES.items():
            scores = score(images, draw)
            for share in shares:
                accuracy = top1(choose(scores, taps, share))
                found.setdefault((share, rule), []).append(accuracy)
    return found


def summarise(
    found: dict[str, dict[tuple[float, str], list[float]]],
) -> list[Row]:
    """Returns a row for each share and rule, over all tasks and splits.

    Args:
        found: By task, what `study` returned.

    Returns:
        `share`, `rule`, `top1` by task and in the mean, and but for random
        choices the paired `difference` from them, with `low` and `high`.

    Examples:
        >>> random, first = (0.5, "random"), (0.5, "first")
        >>> found = {"birds": {random: [0.5, 0.6], first: [0.6, 0.8]}}
        >>> round(summarise(found)[1]["difference"], 2)
        0.15
    """
    rows = []
    first = next(iter(found.values()))
    for share, rule in first:
        by_task = {task: values[share, rule] for task, values in found.items()}
        means = {task: statistics.fmean(x) for task, x in by_task.items()}
        row: Row = {
            "share": share,
            "rule": rule,
            **means,
            "mean": statistics.fmean(means.values()),
        }
        if rule not in ("all", RANDOM):
            changes = [
                mine - its
                for task, values in by_task.items()
                for mine, its in zip(
                    values, found[task][share, RANDOM], strict=True
                )
            ]
            row["difference"] = statistics.fmean(changes)
            row["low"], row["high"] = confidence_interval(changes)
        rows.append(row)
    return rows


def format_rows(rows: Sequence[Row]) -> str:
    """Returns rows as a table, in points.

    Args:
        rows: What `summarise` returned.
    """
    known = ("share", "rule", "mean", "difference", "low", "high")
    tasks = [name for name in rows[0] if name not in known]
    lines = []
    for row in rows:
        share = f"1/{1 / row['share']:g}" if row["share"] < 1 else "all"
        cells = [f"{100 * row[name]:.1f}" for name in [*tasks, "mean"]]
        change = ""
        if "difference" in row:
            change, low, high = (
                f"{100 * row[name]:+.1f}"
                for name in ("difference", "low", "high")
            )
            change = f"{change} ({low} to {high})"
        lines.append([share, row["rule"], *cells, change])
    head = ["maps", "rule", *tasks, "mean", "against random, 95 %"]
    return format_table(head, lines, left=2)


def _read(
    task: str, given: argparse.Namespace
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns statistics, labels and taps of the images that are chosen on."""
    source = load_source(given.source)
    source.engine = given.engine
    data = load_task(task)
    parts, labels = [], []
    for split in ("train", "validation"):
        found = split_statistics(source, data, split, given.image_size)
        parts.append(np.concatenate(list(found.values()), axis=-1))
        labels.append(data.labels(split))
    channels = [tap.channels for tap in source.taps]
    taps = np.repeat(np.arange(len(channels)), channels)
    return (
        np.moveaxis(np.concatenate(parts), 1, 2),
        np.concatenate(labels),
        taps,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        arguments: Of the command line; `sys.argv` if None.
    """
    parser = parser_of("choice_study", __doc__)
    parser.add_argument("tasks", nargs="+")
    parser.add_argument("--source", required=True)
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--engine", default="float32")
    parser.add_argument("--shares", type=float, nargs="+", default=[8, 16, 32])
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--out", default="choice")
    given = parser.parse_args(arguments)
    shares = [1 / share for share in given.shares]
    found = {}
    try:
        for task in given.tasks:
            statistics, labels, taps = _read(task, given)
            name = pathlib.PurePath(task).stem
            found[name] = study(statistics, labels, taps, shares, given.splits)
            sys.stderr.write(f"{name} is done\n")
    except (OSError, ValueError) as error:
        parser.error(str(error))
    rows = summarise(found)
    write_json(pathlib.Path(given.out) / "rows.json", rows)
    sys.stdout.write(format_rows(rows) + "\n")


if __name__ == "__main__":
    main()
