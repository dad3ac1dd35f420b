"""Passes of a source for the deltas of several tasks."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from keras_snow.deltas.delta import Delta
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.deviation import draw_images
from keras_snow.serving.source_cuts import SourceCuts
from keras_snow.serving.task_engines import engine_of
from keras_snow.serving.task_shelf import TaskShelf


def read_maps(
    tasks: Iterable[BundledTask], pixels: np.ndarray, cuts: SourceCuts
) -> dict[str, dict[str, Any]]:
    """Returns the maps that each task reads, with one pass of each engine."""
    groups: dict[str | None, list[BundledTask]] = {}
    for task in tasks:
        groups.setdefault(engine_of(task), []).append(task)
    found = {}
    for engine, group in groups.items():
        taps = {tap for task in group for tap in task.taps}
        maps = cuts.cut(taps, engine)(pixels) if taps else {}
        for task in group:
            found[task.name] = {tap: maps[tap] for tap in task.taps}
    return found


def answer_batches(
    ask: Callable[[Any], dict[str, Any]], images: Any, batch_size: int
) -> dict[str, np.ndarray]:
    """Answers many images, a batch at a time."""
    found: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(images), batch_size):
        for name, logits in ask(images[start : start + batch_size]).items():
            found.setdefault(name, []).append(ops.convert_to_numpy(logits))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def answer_rows(
    deltas: Mapping[str, Delta],
    pixels: np.ndarray,
    maps: Mapping[str, Mapping[str, Any]],
    tasks_of_rows: Sequence[str],
) -> list[np.ndarray]:
    """Returns for each image the logits of its task.

    Args:
        deltas: By task.
        pixels: The images, raw RGB.
        maps: By task, what `read_maps` gave.
        tasks_of_rows: The task of each image.
    """
    answers: list[np.ndarray] = [np.empty(0)] * len(pixels)
    for name, delta in deltas.items():
        rows = np.flatnonzero([task == name for task in tasks_of_rows])
        taken = {
            tap: ops.take(found, rows, axis=0)
            for tap, found in maps[name].items()
        }
        logits = ops.convert_to_numpy(answer(delta, pixels[rows], taken))
        for row, values in zip(rows, logits, strict=True):
            answers[row] = values
    return answers


def reference_logits(
    shelf: TaskShelf,
    cuts: SourceCuts,
    lend: Callable[[str], Delta],
    form: tuple[int, str | None],
    names: Sequence[str],
) -> dict[str, np.ndarray]:
    """Returns what deltas answer for images that are always the same.

    What a delta in a folder has answered once is kept.

    Args:
        shelf: Where the tasks are.
        cuts: Of the source.
        lend: Returns the delta of a task.
        form: Pixels of a side, and how the source is run.
        names: Names of tasks.
    """
    image_size, engine = form
    tasks = {name: shelf.tasks[name] for name in names}
    known = shelf.references
    keys = {
        name: (task.file, image_size, engine) for name, task in tasks.items()
    }
    found = {name: known[key] for name, key in keys.items() if key in known}
    missing = [name for name in names if name not in found]
    taps = {tap for name in missing for tap in tasks[name].taps}
    pixels = draw_images(image_size)
    maps = cuts.cut(taps, engine)(pixels) if taps else {}
    for name in missing:
        found[name] = ops.convert_to_numpy(answer(lend(name), pixels, maps))
        if tasks[name].file is not None:
            known[keys[name]] = found[name]
    return found


def answer(delta: Delta, pixels: np.ndarray, maps: dict[str, Any]) -> Any:
    """Returns the logits of a delta.

    Args:
        delta: The delta.
        pixels: The images, raw RGB.
        maps: Maps by tap; there may be others.
    """
    inputs = {tap: maps[tap] for tap in delta.tap_names}
    image = ops.convert_to_tensor(pixels)
    return delta({delta.IMAGE: image, **inputs}, training=False)
