"""How much a task's accuracy depends on K, width and sigma (Table 4)."""

import pathlib
import statistics
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from keras_snow.core.claim import claimed_folder
from keras_snow.core.files import PathLike
from keras_snow.core.files import write_json
from keras_snow.core.files import write_text
from keras_snow.core.registry import nearest_names
from keras_snow.core.table import ABSENT
from keras_snow.core.table import format_table
from keras_snow.data.task import Task
from keras_snow.data.task_checks import check_one_class_each
from keras_snow.layers.channel_pooling import SIGMA
from keras_snow.reports.paper import SENSITIVITY
from keras_snow.training.verdict import FINISHED
from keras_snow.tuning import SweepOptions
from keras_snow.tuning import sweep

BASE = {"k": 0.125, "width": 0.125, "sigma": SIGMA}
# The paper's values, and what answers its own wish for sigma.
VALUES: dict[str, list[Any]] = {
    name: [*values, "auto"] if name == "sigma" else list(values)
    for name, values in SENSITIVITY.items()
}
_WORDS = {"k": "N", "width": "M"}
Row = dict[str, Any]


def sensitivity(
    task: Task,
    out: PathLike,
    options: SweepOptions | None = None,
    only: Sequence[str] = ("k", "width", "sigma"),
    seeds: Sequence[int] = (0,),
    fixed: Mapping[str, Any] | None = None,
) -> list[Row]:
    """Trains with one setting changed at a time, and stands by the paper.

    All settings share one pass of the source, see `sweep`. Stopped at any
    moment, the same call goes on.

    Args:
        task: What to learn.
        out: Where the runs, `sensitivity.json` and `sensitivity.md` are kept.
        options: Source, recipe, image size.
        only: What to change, out of `"k"`, `"width"` and `"sigma"`.
        seeds: Seeds of initial weights, noise and dropout.
        fixed: Settings of all runs, as of `sweep`. Each of K, width and sigma
            that is among them stays so while another is changed.

    Returns:
        Rows with `setting`, `value`, `top1` and `top5` of the test split
        (means over the seeds that did not diverge; None without any),
        `top1_of_seeds`, and `paper_top1` and `paper_top5` of the cars.

    Raises:
        ValueError: If an argument or the data is not what it should be.

    Examples:
        >>> sensitivity(None, "out", only=["sigm"])
        Traceback (most recent call last):
        ...
        ValueError: Unknown setting. Did you mean `sigma`? ...
    """
    for name in only:
        if name not in VALUES:
            raise ValueError(
                f"Unknown setting. {nearest_names(name, list(VALUES))} "
                f"Received: only={name!r}"
            )
    check_one_class_each(task.multi_label, "The study of settings")
    base = {**BASE, **(fixed or {})}
    if "seed" in base:
        raise ValueError(
            "Seeds have an argument of their own: `seeds`. "
            f"Received: fixed={dict(fixed or {})}"
        )
    plan = [(name, value) for name in only for value in VALUES[name]]
    runs = [
        [{**base, name: value, "seed": seed} for seed in seeds]
        for name, value in plan
    ]
    given = {_frozen(setting) for row in runs for setting in row}
    settings = [dict(each) for each in sorted(given, key=str)]
    with claimed_folder(pathlib.Path(out), "training"):
        records = sweep(task, settings, pathlib.Path(out, "runs"), options)
        by_setting = dict(zip(map(_frozen, settings), records, strict=True))
        rows = [
            _row(name, value, [by_setting[_frozen(each)] for each in row])
            for (name, value), row in zip(plan, runs, strict=True)
        ]
        _write(rows, pathlib.Path(out))
    return rows


def _write(rows: Sequence[Row], out: pathlib.Path) -> None:
    write_json(out / "sensitivity.json", rows)
    write_text(out / "sensitivity.md", format_rows(rows) + "\n")


def format_rows(rows: Sequence[Row]) -> str:
    """Returns the rows as a Markdown table.

    Examples:
        >>> row = {"setting": "k", "value": 0.25, "top1": 0.5, "top5": None,
        ...        "paper_top1": 83.1, "paper_top5": 96.93}
        >>> print(format_rows([row]).splitlines()[-1])
        | K = N/4 | 50.0 % | – | 83.1 % | 96.9 % |
    """
    head = ["changed", "top-1", "top-5", "paper's cars: top-1", "top-5"]
    lines = []
    for row in rows:
        cells = [describe(row["setting"], row["value"])]
        for name in ("top1", "top5"):
            own = row[name]
            cells.append(_percent(None if own is None else 100 * own))
        cells += [_percent(row[f"paper_{name}"]) for name in ("top1", "top5")]
        lines.append(cells)
    return format_table(head, lines)


def describe(name: str, value: Any) -> str:
    """Returns a setting as the paper writes it.

    Examples:
        >>> describe("width", 0.0625), describe("sigma", 1e-5**0.5)
        ('width M/16', 'sigma² = 1e-05')
    """
    if name == "sigma":
        word = value if isinstance(value, str) else f"{value**2:.0e}"
        return f"sigma² = {word}"
    size = f"{_WORDS[name]}/{1 / value:.0f}"
    return f"K = {size}" if name == "k" else f"width {size}"


def _frozen(setting: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(setting.items()))


def _row(name: str, value: Any, records: list[dict[str, Any]]) -> Row:
    tests = [x["results"]["test"] for x in records if x["status"] == FINISHED]
    paper = SENSITIVITY[name].get(value, (None, None))
    return {
        "setting": name,
        "value": value,
        "top1": statistics.mean(x["top1"] for x in tests) if tests else None,
        "top5": statistics.mean(x["top5"] for x in tests) if tests else None,
        "top1_of_seeds": [x["top1"] for x in tests],
        "paper_top1": paper[0],
        "paper_top5": paper[1],
    }


def _percent(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.1f} %"
