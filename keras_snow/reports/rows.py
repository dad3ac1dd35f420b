"""From the records of a comparison to the rows of its table."""

import pathlib
import statistics
from collections.abc import Sequence
from typing import Any

from keras_snow.core.files import read_json
from keras_snow.core.measures import MEASURES
from keras_snow.core.measures import main_measure
from keras_snow.metrics.confidence_interval import confidence_interval
from keras_snow.reports.comparison_folder import ComparisonFolder
from keras_snow.reports.job import FAILED
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.verdict import FINISHED

Row = dict[str, Any]
PARTIAL = "partial"
MISSING = "missing"
LEVEL = 0.95


def build_rows(folder: ComparisonFolder, plan: dict[str, Any]) -> list[Row]:
    """Returns one row for each task and method.

    Returns:
        Rows with `task`, `method`, `status` (`"finished"`, `"partial"`,
        `"diverged"`, `"failed"` or `"missing"`), `problem`, `seeds` (those
        that finished), `learning_rate`, `tuned`, and if a seed has finished
        what `summarise` returns.
    """
    return [
        _build_row(folder, plan, task, entry)
        for task in plan["tasks"]
        for entry in plan["entries"]
    ]


def _build_row(
    folder: ComparisonFolder,
    plan: dict[str, Any],
    task: dict[str, Any],
    entry: dict[str, Any],
) -> Row:
    label = entry["name"]
    rate = _read(folder.rate(task["name"], label))
    runs = {}
    problems = [_problem(plan["problems"].get(label), rate)]
    for seed in plan["seeds"]:
        place = folder.outcome(task["name"], label, seed)
        outcome = _read(place)
        if outcome.get("status") == FINISHED:
            record = RunFolder(place.with_suffix("")).read_record()
            runs[seed] = {"record": record, "memory": outcome["memory"]}
        elif outcome:
            problems.append((outcome["status"], outcome["problem"]))
    status, problem = _judge(len(runs), len(plan["seeds"]), problems)
    return {
        "task": task["name"],
        "method": label,
        "status": status,
        "problem": problem,
        "seeds": list(runs),
        "tuned": bool(rate),
        "rate_at_edge": bool(rate.get("at_edge")),
        **summarise(list(runs.values())),
    }


def _read(path: pathlib.Path) -> dict[str, Any]:
    found: dict[str, Any] = read_json(path) if path.is_file() else {}
    return found


def _problem(
    problem: str | None, rate: dict[str, Any]
) -> tuple[str, str | None]:
    if problem:
        return FAILED, problem
    if rate.get("problem"):
        return rate["status"], rate["problem"]
    return MISSING, None


def _judge(
    finished: int, wanted: int, problems: list[tuple[str, str | None]]
) -> tuple[str, str | None]:
    """A row's status and problem: the first of all that went wrong."""
    if finished == wanted:
        return FINISHED, None
    known = [(status, problem) for status, problem in problems if problem]
    status, problem = known[0] if known else (MISSING, None)
    counted = f"{finished} of {wanted} seeds are finished."
    problem = counted if problem is None else problem
    return (PARTIAL if finished else status), problem


def summarise(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Returns what runs of one method on one task have in common.

    Returns:
        Without runs nothing, else:
        `learning_rate`;
        `top1`, `top5` (of several classes an image `map`, `f1`): `mean`, `low`
        and `high` on test images (0 to 1;
        the ends of Student's 95 % interval are None with one seed) and
        `values`;
        `parameters`: `own` (what the task adds: trained weights and moving
        statistics), `shared` (what no task changes) and `trained`;
        `images_per_second`: median, in training; `cached`: whether the
        source's maps were kept, so that only the delta was timed;
        `peak_memory_bytes`: the largest, `memory_measure`, and
        `planned_step_bytes`: XLA's analysis of a step, None without one;
        `seconds_to_best`: mean time to the epoch with the best validation
        top-1, and `best_epochs`; `device` in words.
    """
    if not runs:
        return {}
    records = [run["record"] for run in runs]
    peaks = [run["memory"]["bytes"] for run in runs]
    model = records[0]["settings"]["model"]
    best = [best_epoch(record) for record in records]
    seconds = [
        sum(record["curves"]["epoch_seconds"][:epoch])
        for record, epoch in zip(records, best, strict=True)
    ]
    return {
        "learning_rate": records[0]["settings"]["recipe"]["learning_rate"],
        **{
            name: _average([x["results"]["test"][name] for x in records])
            for name in MEASURES
            if name in records[0]["results"]["test"]
        },
        "parameters": {
            "own": model["changing"],
            "shared": model["total"] - model["changing"],
            "trained": model["trained"],
        },
        "images_per_second": _median([x["images_per_second"] for x in records]),
        "cached": bool(records[0]["settings"]["cache_taps"]),
        "peak_memory_bytes": max((x for x in peaks if x), default=None),
        "memory_measure": runs[0]["memory"]["measure"],
        "planned_step_bytes": runs[0]["memory"].get("planned_step_bytes"),
        "seconds_to_best": statistics.fmean(seconds),
        "best_epochs": best,
        "device": records[0]["device"]["device"],
    }


def best_epoch(record: dict[str, Any]) -> int:
    """Returns the first epoch (from 1) with the highest validation top-1.

    A recipe may keep the last epoch's weights nevertheless.

    Examples:
        >>> best_epoch({"curves": {"val_top1": [0.2, 0.6, 0.6]}})
        2
    """
    curves = record["curves"]
    found = curves[f"val_{main_measure(curves)}"]
    scores = [-1.0 if x is None else x for x in found]
    return scores.index(max(scores)) + 1


def total_parameters(rows: Sequence[Row]) -> dict[str, int | None]:
    """Returns the parameters that a method takes for all tasks, by method.

    What no task changes, such as a frozen source, is kept once; what a task
    changes is kept for each.

    Returns:
        None for a method that has not learned every task.

    Examples:
        >>> counts = {"parameters": {"own": 3, "shared": 10}}
        >>> rows = [{"method": "fo", **counts}, {"method": "fo", **counts}]
        >>> total_parameters(rows)
        {'fo': 16}
    """
    totals: dict[str, int | None] = {}
    for label in dict.fromkeys(row["method"] for row in rows):
        counts = [x.get("parameters") for x in rows if x["method"] == label]
        known = [x for x in counts if x is not None]
        complete = len(known) == len(counts)
        shared = max((x["shared"] for x in known), default=0)
        total = shared + sum(x["own"] for x in known)
        totals[label] = total if complete else None
    return totals


def _average(values: list[float]) -> dict[str, Any]:
    low, high = (
        confidence_interval(values, LEVEL) if len(values) > 1 else (None, None)
    )
    return {
        "mean": statistics.fmean(values),
        "low": low,
        "high": high,
        "values": values,
    }


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value]
    return statistics.median(known) if known else None
