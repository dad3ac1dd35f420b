"""One process' work in a comparison: plain data in, plain data out."""

import pathlib
import traceback
from typing import Any

import keras

from keras_snow.baselines import build_method
from keras_snow.callbacks.memory import peak_memory
from keras_snow.core.errors import sentence_of
from keras_snow.core.files import read_json
from keras_snow.data.cache import choose_cache
from keras_snow.data.catalogue import load_task
from keras_snow.data.splitting import without_test
from keras_snow.recipes.recipe import Recipe
from keras_snow.sources.networks import load_source
from keras_snow.sources.source import Source
from keras_snow.training.checks import check_image_size
from keras_snow.training.options import TrainingOptions
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.step_plan import plan_step
from keras_snow.training.train import train
from keras_snow.training.verdict import DIVERGED
from keras_snow.training.verdict import FINISHED

FAILED = "failed"
_LONGEST = 400


def run_job(job: dict[str, Any]) -> dict[str, Any]:
    """Does a job, and says how it ended, whatever happens.

    Args:
        job: With `kind` `"check"`: `source`, `methods` (settings and name of
            each, by label), `image_size`. With `"train"`: what
            `Comparison.job` makes.

    Returns:
        `status` (`"finished"`, `"diverged"` or `"failed"`), `problem` (a
        sentence or None), and what the kind of job gives: `problems` of
        methods by label, or `memory` of a training as of `peak_memory`.
    """
    try:
        result = {"check": _check, "train": _train}[job["kind"]](job)
    except Exception as error:
        # One failing method must not stop the others, and libraries fail in
        # ways of their own; the traceback goes to the log.
        traceback.print_exc()
        return {"status": _status_of(job), "problem": describe(error)}
    return {"status": FINISHED, "problem": None, **result}


def describe(error: BaseException) -> str:
    """Returns an error in a sentence that fits into a table's notes.

    Examples:
        >>> describe(ValueError("Lower `k`."))
        'Lower `k`.'
        >>> describe(RuntimeError("out of memory"))
        'RuntimeError: out of memory'
    """
    text = sentence_of(error)
    ours = isinstance(error, (ValueError, TypeError, OSError, ImportError))
    text = text if ours else f"{type(error).__name__}: {text}"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _status_of(job: dict[str, Any]) -> str:
    """Whether a job that raised has diverged, which it would do again."""
    if job["kind"] != "train":
        return FAILED
    path = RunFolder(job["out"]).record
    if not path.is_file():
        return FAILED
    return (
        DIVERGED
        if read_json(path, ["status"])["status"] == DIVERGED
        else FAILED
    )


def _check(job: dict[str, Any]) -> dict[str, Any]:
    """Builds every method, so that what can't work is known at once."""
    source = load_source(**job["source"])
    problems = {}
    for label, entry in job["methods"].items():
        try:
            model = build_method(
                entry["method"], source, num_classes=2, **entry["settings"]
            )
            check_image_size(model, job["image_size"])
        except (ValueError, TypeError) as error:
            problems[label] = describe(error)
    return {"problems": problems}


def _train(job: dict[str, Any]) -> dict[str, Any]:
    task = load_task(job["task"], **job["data"])
    if not job["test"]:
        task = without_test(task)
    given = job["training"]
    cache = choose_cache(given["cache"], task, job["image_size"])

    built: list[keras.Model] = []

    def build() -> keras.Model:
        source: Source = load_source(**job["source"])
        built.append(
            build_method(
                job["method"], source, task.num_classes, **job["settings"]
            )
        )
        return built[-1]

    recipe = Recipe.from_dict(job["recipe"])
    train(
        build,
        task,
        recipe,
        out=pathlib.Path(job["out"]),
        image_size=job["image_size"],
        seed=job["seed"],
        config=TrainingOptions(
            method=job["method"],
            source=str(job["source"]["spec"]),
            weights=job["source"]["weights"],
            notes={**job["settings"], "taps": job["source"]["taps"]},
            command="keras-snow compare",
            tensorboard=False,
            verbose=False,
            **{**given, "cache": cache},
        ),
    )
    memory = peak_memory()
    if job["test"] and built:
        plan = plan_step(built[-1], recipe, job["image_size"])
        memory["planned_step_bytes"] = plan and plan.bytes
    return {"memory": memory}
