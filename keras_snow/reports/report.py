"""report: from the records of a comparison to its table and figure."""

from typing import Any

from keras_snow.core.files import PathLike
from keras_snow.core.files import write_json
from keras_snow.core.files import write_text
from keras_snow.reports.beside_paper import beside_paper
from keras_snow.reports.beside_paper import parameters_beside_paper
from keras_snow.reports.beside_paper import relative_speeds
from keras_snow.reports.comparison_folder import FORMAT
from keras_snow.reports.comparison_folder import ComparisonFolder
from keras_snow.reports.figure import draw_comparison
from keras_snow.reports.rows import build_rows
from keras_snow.reports.rows import total_parameters
from keras_snow.reports.tables import format_csv
from keras_snow.reports.tables import format_markdown
from keras_snow.visualization.canvas import save_figure


def report(folder: PathLike) -> dict[str, Any]:
    """Draws the table and the figure of a comparison from its records.

    Nothing is trained; a comparison that is still under way is reported as far
    as it is. The paper's numbers are put beside ours where task, number of
    classes and source are the same.

    Args:
        folder: What `compare` wrote; `compare.md`, `compare.csv`,
            `compare.json` and `compare.png` are written there.

    Returns:
        What `compare.json` holds: `settings`, `tasks`, `seeds`, `rows` (see
        `build_rows`; each with its `relative_speed`), `totals` (parameters for
        all tasks, by method), `paper` and `paper_parameters` (ours beside the
        paper's).

    Raises:
        FileNotFoundError: If the folder holds no comparison.
        ValueError: If a record is damaged.
        OSError: If the folder can't be written.
    """
    files = ComparisonFolder(folder)
    plan = files.read_plan()
    rows = build_rows(files, plan)
    for row, speed in zip(rows, relative_speeds(rows), strict=True):
        row["relative_speed"] = speed
    result = {
        "format": FORMAT,
        "settings": plan["settings"],
        "tasks": plan["tasks"],
        "seeds": plan["seeds"],
        "rows": rows,
        "totals": total_parameters(rows),
        "paper": beside_paper(plan, rows),
        "paper_parameters": parameters_beside_paper(plan, rows),
    }
    write_json(files.path / "compare.json", result)
    texts = {"md": format_markdown(result), "csv": format_csv(rows)}
    for ending, text in texts.items():
        write_text(files.path / f"compare.{ending}", text)
    save_figure(draw_comparison(rows), files.path / "compare.png")
    return result
