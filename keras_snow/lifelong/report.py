"""The page, the table and the figures of a sequence."""

import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.core import table
from keras_snow.core.files import write_text
from keras_snow.core.table import ABSENT
from keras_snow.core.table import format_table
from keras_snow.lifelong.result import Record
from keras_snow.lifelong.routing import format_routing
from keras_snow.visualization import draw_accuracy_matrix
from keras_snow.visualization import draw_accuracy_over_sequence
from keras_snow.visualization import save_figure

PAGE, TABLE = "lifelong.md", "lifelong.csv"
MATRIX, SEQUENCE = "matrix.png", "sequence.png"
MEASURES = {
    "average_accuracy": "average accuracy",
    "average_incremental_accuracy": "average incremental accuracy",
    "mean_of_measured_accuracies": "mean of all measured accuracies",
    "forgetting": "forgetting",
    "backward_transfer": "backward transfer",
    "forward_transfer": "forward transfer",
}


def write_report(
    record: Record, folder: pathlib.Path, routing: Record | None = None
) -> None:
    """Writes page, table and figures of a sequence.

    Args:
        record: Of a sequence.
        folder: Where to write `lifelong.md`, `lifelong.csv`, `matrix.png` and
            `sequence.png`.
        routing: How well its tasks are told apart, if that was measured.
    """
    matrix, names = matrix_of_record(record), record["tasks"]
    title = f"{record['method']}: {' > '.join(names)}"
    figure = draw_accuracy_matrix(matrix, names, title)
    save_figure(figure, folder / MATRIX)
    runs = {record["method"]: (matrix, names)}
    save_figure(draw_accuracy_over_sequence(runs, title), folder / SEQUENCE)
    for name, text in (
        (PAGE, format_page(record, routing)),
        (TABLE, format_csv(record)),
    ):
        write_text(folder / name, text)


def matrix_of_record(record: Record) -> np.ndarray:
    """Returns the matrix of accuracies, NaN where nothing was measured."""
    return np.array(record["matrix"], "float64")


def format_page(record: Record, routing: Record | None = None) -> str:
    """Returns a sequence as a page of Markdown."""
    told = []
    if routing is not None:
        told = ["## When nobody says which task", format_routing(routing)]
    parts = [
        f"# Lifelong: {record['method']}",
        f"{' > '.join(record['tasks'])}, from {record['settings']['source']} "
        f"at {record['settings']['image_size']} px.",
        format_summary(record),
        f"![matrix]({MATRIX})",
        f"![sequence]({SEQUENCE})",
        "## Cost of a task",
        format_costs(record),
        *told,
        "## Settings",
        _format_settings(record["settings"]),
        f"    {record['command']}",
    ]
    return "\n\n".join(parts) + "\n"


def format_summary(record: Record) -> str:
    """Returns matrix, measures and what was compared, for a terminal, too."""
    return "\n\n".join(
        [
            format_matrix(record),
            format_measures(record["measures"]),
            describe_comparison(record),
        ]
    )


def format_matrix(record: Record) -> str:
    """Returns the matrix of accuracies in percent.

    Examples:
        >>> record = {"tasks": ["a", "b"], "matrix": [[0.8, 0.5], [0.6, 0.9]]}
        >>> print(format_matrix(record))
        | after learning | a | b |
        |---|---:|---:|
        | a | 80.0 | (50.0) |
        | b | 60.0 | 90.0 |
    """
    lines = []
    for row, name in enumerate(record["tasks"]):
        cells = [
            ABSENT
            if value is None
            else (
                f"{100 * value:.1f}"
                if column <= row
                else f"({100 * value:.1f})"
            )
            for column, value in enumerate(record["matrix"][row])
        ]
        lines.append([name, *cells])
    return format_table(["after learning", *record["tasks"]], lines)


def format_measures(measures: dict[str, float | None]) -> str:
    """Returns the measures as a table, in percent or points of it.

    Examples:
        >>> print(format_measures({"forgetting": 0.25}).splitlines()[-1])
        | forgetting | 25.00 |
    """
    lines = [
        (MEASURES[name], ABSENT if value is None else f"{100 * value:.2f}")
        for name, value in measures.items()
    ]
    return format_table(["measure", "%"], lines)


def describe_comparison(record: Record) -> str:
    """Says whether later tasks changed the answers to earlier ones.

    Examples:
        >>> describe_comparison({"identical": [[], [True]],
        ...     "compared": [[], [40]], "largest_change": [[], [0.0]]})
        'All answers to earlier tasks are bit for bit ... (40 compared).'
    """
    same = [each for row in record["identical"] for each in row]
    count = sum(each for row in record["compared"] for each in row)
    if all(same):
        return (
            "All answers to earlier tasks are bit for bit those of the moment "
            f"when they were learned ({count} compared)."
        )
    change = max(each for row in record["largest_change"] for each in row)
    return (
        f"Later tasks changed the answers to earlier ones in "
        f"{same.count(False)} of {len(same)} comparisons; the largest change "
        f"of a logit is {change:.3g}."
    )


def format_costs(record: Record) -> str:
    """Returns what each task cost, and what is kept for all of them."""
    heads = (
        "task",
        "trained, M",
        "kept, M",
        "kept, MB",
        "training, s",
        "images/s",
    )
    costs = record["costs"]
    lines = [
        (
            name,
            f"{cost['trained_parameters'] / 1e6:.3f}",
            f"{cost['kept_parameters'] / 1e6:.3f}",
            f"{cost['kept_mb']:.2f}",
            f"{cost['seconds']:.0f}",
            _rate(cost["images_per_second"]),
        )
        for name, cost in zip(record["tasks"], costs, strict=True)
    ]
    common = costs[-1]
    parameters = [cost["kept_parameters"] for cost in costs]
    sizes = [cost["kept_mb"] for cost in costs]
    total = common["common_parameters"] + sum(parameters)
    lines += [
        (
            "shared by all",
            "",
            f"{common['common_parameters'] / 1e6:.3f}",
            f"{common['common_mb']:.2f}",
            "",
            "",
        ),
        (
            "together",
            "",
            f"{total / 1e6:.3f}",
            f"{common['common_mb'] + sum(sizes):.2f}",
            f"{record['seconds']:.0f}",
            "",
        ),
    ]
    return format_table(heads, lines)


def format_csv(record: Record) -> str:
    """Returns a line for each accuracy that was measured.

    Examples:
        >>> record = {"method": "lf", "tasks": ["a", "b"],
        ...           "matrix": [[0.8, None], [0.6, 0.9]]}
        >>> print(format_csv(record).splitlines()[1])
        lf,1,a,a,learned,0.8
    """
    names = record["tasks"]
    return table.format_csv(
        [
            {
                "method": record["method"],
                "step": row + 1,
                "after": names[row],
                "task": names[column],
                "moment": "learned" if column <= row else "before",
                "test_accuracy": value,
            }
            for row, values in enumerate(record["matrix"])
            for column, value in enumerate(values)
            if value is not None
        ]
    )


def _rate(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.1f}"


def _format_settings(settings: dict[str, Any]) -> str:
    left_out = ("tasks", "kind", "sequence")
    lines: Sequence[tuple[str, str]] = [
        (name, str(value))
        for name, value in settings.items()
        if name not in left_out
    ]
    return format_table(["setting", "value"], lines, left=2)
