"""The record of a run: what it was, how it went, what it reached.

A record is one JSON object:

| key | holds |
|---|---|
| `format` | version of this schema: 1 |
| `status` | `"running"`, `"finished"` or `"diverged"` |
| `problem` | why a diverged run stopped, else null |
| `method`, `seed`, `command` | as given |
| `settings` | task, recipe, image size, model, options: what makes the run |
| `versions` | of Python, the package, Keras, the backend, NumPy |
| `device` | device, strategy, XLA, precision, and why |
| `curves` | one list a quantity, one value an epoch: `epoch` (from 1), `loss`, `accuracy`, `val_top1`, `val_top5`, `val_loss`, `learning_rate`, `epoch_seconds`, `images_per_second`, `step_ms_p50`, `step_ms_p95`, `first_step_seconds`, `input_wait_share`, `peak_memory_mb`, `churn_set`, `churn_slots` |
| `epochs` | epochs that were trained; fewer than the recipe's while it runs, or where its patience ended it |
| `best_epoch` | epoch whose weights are the result: that of the best validation top-1, or the last where the recipe keeps that |
| `best_validation` | `top1`, `loss` -> `epoch` and `value` of the best one on the validation split, whichever weights are kept; `{}` without one |
| `start` | of a run whose head was solved: `penalty`, `left_out_top1` of training images, and `val_top1`, `val_top5`, `val_loss` before the first epoch; `best_epoch` is 0 where every one was worse |
| `results` | `validation`, `test` -> `top1`, `top5`, `loss`, `count`; of images with several classes `map` and `f1` in the place of top-1 and top-5, here and in `curves`, `start` and `best_validation` |
| `thresholds` | of images with several classes: the probability from which each class is answered |
| `partitions` | of `pretrain --how partition`: the classes of one half, a list a binary layer |
| `sigma` | by layer what `AutoSigma` has set, `{}` without it |
| `parameters` | `trained`, `total` |
| `images_per_second` | median over the epochs, training; of a run with `settle_after`, over those behind it, which go without the source |
| `seconds` | training and validation, all sessions of the run |
| `recognised` | what the data was read as, in a line |
| `skipped_files` | files that were left out, each with `path` and `reason` |

Runs of `pretrain` have curves and results of their own: `halves_accuracy` of a
partition; `spread` and `val_knn` of BYOL, and at the end `knn` beside
`knn_untrained`; of episodes `top1` with `low` and `high`, and by `shapes`.
"""  # noqa: E501

import importlib.metadata
import importlib.util
import platform
import statistics
import sys
from typing import Any

import keras
import numpy as np

from keras_snow.callbacks.run_state import RunState
from keras_snow.core.measures import main_measure
from keras_snow.data.task import Task

FORMAT = 1


def begin_record(
    identity: dict[str, Any],
    task: Task,
    device: dict[str, Any],
    command: str | None,
) -> dict[str, Any]:
    """Returns the part of a record that is known before the first step.

    Args:
        identity: What makes the run.
        task: The task.
        device: Device, strategy, XLA, precision.
        command: What was typed; `None` takes it from `sys.argv`.
    """
    model = identity["model"]
    return {
        "format": FORMAT,
        "status": "running",
        "problem": None,
        "method": identity["method"],
        "seed": identity["seed"],
        "command": " ".join(sys.argv) if command is None else command,
        "settings": identity,
        "versions": versions(),
        "device": device,
        "parameters": {"trained": model["trained"], "total": model["total"]},
        "recognised": task.form,
        "skipped_files": [_describe_skipped(file) for file in task.skipped],
    }


def extend_record(record: dict[str, Any], state: RunState) -> dict[str, Any]:
    """Returns a record with how far the run is.

    Args:
        record: What `begin_record` returned.
        state: The run's state.
    """
    # Before a run settles its source runs, too: another measure.
    first = record["settings"].get("settle_after") or 0
    rates = [x for x in state.curves.get("images_per_second", [])[first:] if x]
    return record | {
        "status": "diverged" if state.problem else "running",
        "problem": state.problem,
        "curves": state.curves,
        "epochs": state.epochs_done,
        "best_epoch": state.best_epoch,
        "best_validation": _best_validation(state.curves),
        "images_per_second": statistics.median(rates) if rates else None,
        "seconds": state.seconds,
        "sigma": state.sigma,
        **({"start": state.start} if state.start else {}),
    }


def _best_validation(curves: dict[str, list[Any]]) -> dict[str, Any]:
    """Where validation was best: it may have been long before the end."""
    found = {}
    for name, best in ((main_measure(curves), max), ("loss", min)):
        known = [x for x in curves.get(f"val_{name}", []) if x is not None]
        if known:
            value = best(known)
            epoch = curves[f"val_{name}"].index(value) + 1
            found[name] = {"epoch": epoch, "value": value}
    return found


def versions() -> dict[str, str]:
    """Returns the versions of what a result depends on."""
    found = {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "numpy": np.__version__,
        "backend": keras.backend.backend(),
    }
    for name in ("keras-snow", "tensorflow", "tensorflow-cpu", "jax"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _describe_skipped(file: Any) -> dict[str, str]:
    return {"path": str(file.path), "reason": str(file.reason)}
