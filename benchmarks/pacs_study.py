"""Three ways to learn PACS' cartoons, beside a published study's numbers.

    python -m benchmarks.pacs_study FOLDER --source resnet18.keras \
        --image-size 128 --epochs 20 --out pacs

FOLDER holds the 2344 images, one folder a class, or train/ and test/ with such
folders, which are put together. 236 of them, drawn with the same share of each
class, are the test split of `full` and the training split of `few_shot`; the
others are the opposite. Each method is cross-validated on both, with and
without augmentation. What is finished is not trained again.
"""

import argparse
import dataclasses
import itertools
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.pacs_document import METHODS
from benchmarks.pacs_document import SIZE
from benchmarks.pacs_document import published
from benchmarks.parser import parser_of
from keras_snow.core.files import PathLike
from keras_snow.core.files import write_json
from keras_snow.core.files import write_text
from keras_snow.core.registry import nearest_names
from keras_snow.core.table import ABSENT
from keras_snow.core.table import format_table
from keras_snow.data.split import Split
from keras_snow.data.splitting import hold_out
from keras_snow.data.splitting import stratified_subset
from keras_snow.data.task import Task
from keras_snow.reports.cross_validate import RATES
from keras_snow.reports.cross_validate import check_rates
from keras_snow.reports.cross_validate import cross_validate
from keras_snow.reports.cross_validation_options import CrossValidationOptions
from keras_snow.reports.entry import Entry
from keras_snow.training.options import TrainingOptions

SETS = ("full", "few_shot")
SEED = 42  # The published study's.
Row = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Study:
    """What is trained, and how.

    Args:
        sets: Names out of `SETS`.
        methods: Names of methods.
        augmentations: Names of augmentations.
        rates: Learning rates to try.
        validation: Part of the training images to hold out.
        options: Of every cross-validation, but for the augmentation.

    Raises:
        ValueError: If a name is unknown or a rate none.

    Examples:
        >>> Study(methods=("fo",)).options.seed
        42
    """

    sets: Sequence[str] = SETS
    methods: Sequence[str] = tuple(METHODS)
    augmentations: Sequence[str] = ("none", "crop")
    rates: Sequence[float] = RATES
    validation: float = 0.2
    options: CrossValidationOptions = dataclasses.field(
        default_factory=lambda: CrossValidationOptions(normalise="data")
    )

    def __post_init__(self) -> None:
        for name in self.sets:
            if name not in SETS:
                raise ValueError(
                    f"Unknown set. {nearest_names(name, list(SETS))} "
                    f"Received: sets={list(self.sets)}"
                )
        for name in self.methods:
            Entry(name)
        for name in self.augmentations:
            self.options_with(name)
        check_rates(self.rates)

    def options_with(self, augmentation: str) -> CrossValidationOptions:
        """Returns the options of a cross-validation.

        Args:
            augmentation: Its name.
        """
        return dataclasses.replace(self.options, augmentation=augmentation)


def read_sets(
    folder: PathLike, validation: float = 0.2, size: int = SIZE
) -> dict[str, Task]:
    """Returns the full and the few-shot task.

    Args:
        folder: The images; parts that it has are put together.
        validation: Part of the training images to hold out.
        size: Images of the small part.

    Raises:
        OSError: If the folder can't be read.
        ValueError: If it holds no task, or too few images.
    """
    read = Task.from_folder(folder, validation=0, test=0)
    parts = list(read.splits.values())
    everything = Split(
        parts[0].store,
        np.concatenate([part.indices for part in parts]),
        np.concatenate([part.labels for part in parts]),
    )
    small, large = stratified_subset(everything, size, SEED)
    tasks = {}
    for name, train, test in (
        ("full", large, small),
        ("few_shot", small, large),
    ):
        kept, held = hold_out(train, validation, SEED, "validation")
        splits = {"train": kept, "validation": held, "test": test}
        tasks[name] = Task(f"{read.name}-{name}", read.class_names, splits)
    return tasks


def run(
    folder: PathLike, source: str, out: pathlib.Path, study: Study
) -> list[Row]:
    """Cross-validates every method on every set, one after the other.

    `pacs_study.json` and `pacs_study.md` in `out` hold what is finished.

    Args:
        folder: As of `read_sets`.
        source: Name or path of the source.
        out: A folder for everything.
        study: What is trained.

    Returns:
        A row a cross-validation: `set`, `method`, `augmentation`, `status`,
        `learning_rate`, `epoch`, `validation`, `test` (None if every rate
        diverged), `seconds` and `published`.

    Raises:
        OSError: If images can't be read or nothing can be written.
        ValueError: If a setting or the folder is not what it should be.
    """
    rows: list[Row] = []
    for name, method, augmentation in itertools.product(
        study.sets, study.methods, study.augmentations
    ):
        # Read anew each time: decoded images live as long as their task.
        record = cross_validate(
            read_sets(folder, study.validation)[name],
            method,
            source,
            study.rates,
            out / name / f"{method}-{augmentation}",
            study.options_with(augmentation),
        )
        rows.append(_row(name, augmentation, record))
        _write(rows, out)
    return rows


def format_rows(rows: Sequence[Row]) -> str:
    """Returns our results beside the published ones, as a Markdown table.

    Args:
        rows: What `run` returned.
    """
    head = ["set", "method", "augmentation"]
    for whose in ("ours", "published"):
        head += [f"{whose}: rate", "epoch", "validation, %", "test, %"]
    lines = [
        [
            row["set"].replace("_", " "),
            METHODS.get(row["method"], row["method"]),
            row["augmentation"],
            *_cells(row),
            *_cells(row["published"] or {}),
        ]
        for row in rows
    ]
    return format_table(head, lines, left=3)


def _row(name: str, augmentation: str, record: dict[str, Any]) -> Row:
    row = {
        "set": name,
        "method": record["method"],
        "augmentation": augmentation,
        "status": record["status"],
        "learning_rate": None,
        "epoch": None,
        "validation": None,
        "test": None,
        "seconds": record["seconds"],
        "published": published(name, record["method"], augmentation),
    }
    if record["chosen"] is None:
        return row
    scores = record["results"]
    accuracies = {split: scores[split]["top1"] for split in scores}
    return row | record["chosen"] | accuracies


def _cells(row: dict[str, Any]) -> list[str]:
    if row.get("test") is None:
        return [row.get("status", ABSENT), ABSENT, ABSENT, ABSENT]
    return [
        f"{row['learning_rate']:g}",
        str(row["epoch"]),
        f"{100 * row['validation']:.2f}",
        f"{100 * row['test']:.2f}",
    ]


def _write(rows: list[Row], out: pathlib.Path) -> None:
    write_json(out / "pacs_study.json", rows)
    write_text(out / "pacs_study.md", format_rows(rows) + "\n")


def main(arguments: list[str] | None = None) -> None:
    """Runs the study from the command line.

    Args:
        arguments: The command line, without the program's name.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        rates = [float(rate) for rate in _split(given.rates)]
        study = Study(
            _split(given.sets),
            _split(given.methods),
            _split(given.augmentations),
            rates,
            given.validation,
            CrossValidationOptions(
                image_size=given.image_size,
                epochs=given.epochs,
                batch_size=given.batch_size,
                momentum=given.momentum,
                normalise=given.normalise,
                training=TrainingOptions(
                    cache="auto", tensorboard=False, verbose=not given.quiet
                ),
            ),
        )
        rows = run(given.folder, given.source, given.out, study)
    except (ValueError, TypeError, OSError) as error:
        parser.error(str(error))
    sys.stdout.write(format_rows(rows) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("pacs_study", __doc__)
    parser.add_argument("folder")
    parser.add_argument("--source", default="resnet50")
    parser.add_argument("--out", type=pathlib.Path, default="pacs_study")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--augmentations", default="none,crop")
    parser.add_argument("--rates", default=",".join(map(str, RATES)))
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--momentum", type=float, default=0.0)
    parser.add_argument("--validation", type=float, default=0.2)
    parser.add_argument("--normalise", default="data")
    parser.add_argument("--quiet", action="store_true")
    return parser


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    main()
