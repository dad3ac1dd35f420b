"""What each choice in SNOW is worth on a task, one at a time.

    python -m benchmarks.ablation FOLDER --source model.keras \
        --image-size 128 --epochs 10 --out ablation

Every variant is trained by the same recipe, with the same seed, from the same
views of the source's maps, which are taken once. A variant that is finished
already is not trained again.
"""

import dataclasses
import functools
import pathlib
import re
import shutil
from typing import Any

from benchmarks.parser import parser_of
from keras_snow.core.checks import check_choice
from keras_snow.core.files import write_json
from keras_snow.data.catalogue import load_task
from keras_snow.recipes.presets import SMALL
from keras_snow.sources.networks import load_source
from keras_snow.training.options import TrainingOptions
from keras_snow.training.train import train
from keras_snow.tuning.setting import Setting

_BARE: dict[str, Any] = {"head": "delta"}
VARIANTS: dict[str, dict[str, Any]] = {
    "rank": {**_BARE, "binding": "rank"},
    "slots": {**_BARE, "binding": "slots"},
    "rows": {**_BARE, "binding": "rows"},
    "rows, importances as slow as kernels": {**_BARE, "speed": 1.0},
    "rows, no noise": {**_BARE, "sigma": 0.0},
    "rows, constant noise": {**_BARE, "sigma_schedule": "constant"},
    "rows, maps of unit deviation": {**_BARE, "normalise_taps": True},
    "rows, from the source's filters": {**_BARE, "start": "source"},
    "rows, last tap into the head": {"head": "last"},
    "rows, all levels into the head": {"head": "levels"},
    "levels, rank order": {"binding": "rank"},
    "levels, stable slots": {"binding": "slots"},
    "levels, of the blocks' choice": {"head_k": None},
    "levels, maps of unit deviation": {"normalise_taps": True},
    "levels, from the source's filters": {"start": "source"},
    "levels, importances as slow as kernels": {"speed": 1.0},
    "levels, no noise": {"sigma": 0.0},
    "levels, constant noise": {"sigma_schedule": "constant"},
    "levels, no dropout": {"dropout": 0.0},
}
"""Settings of `DeltaSettings` or of `Recipe` by what is varied."""


@dataclasses.dataclass(frozen=True)
class Study:
    """How every variant is trained.

    Args:
        image_size: Pixels of a side.
        epochs: Passes over the training images.
        seed: Seed of the runs.
        views: Views of each training image; the first is the evaluation crop.
    """

    image_size: int = 128
    epochs: int = 10
    seed: int = 0
    views: int = 1


def run(
    task_name: str,
    source_name: str,
    variants: list[str],
    out: pathlib.Path,
    study: Study,
) -> list[dict[str, Any]]:
    """Trains the variants, one after the other.

    Args:
        task_name: What `load_task` takes.
        source_name: What `load_source` takes.
        variants: Names out of `VARIANTS`.
        out: A folder for the runs.
        study: How each is trained.

    Returns:
        A row a variant: `variant`, `top1` on the test split, `train_loss` of
        the last epoch and `trained_parameters`.

    Raises:
        ValueError: If a variant is unknown; names the nearest.
    """
    for name in variants:
        check_choice("variant", name, VARIANTS)
    task = load_task(task_name)
    source = load_source(source_name)
    rows = []
    for name in variants:
        record = _train(name, task, source, out, study)
        rows.append(_row(name, record))
        _tell(rows[-1])
        write_json(out / "ablation.json", rows)
    shutil.rmtree(out / "taps", ignore_errors=True)
    return rows


def folder_name(variant: str) -> str:
    """Returns the name of the folder that a variant's run is kept in.

    Args:
        variant: A name out of `VARIANTS`.

    Examples:
        >>> folder_name("rows, no noise")
        'rows-no-noise'
    """
    return re.sub(r"[^a-z0-9]+", "-", variant)


def _train(name, task, source, out, study):
    setting = Setting.of(VARIANTS[name])
    return train(
        functools.partial(setting.build, source, task.num_classes, study.seed),
        task,
        SMALL.replace(epochs=study.epochs, **setting.recipe),
        out=out / folder_name(name),
        image_size=study.image_size,
        seed=study.seed,
        config=TrainingOptions(
            notes=dict(setting.given),
            cache_taps=study.views,
            tap_folder=str(out / "taps"),
            cache_limit_gb=64,
            verbose=False,
        ),
    )


def _row(name, record):
    return {
        "variant": name,
        "top1": record["results"]["test"]["top1"],
        "train_loss": record["curves"]["loss"][-1],
        "trained_parameters": record["parameters"]["trained"],
    }


def _tell(row):
    print(  # noqa: T201
        f"{row['variant']:40}  top-1 {row['top1']:6.1%}  train loss "
        f"{row['train_loss']:.2f}  {row['trained_parameters'] / 1e6:.2f} M",
        flush=True,
    )


def main(arguments: list[str] | None = None) -> None:
    """Runs the ablation from the command line.

    Args:
        arguments: The command line, without the program's name.
    """
    parser = parser_of("ablation", __doc__)
    parser.add_argument("task")
    parser.add_argument("--source", default="resnet50")
    parser.add_argument("--variant", action="append", choices=list(VARIANTS))
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--views", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default="ablation")
    given = parser.parse_args(arguments)
    try:
        run(
            given.task,
            given.source,
            given.variant or list(VARIANTS),
            given.out,
            Study(given.image_size, given.epochs, given.seed, given.views),
        )
    except (ValueError, OSError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
