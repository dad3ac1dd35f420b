"""The demo: SNOW, the final layer only and scratch on tasks drawn here."""

import dataclasses
import os
import pathlib
import time
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from keras_snow.baselines import build_method
from keras_snow.core.checks import check_count
from keras_snow.core.files import write_json
from keras_snow.core.files import write_text
from keras_snow.core.progress import describe_seconds
from keras_snow.core.table import format_table
from keras_snow.data.demo import load_demo_task
from keras_snow.data.task import Task
from keras_snow.recipes import Recipe
from keras_snow.reports.demo.figure import draw_demo
from keras_snow.reports.demo.network import CROP
from keras_snow.reports.demo.settings import METHODS
from keras_snow.reports.demo.settings import TITLES
from keras_snow.reports.demo.settings import DemoSettings
from keras_snow.reports.demo.settings import check_tasks
from keras_snow.reports.demo.source import load_demo_source
from keras_snow.sources import Source
from keras_snow.training import TrainingOptions
from keras_snow.training import train
from keras_snow.visualization.canvas import save_figure

Say = Callable[[str], None]


def run_demo(
    tasks: Sequence[str] | None = None,
    seed: int = 0,
    out: str | os.PathLike[str] = "snow-demo",
    settings: DemoSettings | None = None,
    cache: str | os.PathLike[str] | None = None,
    say: Say = lambda text: None,
) -> dict[str, Any]:
    """Trains every method on every task, and leaves a table and a figure.

    Args:
        tasks: Names of demo tasks; those of `settings` if None.
        seed: Of the tasks' images and of the training; the source keeps its
            own, so that it is trained once.
        out: The folder for `demo.json`, `demo.md` and `demo.png`.
        settings: The budget.
        cache: Where the source is kept, see `demo_source_file`.
        say: Called with a sentence on what is being done.

    Returns:
        What `demo.json` holds: `settings`, `seed`, `seconds`, and one row for
        each task and method.

    Raises:
        OSError: If a folder can't be written.
        ValueError: If there is no such task.
    """
    settings = settings or DemoSettings()
    tasks = settings.tasks if tasks is None else tasks
    check_tasks(tasks)
    check_count("seed", seed, minimum=0)
    began = time.perf_counter()
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    source = load_demo_source(settings.source, cache, say)
    drawn = {name: _draw(name, settings, seed) for name in tasks}
    rows = _compare_all(source, drawn, settings, seed, say)
    result = {
        "settings": dataclasses.asdict(settings),
        "seed": seed,
        "seconds": time.perf_counter() - began,
        "rows": rows,
    }
    write_json(out / "demo.json", result)
    write_text(out / "demo.md", format_rows(rows) + "\n")
    save_figure(draw_demo(drawn, rows), out / "demo.png")
    return result


def format_rows(rows: Sequence[dict[str, Any]]) -> str:
    """Returns the results as a Markdown table.

    Examples:
        >>> row = {
        ...     "task": "counting", "method": "fo", "top1": 0.5, "chance": 0.2,
        ...     "trained_parameters": 485, "images_per_second": 900.0,
        ...     "seconds": 4.0,
        ... }
        >>> print(format_rows([row]).splitlines()[-1])
        | counting  | final layer only |  50.0% |     485 |    900 |   4.0 |
    """
    head = ["task", "method", "accuracy", "trained", "images/s", "seconds"]
    lines = [
        [
            f"{row['task']:<9}",
            f"{TITLES[row['method']]:<16}",
            f"{row['top1']:>6.1%}",
            f"{row['trained_parameters']:>7,}",
            f"{row['images_per_second']:>6.0f}",
            f"{row['seconds']:>5.1f}",
        ]
        for row in rows
    ]
    return format_table(head, lines, left=2)


def _draw(name: str, settings: DemoSettings, seed: int) -> Task:
    return load_demo_task(
        name,
        train=settings.images,
        validation=settings.validation,
        test=settings.test,
        seed=seed,
    )


def _compare_all(
    source: Source,
    drawn: dict[str, Task],
    settings: DemoSettings,
    seed: int,
    say: Say,
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    ready = time.perf_counter()
    for name, task in drawn.items():
        for method in METHODS:
            rows.append(
                _compare(source, task, name, method, settings, seed, say)
            )
        if left := len(drawn) - len(rows) // len(METHODS):
            done = len(drawn) - left
            seconds = (time.perf_counter() - ready) / done * left
            say(f"about {describe_seconds(seconds)} left.")
    return rows


def _compare(
    source: Source,
    task: Task,
    name: str,
    method: str,
    settings: DemoSettings,
    seed: int,
    say: Say,
) -> dict[str, Any]:
    options = {
        "snow": {**settings.snow, "seed": seed},
        "scratch": {"seed": seed},
    }
    model = build_method(
        method, source, task.num_classes, **options.get(method, {})
    )
    record = train(
        model,
        task,
        _recipe(settings, method),
        image_size=CROP,
        seed=seed,
        config=TrainingOptions(
            method=method,
            cache="memory",
            evaluation_batch_size=100,
            verbose=False,
        ),
    )
    row = {
        "task": name,
        "method": method,
        "top1": record["results"]["test"]["top1"],
        "chance": 1 / task.num_classes,
        "trained_parameters": record["parameters"]["trained"],
        "images_per_second": record["images_per_second"],
        "seconds": record["seconds"],
    }
    say(f"{name}: {TITLES[method]} {row['top1']:.1%}, {row['seconds']:.0f} s.")
    return row


def _recipe(settings: DemoSettings, method: str) -> Recipe:
    return Recipe(
        name="demo",
        optimizer="adamw",
        learning_rate=settings.learning_rates[method],
        reference_batch=None,
        weight_decay=1e-2,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        schedule="cosine",
        warmup_epochs=1.0,
        # Crops and flips would change the answers: up becomes down.
        augmentation="none",
        sigma_schedule="anneal",
    )
