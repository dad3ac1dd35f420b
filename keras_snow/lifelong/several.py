"""learn_several: methods and orders beside each other."""

import pathlib
from collections.abc import Sequence

from keras_snow.core.files import PathLike
from keras_snow.core.files import write_text
from keras_snow.core.table import ABSENT
from keras_snow.core.table import format_table
from keras_snow.data.task import Task
from keras_snow.lifelong.learn import learn
from keras_snow.lifelong.methods import method_of_one_task
from keras_snow.lifelong.options import LifelongOptions
from keras_snow.lifelong.report import MEASURES
from keras_snow.lifelong.report import format_matrix
from keras_snow.lifelong.report import matrix_of_record
from keras_snow.lifelong.result import Record
from keras_snow.lifelong.source_choice import SourceSpec
from keras_snow.visualization import draw_accuracy_over_sequence
from keras_snow.visualization import save_figure

PAGE, FIGURE = "sequences.md", "sequences.png"
REVERSED = "-reversed"


def learn_several(
    sequence: Sequence[Task],
    methods: Sequence[str],
    source: SourceSpec = "resnet50",
    out: PathLike = "lifelong",
    options: LifelongOptions | None = None,
    orders: Sequence[str] = ("given",),
) -> dict[str, Record]:
    """Learns a sequence with several methods, in its order and the reverse.

    Each sequence has a folder of its own in `out`, as of `learn`:
    `snow`, `snow-reversed`, ... Beside them are `sequences.md` with all
    measures and matrices, and `sequences.png`.

    Args:
        sequence: As of `learn`.
        methods: Each one of `sequence_methods()`, once.
        source: As of `learn`.
        out: The folder for everything.
        options: As of `learn`, for all of them.
        orders: `"given"`, `"reversed"`, or both.

    Returns:
        The records by the names of their folders.

    Raises:
        ValueError: If there is no method, or one is given twice; as of
            `learn`.
        OSError: As of `learn`.
    """
    check_methods(methods)
    tasks = {"given": list(sequence), "reversed": list(sequence)[::-1]}
    folder = pathlib.Path(out)
    records = {}
    for order in orders:
        for method in methods:
            name = method + (REVERSED if order == "reversed" else "")
            records[name] = learn(
                tasks[order], method, source, folder / name, options
            )
    write_comparison(records, folder)
    return records


def check_methods(methods: Sequence[str]) -> None:
    """Looks whether methods can be learned with beside each other.

    Examples:
        >>> check_methods(["snow", "lf"])
    """
    if not methods or len(set(methods)) < len(methods):
        raise ValueError(
            "A sequence needs a method, and each of several once. Received: "
            f"methods={list(methods)}"
        )
    for method in methods:
        method_of_one_task(method)


def write_comparison(records: dict[str, Record], folder: pathlib.Path) -> None:
    """Writes the measures of several sequences beside each other."""
    runs = {
        name: (matrix_of_record(record), record["tasks"])
        for name, record in records.items()
    }
    save_figure(draw_accuracy_over_sequence(runs), folder / FIGURE)
    parts = ["# Sequences", format_comparison(records), f"![]({FIGURE})"]
    for name, record in records.items():
        parts += [f"## {name}", format_matrix(record)]
    write_text(folder / PAGE, "\n\n".join(parts) + "\n")


def format_comparison(records: dict[str, Record]) -> str:
    """Returns a line for each sequence: its measures, and what it costs.

    Examples:
        >>> cost = {"kept_mb": 2.0, "common_mb": 94.0}
        >>> record = {"measures": {"forgetting": 0.25}, "costs": [cost] * 2,
        ...           "identical": [[], [False]], "seconds": 90.0}
        >>> print(format_comparison({"lf": record}).splitlines()[-1])
        | lf | – | – | – | 25.00 | – | – | no | 98.0 | 90 |
    """
    lines = []
    for name, record in records.items():
        found = [record["measures"].get(each) for each in MEASURES]
        same = all(each for row in record["identical"] for each in row)
        kept = sum(cost["kept_mb"] for cost in record["costs"])
        lines.append(
            [
                name,
                *(ABSENT if x is None else f"{100 * x:.2f}" for x in found),
                "yes" if same else "no",
                f"{record['costs'][-1]['common_mb'] + kept:.1f}",
                f"{record['seconds']:.0f}",
            ]
        )
    titles = [f"{title}, %" for title in MEASURES.values()]
    head = ["", *titles, "answers unchanged", "all tasks, MB", "training, s"]
    return format_table(head, lines)
