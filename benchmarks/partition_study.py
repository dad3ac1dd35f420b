"""What an auxiliary random partition of the classes does to a source.

    python -m benchmarks.partition_study tiny100_32.npz \
        --network conv4 --pairs 16 --out partition

The classes of the task are split into halves A and B, by another seed in each
pair. A network learns A, with binary layers of several weights and numbers and
without; then it is fine-tuned on B, its body more slowly than the new head, and
on other tasks. Errors of each setting are compared with those of the plain run
of the same pair. What is finished is not trained again.
"""

import argparse
import dataclasses
import functools
import itertools
import pathlib
import statistics
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.parser import parser_of
from keras_snow.baselines import build_method
from keras_snow.core.files import PathLike
from keras_snow.core.files import write_json
from keras_snow.core.table import ABSENT
from keras_snow.core.table import format_table
from keras_snow.data.catalogue import load_task
from keras_snow.data.task import Task
from keras_snow.metrics.confidence_interval import confidence_interval
from keras_snow.metrics.pairs_needed import pairs_needed
from keras_snow.pretraining import Labels
from keras_snow.pretraining import Partition
from keras_snow.pretraining import pretrain
from keras_snow.recipes.recipe import Recipe
from keras_snow.training.options import TrainingOptions
from keras_snow.training.train import train

FINE_TUNING = Recipe(
    name="partition_study",
    learning_rate=0.05,
    weight_decay=5e-4,
    epochs=10,
    batch_size=64,
    reference_batch=64,
    schedule="cosine",
    warmup_epochs=1.0,
    augmentation="near",
    keep="last",
    body_rate=0.1,
)
# CIFAR-100 with DenseNet-BC: 175 epochs on A, 100 on B. For a GPU.
PAPER: dict[str, Any] = {
    "network": "densenet_bc_100_12",
    "epochs": 175,
    "tuning_epochs": 100,
}
ONE_POINT = 0.01
Row = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Study:
    """What is trained, and how.

    Args:
        network: As of `Pretext`.
        weights: Of the binary layers; 0 is the plain run that others are
            compared with, and always trained.
        partitions: Numbers of binary layers; more than one with the weight of
            `many_weight` alone.
        many_weight: The weight that several binary layers are tried with.
        pairs: Splits of the classes, with the seeds 0, 1, ...
        epochs: On A.
        tuning_epochs: On B, and on the other tasks.
        image_size: Pixels of a side.
        transfers: Other tasks to fine-tune on.

    Examples:
        >>> Study(weights=(0.3,), partitions=(1, 2)).settings
        [(0.0, 1), (0.3, 1), (0.3, 2)]
    """

    network: str = "conv4"
    weights: Sequence[float] = (0.1, 0.3, 0.5)
    partitions: Sequence[int] = (1, 2, 4)
    many_weight: float = 0.3
    pairs: int = 4
    epochs: int = 20
    tuning_epochs: int = 10
    image_size: int = 32
    transfers: Sequence[str] = ()

    @property
    def settings(self) -> list[tuple[float, int]]:
        """Weight and number of binary layers, the plain run first."""
        found = [(0.0, 1), *((weight, 1) for weight in self.weights)]
        found += [(self.many_weight, count) for count in self.partitions]
        return list(dict.fromkeys(found))


def run(task: str, out: PathLike, study: Study) -> list[Row]:
    """Trains what is missing and returns a row for each setting.

    Args:
        task: What `load_task` takes.
        out: Where all is kept.
        study: What is trained, and how.

    Returns:
        Rows of `summarise`.

    Raises:
        OSError: If data can't be read.
        ValueError: If a setting is out of range.
    """
    whole = load_task(task, validation=0)
    others = {name: load_task(name, validation=0) for name in study.transfers}
    errors: dict[tuple[float, int], list[dict[str, float]]] = {}
    # Pair by pair: an interrupted study has whole pairs.
    for seed, setting in itertools.product(range(study.pairs), study.settings):
        halves = whole.halves(seed)
        folder = pathlib.Path(out) / f"pair{seed}" / name_of(setting)
        found = _learn(halves, others, folder, (setting, seed), study)
        errors.setdefault(setting, []).append(found)
        sys.stderr.write(f"pair {seed}, {name_of(setting)}: {found}\n")
    return summarise(errors)


def summarise(
    errors: dict[tuple[float, int], list[dict[str, float]]],
) -> list[Row]:
    """Returns errors and paired differences from the plain run.

    Args:
        errors: By setting, pair by pair: errors by what was learned.

    Returns:
        One row for each setting and each thing that was learned: `setting`,
        `on`, `error` (mean), and but for the plain run `difference` (mean),
        `low`, `high`, `deviation`, and `needed`: the pairs that tell one point
        at such a deviation.

    Examples:
        >>> plain, other = [{"A": 0.5}, {"A": 0.4}], [{"A": 0.6}, {"A": 0.4}]
        >>> rows = summarise({(0.0, 1): plain, (0.3, 1): other})
        >>> round(rows[1]["difference"], 3), rows[1]["needed"]
        (0.05, 393)
    """
    plain = errors[0.0, 1]
    rows = []
    for setting, found in errors.items():
        for on in found[0]:
            row: Row = {
                "setting": name_of(setting),
                "on": on,
                "pairs": len(found),
                "error": statistics.fmean(x[on] for x in found),
            }
            paired = zip(found, plain, strict=False)
            changes = [mine[on] - its[on] for mine, its in paired]
            if setting != (0.0, 1) and len(changes) > 1:
                row["difference"] = statistics.fmean(changes)
                row["low"], row["high"] = confidence_interval(changes)
                row["deviation"] = statistics.stdev(changes)
                row["needed"] = pairs_needed(row["deviation"], ONE_POINT)
            rows.append(row)
    return rows


def name_of(setting: tuple[float, int]) -> str:
    """Returns what a setting is called.

    Args:
        setting: Weight and number of binary layers.

    Examples:
        >>> name_of((0.0, 1)), name_of((0.3, 2))
        ('plain', 'B0.3-N2')
    """
    weight, count = setting
    return f"B{weight:g}-N{count}" if weight else "plain"


def _learn(
    halves: tuple[Task, Task],
    others: dict[str, Task],
    folder: pathlib.Path,
    which: tuple[tuple[float, int], int],
    study: Study,
) -> dict[str, float]:
    """Returns the errors of one setting in one pair."""
    (weight, count), seed = which
    pretext = (
        Partition(study.network, binary_weight=weight, partitions=count)
        if weight
        else Labels(study.network)
    )
    quiet = TrainingOptions(cache="memory", tensorboard=False, verbose=False)
    common: dict[str, Any] = {
        "image_size": study.image_size,
        "seed": seed,
        "config": quiet,
    }
    record = pretrain(
        pretext,
        halves[0],
        pretext.recipe.replace(epochs=study.epochs),
        out=folder / "A",
        **common,
    )
    errors = {"A": _error(record)}
    for name, task in {"B": halves[1], **others}.items():
        place = folder / pathlib.PurePath(name).stem
        build = functools.partial(
            build_method, "ft", str(folder / "A"), task.num_classes
        )
        recipe = FINE_TUNING.replace(epochs=study.tuning_epochs)
        record = train(build, task, recipe, out=place, **common)
        errors[place.name] = _error(record)
    return errors


def _error(record: dict[str, Any]) -> float:
    return 1.0 - float(record["results"]["test"]["top1"])


def format_rows(rows: Sequence[Row]) -> str:
    """Returns rows as a table, in points.

    Args:
        rows: What `run` returned.
    """
    cells = [
        [row["setting"], row["on"], str(row["pairs"]), *_numbers(row)]
        for row in rows
    ]
    head = [
        "Setting",
        "Error on",
        "Pairs",
        "%",
        "Difference, 95 %",
        "Deviation: pairs for a point",
    ]
    return format_table(head, cells)


def _numbers(row: Row) -> list[str]:
    error = f"{100 * row['error']:.1f}"
    if "difference" not in row:
        return [error, ABSENT, ABSENT]
    change, low, high = (
        f"{100 * row[name]:+.1f}" for name in ("difference", "low", "high")
    )
    needed = f"{100 * row['deviation']:.1f}: {row['needed']}"
    return [error, f"{change} ({low} to {high})", needed]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        arguments: Of the command line; `sys.argv` if None.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    fields = [field.name for field in dataclasses.fields(Study)]
    study = Study(**{name: getattr(given, name) for name in fields})
    if given.paper:
        study = dataclasses.replace(study, **PAPER)
    try:
        rows = run(given.task, given.out, study)
    except (OSError, TypeError, ValueError) as error:
        parser.error(str(error))
    write_json(pathlib.Path(given.out) / "rows.json", rows)
    sys.stdout.write(format_rows(rows) + "\n")


def _parser() -> argparse.ArgumentParser:
    def numbers(kind: type) -> Any:
        return lambda text: tuple(kind(each) for each in text.split(","))

    parser = parser_of("partition_study", __doc__)
    parser.add_argument("task")
    parser.add_argument("--out", default="partition")
    parser.add_argument(
        "--paper", action="store_true", help="the published regime, for a GPU"
    )
    kinds: dict[str, Any] = {
        "weights": numbers(float),
        "partitions": numbers(int),
        "transfers": numbers(str),
    }
    for field in dataclasses.fields(Study):
        kind = kinds.get(field.name, type(field.default))
        option = f"--{field.name.replace('_', '-')}"
        parser.add_argument(option, type=kind, default=field.default)
    return parser


if __name__ == "__main__":
    main()
