"""The tables and figures of a cross-validation."""

import pathlib
from collections.abc import Sequence
from typing import Any

from keras_snow.core.files import write_text
from keras_snow.core.table import ABSENT
from keras_snow.core.table import format_table
from keras_snow.training.verdict import FINISHED
from keras_snow.visualization import draw_mistakes
from keras_snow.visualization import draw_training_curves
from keras_snow.visualization import save_figure

PAGE = "crossvalidation.md"


def write_report(
    record: dict[str, Any], images: Sequence[Any], folder: pathlib.Path
) -> None:
    """Writes the page and the figures beside the record.

    Args:
        record: Of a cross-validation.
        images: The mistakes that it shows, `(height, width, 3)`, uint8.
        folder: Where to write `crossvalidation.md`, `curves.png` and, if a
            model was tested, `mistakes.png`.
    """
    title = f"{record['method']}, {record['settings']['task']['name']}"
    chosen, best = record["chosen"], None
    if chosen is not None:
        best = (_name(chosen["learning_rate"]), chosen["epoch"])
        mistakes = record["mistakes"]
        total = record["results"]["test"]["count"]
        figure = draw_mistakes(
            images,
            mistakes["shown"],
            f"{title}: {mistakes['count']} mistakes on {total} test images",
        )
        save_figure(figure, folder / "mistakes.png")
    runs = {_name(x["learning_rate"]): x["curves"] for x in record["rates"]}
    figure = draw_training_curves(runs, title, best)
    save_figure(figure, folder / "curves.png")
    write_text(folder / PAGE, format_page(record))


def format_page(record: dict[str, Any]) -> str:
    """Returns a cross-validation as a page of Markdown."""
    task = record["settings"]["task"]
    parts = [
        f"# Cross-validation: {record['method']} on {task['name']}",
        format_summary(record),
        "## Learning rates",
        format_rates(record["rates"]),
        "![curves](curves.png)",
        "## Pixels",
        format_statistics(record["statistics"]),
        f"Normalised by: {record['settings']['normalise']}.",
        "## Settings",
        _format_settings(record["settings"]),
    ]
    if record["mistakes"] is not None:
        parts += [
            "## Mistakes",
            f"{record['mistakes']['count']} of "
            f"{record['results']['test']['count']} test images; some of them:",
            "![mistakes](mistakes.png)",
        ]
    return "\n\n".join(parts) + "\n"


def format_summary(record: dict[str, Any]) -> str:
    """Returns what was chosen and reached, as a table; or why there is none."""
    if record["chosen"] is None:
        return str(record["problem"])
    results = record["results"]
    rows = [
        ("Learning rate", f"{record['chosen']['learning_rate']:g}"),
        ("Stopping epoch", str(record["chosen"]["epoch"])),
        ("Validation accuracy", f"{results['validation']['top1']:.2%}"),
        ("Test accuracy", f"{results['test']['top1']:.2%}"),
    ]
    return format_table([record["method"], ""], rows)


def format_rates(trials: Sequence[dict[str, Any]]) -> str:
    """Returns a table with a line a learning rate.

    Examples:
        >>> trial = {"learning_rate": 0.1, "status": "diverged", "seconds": 3.0}
        >>> print(format_rates([trial]).splitlines()[-1])
        | 0.1 | diverged | – | – | – | 3 |
    """
    heads = (
        "learning rate",
        "status",
        "best epoch",
        "validation accuracy",
        "validation loss",
        "seconds",
    )
    return format_table(heads, [_rate_row(trial) for trial in trials])


def format_statistics(statistics: dict[str, Any]) -> str:
    """Returns a table of means and deviations, the data's and ImageNet's."""
    names = {"data": "training images", "imagenet": "ImageNet"}
    rows = [
        (words, *(_vector(statistics[name][of]) for of in ("mean", "std")))
        for name, words in names.items()
    ]
    return format_table(("data", "mean", "standard deviation"), rows)


def _rate_row(trial: dict[str, Any]) -> tuple[str, ...]:
    found = [ABSENT] * 3
    if trial["status"] == FINISHED:
        result = trial["validation"]
        found = [
            str(trial["best_epoch"]),
            f"{result['top1']:.2%}",
            f"{result['loss']:.4f}",
        ]
    rate, seconds = f"{trial['learning_rate']:g}", f"{trial['seconds']:.0f}"
    return (rate, trial["status"], *found, seconds)


def _format_settings(settings: dict[str, Any]) -> str:
    sizes = settings["task"]["sizes"]
    images = ", ".join(f"{count} {name}" for name, count in sizes.items())
    names = (
        "source",
        "image_size",
        "epochs",
        "batch_size",
        "momentum",
        "weight_decay",
        "augmentation",
        "seed",
    )
    rows = [("images", images)]
    rows += [(name.replace("_", " "), str(settings[name])) for name in names]
    return format_table(("setting", ""), rows)


def _name(rate: float) -> str:
    return f"rate {rate:g}"


def _vector(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.4f}" for value in values)
