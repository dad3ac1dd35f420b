"""The rows of a comparison as Markdown and as CSV."""

from collections.abc import Sequence
from typing import Any

from keras_snow.core import table
from keras_snow.core.measures import MEASURES
from keras_snow.core.table import ABSENT
from keras_snow.core.table import format_table
from keras_snow.reports import paper
from keras_snow.reports.rows import Row

_MEASURES = {
    "device": "allocated on the device",
    "process": "resident in the run's process, interpreter and libraries "
    "included",
}


def format_markdown(result: dict[str, Any]) -> str:
    """Returns the report as a page of Markdown."""
    parts = ["# Methods compared", _describe(result)]
    for task in result["tasks"]:
        rows = [row for row in result["rows"] if row["task"] == task["name"]]
        parts += [_task_title(task), format_rows(rows)]
    parts += [_format_totals(result["totals"])]
    for problems in list_problems(result["rows"]):
        parts += ["## What did not work", problems]
    parts += [_format_notes(result["rows"])]
    parts += _format_paper(result)
    return "\n\n".join(parts) + "\n"


def format_summary(result: dict[str, Any]) -> str:
    """Returns the tables of all tasks and what did not work, for a terminal."""
    parts = []
    for task in result["tasks"]:
        rows = [row for row in result["rows"] if row["task"] == task["name"]]
        parts.append(f"{task['name']}\n{format_rows(rows)}")
    parts += list_problems(result["rows"])
    return "\n\n".join(parts)


def list_problems(rows: Sequence[Row]) -> list[str]:
    """Returns a list of what did not work, if anything.

    Examples:
        >>> row = {"task": "dtd", "method": "bn", "status": "failed"}
        >>> list_problems([{**row, "problem": "There is nothing to tune."}])
        ['- dtd, bn (failed): There is nothing to tune.']
        >>> list_problems([{**row, "problem": None}])
        []
    """
    found = [
        f"- {row['task']}, {row['method']} ({row['status']}): {row['problem']}"
        for row in rows
        if row["problem"]
    ]
    return ["\n".join(found)] if found else []


def format_rows(rows: Sequence[Row]) -> str:
    """Returns rows of one task as a Markdown table.

    Examples:
        >>> row = {"method": "fo", "status": "failed", "problem": "Why."}
        >>> print(format_rows([row]).splitlines()[-1])
        | fo | failed | – | – | – | – | – | – | – |
    """
    several = any("map" in row for row in rows)
    head = [
        "method",
        *(["mAP", "F1"] if several else ["top-1", "top-5"]),
        "learning rate",
        "own parameters, M",
        "images/s",
        "FO = 1",
        "peak memory, MB",
        "to best epoch, s",
    ]
    return format_table(head, [_cells(row) for row in rows])


def format_csv(rows: Sequence[Row]) -> str:
    """Returns the rows as CSV, one a line, units in the titles."""
    return table.format_csv([_flatten(row) for row in rows])


def _cells(row: Row) -> list[str]:
    measured = [_accuracy(row[name]) for name in MEASURES if name in row]
    if not measured:
        return [row["method"], row["status"], *[ABSENT] * 7]
    speed = _number(row["images_per_second"], "{:.0f}")
    memory = row["peak_memory_bytes"]
    return [
        row["method"],
        *measured,
        f"{row['learning_rate']:g}{' (edge)' if row['rate_at_edge'] else ''}",
        f"{row['parameters']['own'] / 1e6:.3g}",
        f"{speed}{' (cached)' if row['cached'] else ''}",
        _number(row.get("relative_speed"), "{:.2f}"),
        _number(memory and memory / 1e6, "{:.0f}"),
        f"{row['seconds_to_best']:.0f}",
    ]


def _accuracy(value: dict[str, Any]) -> str:
    mean = f"{100 * value['mean']:.1f} %"
    if value["low"] is None:
        return mean
    return f"{mean} ± {50 * (value['high'] - value['low']):.1f}"


def _number(value: float | None, form: str) -> str:
    return ABSENT if value is None else form.format(value)


def _describe(result: dict[str, Any]) -> str:
    settings = result["settings"]
    count = len(result["seeds"])
    seeds = f"{count} seed{'s' if count > 1 else ''}"
    rates = (
        "chosen for each method on the validation images"
        if settings["tune_rate"]
        else "the recipe's own"
    )
    devices = sorted({x["device"] for x in result["rows"] if "device" in x})
    on = f" Trained on {'; '.join(devices)}." if devices else ""
    return (
        f"Source `{settings['source']}`, images of {settings['image_size']} "
        f"px, {seeds}, learning rates {rates}.{on}"
    )


def _task_title(task: dict[str, Any]) -> str:
    data = task["data"]
    sizes = ", ".join(f"{n} {name}" for name, n in data["sizes"].items())
    return (
        f"## {task['name']}\n\n{data['num_classes']} classes; {sizes} images."
    )


def _format_totals(totals: dict[str, int | None]) -> str:
    lines = [
        [label, ABSENT if total is None else f"{total / 1e6:.4g}"]
        for label, total in totals.items()
    ]
    return (
        "## Parameters of all tasks together\n\nWhat no task changes is kept "
        "once, what a task changes is kept for each.\n\n"
        + format_table(["method", "millions"], lines)
    )


def _format_notes(rows: Sequence[Row]) -> str:
    measures = {x["memory_measure"] for x in rows if x.get("peak_memory_bytes")}
    memory = "; ".join(_MEASURES[name] for name in sorted(measures))
    lines = [
        "- ± is half of Student's 95 % interval over seeds; one seed has none.",
        "- Top-1 and top-5 are of the test images, which were scored once for "
        "each seed, with the chosen learning rate alone.",
        "- Own parameters: what one task adds, moving statistics included.",
        "- Images a second: the median over steps, in training.",
        f"- Peak memory: {memory or 'the system does not tell'}.",
        *_format_plans(rows),
        "- To best epoch: training and validation up to the epoch with the "
        "best validation top-1.",
    ]
    if any(row.get("cached") for row in rows):
        lines.append(
            "- (cached): the source's maps were kept, so that only what is "
            "trained was timed."
        )
    if any(row.get("rate_at_edge") for row in rows):
        lines.append(
            "- (edge): the best rate lies at the end of those tried; a better "
            "one may lie beyond."
        )
    return "## How it was measured\n\n" + "\n".join(lines)


def _format_plans(rows: Sequence[Row]) -> list[str]:
    """XLA counts a step's buffers alone: no library, no source of images."""
    plans = [
        f"{row['task']}, {row['method']}: {row['planned_step_bytes'] / 1e6:.0f}"
        for row in rows
        if row.get("planned_step_bytes")
    ]
    if not plans:
        return [
            "- XLA's own analysis of a step's memory: none on this backend."
        ]
    return [f"- XLA's own analysis of a step's memory, MB: {'; '.join(plans)}."]


def _format_paper(result: dict[str, Any]) -> list[str]:
    title = "## Beside the paper"
    if not result["paper"]:
        return [
            f"{title}\n\nNo task of this comparison is one of the paper's "
            "with the paper's source (ResNet50, ImageNet)."
        ]
    head = ["task", "method", "top-1 (top-5)", "paper", "FO = 1", "paper"]
    head += ["paper, images/s", "paper, GB"]
    lines = [
        [
            x["task"],
            f"{x['method'] or ABSENT} ({x['paper_method']})",
            _both_accuracies(x["top1"], x["top5"]),
            _both_accuracies(x["paper_top1"], x["paper_top5"]),
            _number(x["relative_speed"], "{:.2f}"),
            _number(x["paper_relative_speed"], "{:.2f}"),
            _number(x["paper_images_per_second"], "{:.0f}"),
            _number(x["paper_memory_gb"], "{:.2f}"),
        ]
        for x in result["paper"]
    ]
    parts = [f"{title}\n\n{paper.REFERENCE}.", format_table(head, lines, 2)]
    if result["paper_parameters"]:
        parts.append(_format_paper_parameters(result["paper_parameters"]))
    return parts


def _both_accuracies(top1: float | None, top5: float | None) -> str:
    """In percent, as the paper's Table 7 prints them."""
    in_brackets = "" if top5 is None else f" ({top5:.2f})"
    return f"{_number(top1, '{:.2f}')}{in_brackets}"


def _format_paper_parameters(found: Sequence[dict[str, Any]]) -> str:
    head = ["method", "five tasks, M", "paper", "with the source, M"]
    head += ["paper, with ImageNet's head"]
    lines = [
        [
            x["method"],
            f"{x['own_millions']:.2f}",
            _number(x["paper_own_millions"], "{:.1f}"),
            f"{x['total_millions']:.2f}",
            _number(x["paper_six_tasks_millions"], "{:.1f}"),
        ]
        for x in found
    ]
    return format_table(head, lines)


def _flatten(row: Row) -> dict[str, Any]:
    flat = {name: row.get(name) for name in ("task", "method", "status")}
    several = ("map", "f1") if "map" in row else ()
    for name in ("top1", "top5", *several):
        value = row.get(name, {})
        flat |= {f"{name}_{x}": value.get(x) for x in ("mean", "low", "high")}
    parameters = row.get("parameters", {})
    flat |= {
        f"{name}_parameters": parameters.get(name)
        for name in ("own", "shared", "trained")
    }
    flat["seeds"] = " ".join(str(seed) for seed in row["seeds"])
    names = (
        "learning_rate",
        "tuned",
        "rate_at_edge",
        "images_per_second",
        "relative_speed",
        "cached",
        "peak_memory_bytes",
        "memory_measure",
        "planned_step_bytes",
        "seconds_to_best",
        "device",
        "problem",
    )
    return flat | {name: row.get(name) for name in names}
