"""The paper's numbers beside ours, where tasks and source are the same."""

from collections.abc import Sequence
from typing import Any

from keras_snow.reports import paper
from keras_snow.reports.rows import Row
from keras_snow.reports.rows import total_parameters


def beside_paper(
    plan: dict[str, Any], rows: Sequence[Row]
) -> list[dict[str, Any]]:
    """Returns our numbers and the paper's for the same task and method.

    Returns:
        Dicts with `task`, `method`, `paper_method`, and of both `top1`, `top5`
        (percent) and `relative_speed` (images a second in training, FO's = 1;
        None without FO), and `paper_images_per_second`, `paper_memory_gb`; None
        where the paper prints none. The paper's SNOW-128 follows SNOW, as a
        line with nothing of ours: `method` is None, too.
    """
    if not paper.is_papers_source(plan["settings"]):
        return []
    names = {task["name"]: paper.paper_task(task) for task in plan["tasks"]}
    speeds = relative_speeds(rows)
    found = []
    for row, speed in zip(rows, speeds, strict=True):
        task, theirs = names[row["task"]], paper.METHODS.get(row["method"])
        if task is None or theirs is None or "top1" not in row:
            continue
        ours = {
            "method": row["method"],
            "top1": 100 * row["top1"]["mean"],
            "top5": 100 * row["top5"]["mean"],
            "relative_speed": speed,
        }
        found.append({"task": row["task"], **ours, **_printed(theirs, task)})
        if theirs is paper.METHODS["snow"]:
            none = dict.fromkeys(ours)
            others = _printed(paper.SNOW_128, task)
            found.append({"task": row["task"], **none, **others})
    return found


def parameters_beside_paper(
    plan: dict[str, Any], rows: Sequence[Row]
) -> list[dict[str, Any]]:
    """Returns our totals and the paper's, if all its five tasks are compared.

    Returns:
        Dicts with `method`, `total_millions` (source and five tasks),
        `own_millions` (the five tasks alone), `paper_six_tasks_millions` and,
        for subscriptions, `paper_own_millions`; None where unknown.
    """
    names = {paper.paper_task(task) for task in plan["tasks"]}
    same = names == set(paper.TASKS)
    if not same or not paper.is_papers_source(plan["settings"]):
        return []
    found = []
    for label, total in total_parameters(rows).items():
        theirs = paper.METHODS.get(label)
        if total is None or theirs is None:
            continue
        own = sum(x["parameters"]["own"] for x in rows if x["method"] == label)
        found.append(
            {
                "method": label,
                "total_millions": total / 1e6,
                "own_millions": own / 1e6,
                "paper_six_tasks_millions": theirs.millions,
                "paper_own_millions": theirs.own_millions,
            }
        )
    return found


def relative_speeds(rows: Sequence[Row]) -> list[float | None]:
    """Returns images a second in training, FO's on the same task = 1.

    Returns:
        One for each row; None where one of the two is unknown, or the source's
        maps were kept for one of them.

    Examples:
        >>> relative_speeds([
        ...     {"task": "a", "method": "fo", "images_per_second": 200.0},
        ...     {"task": "a", "method": "ft", "images_per_second": 50.0},
        ... ])
        [1.0, 0.25]
    """
    final_only = {
        row["task"]: _speed(row) for row in rows if row["method"] == "fo"
    }
    relative = []
    for row in rows:
        ours, reference = _speed(row), final_only.get(row["task"])
        relative.append(ours / reference if ours and reference else None)
    return relative


def paper_relative_speed(method: str, task: str) -> float | None:
    """Returns the paper's images a second in training, FO's = 1.

    Returns:
        None if the paper has no such method.

    Examples:
        >>> round(paper_relative_speed("snow", "cars196"), 2)
        0.89
        >>> round(paper_relative_speed("lf", "cars196"), 2)
        0.25
    """
    theirs = paper.METHODS.get(method)
    return _relative_speed(theirs, task) if theirs else None


def _relative_speed(theirs: paper.PaperMethod, task: str) -> float | None:
    speed = theirs.images_per_second.get(task)
    final_only = paper.METHODS["fo"].images_per_second[task]
    return speed / final_only if speed else None


def _printed(theirs: paper.PaperMethod, task: str) -> dict[str, Any]:
    return {
        "paper_method": theirs.name,
        "paper_top1": theirs.top1.get(task),
        "paper_top5": theirs.top5.get(task),
        "paper_relative_speed": _relative_speed(theirs, task),
        "paper_images_per_second": theirs.images_per_second.get(task),
        "paper_memory_gb": theirs.memory_gb.get(task),
    }


def _speed(row: Row) -> float | None:
    speed: float | None = row.get("images_per_second")
    return None if row.get("cached") else speed
