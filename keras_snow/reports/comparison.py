"""Comparison: trains what is missing, one process a run."""

import pathlib
import shutil
from typing import Any

from keras_snow.baselines import METHODS
from keras_snow.core.differences import differences
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.core.measures import main_measure
from keras_snow.core.progress import Progress
from keras_snow.core.progress import say
from keras_snow.recipes.recipe import Recipe
from keras_snow.reports.comparison_folder import ComparisonFolder
from keras_snow.reports.entry import SNOW
from keras_snow.reports.entry import UNTRAINED
from keras_snow.reports.entry import Entry
from keras_snow.reports.launch import run_in_child
from keras_snow.reports.options import CompareOptions
from keras_snow.reports.planned_task import PlannedTask
from keras_snow.reports.rates import GRID
from keras_snow.reports.rates import Trial
from keras_snow.reports.rates import choose_rate
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.verdict import DIVERGED
from keras_snow.training.verdict import FINISHED

# Neither changes if it is trained again with the same seed.
_FINAL = (FINISHED, DIVERGED)


class Comparison:
    """Trains what is missing of a comparison, one process a run.

    Args:
        folder: Where everything is kept.
        source: Name or path of the source.
        options: Everything else that is the same for all runs.
    """

    def __init__(
        self, folder: ComparisonFolder, source: str, options: CompareOptions
    ) -> None:
        self.folder = folder
        self.options = options
        self.progress = Progress(0, "epoch", show=False)
        self.source = {
            "spec": source,
            "weights": options.weights,
            "taps": options.identity()["taps"],
            "input_scale": options.input_scale,
        }

    def check(self, entries: list[Entry]) -> dict[str, str]:
        """Builds all methods before any is trained.

        Returns:
            Why a method can't be trained from this source, by label.
        """
        problems: dict[str, str] = {}
        for source in dict.fromkeys(entry.source for entry in entries):
            read = [entry for entry in entries if entry.source == source]
            job = {
                "kind": "check",
                "source": self._source_of(read[0]),
                "image_size": self.options.image_size,
                "methods": {
                    entry.label: {
                        "method": entry.method,
                        "settings": self._settings(entry, 0),
                    }
                    for entry in read
                },
            }
            outcome = run_in_child(job, self.folder.log)
            if outcome["status"] != FINISHED:
                raise ValueError(outcome["problem"])
            problems |= outcome["problems"]
        for label, problem in problems.items():
            self.say(f"{label}: {problem}")
        return problems

    def epochs_of(self, task: PlannedTask, seeds: int) -> int:
        """Returns the epochs of a method on a task, if all goes as planned."""
        whole = task.recipe.epochs
        tried = GRID * self.options.trial_epochs(whole)
        return seeds * whole + (tried if self.options.tune_rate else 0)

    def is_done(self, task: str, entry: Entry, seeds: list[int]) -> bool:
        """Tells whether nothing is left to train of a method on a task."""
        places = [self.folder.outcome(task, entry.label, x) for x in seeds]
        if all(_is_final(place) for place in places):
            return True
        rate = self.folder.rate(task, entry.label)
        return rate.is_file() and read_json(rate)["status"] == DIVERGED

    def train(self, task: PlannedTask, entry: Entry, seeds: list[int]) -> None:
        """Trains a method on a task: its learning rate first, then each seed.

        Args:
            task: The task.
            entry: The method.
            seeds: The seeds; the rate is chosen with the first.
        """
        recipe = METHODS.get(entry.method).fit_recipe(task.recipe)
        if self.options.tune_rate:
            rate = self._tune(task, entry, recipe, seeds[0])
            if rate is None:
                return
            recipe = recipe.replace(learning_rate=rate)
        for seed in seeds:
            place = self.folder.outcome(task.name, entry.label, seed)
            job = self.job(task, entry, recipe, seed, place)
            outcome = self._complete(job, place, f"seed {seed}")
            if outcome["status"] == FINISHED:
                shutil.rmtree(RunFolder(job["out"]).checkpoints, True)

    def job(
        self,
        task: PlannedTask,
        entry: Entry,
        recipe: Recipe,
        seed: int,
        place: pathlib.Path,
    ) -> dict[str, Any]:
        """Returns a training as plain data."""
        options = self.options
        return {
            "kind": "train",
            "label": entry.label,
            "task": task.spec,
            "data": options.data_options(),
            "test": True,
            "source": self._source_of(entry),
            "method": entry.method,
            "settings": self._settings(entry, seed),
            "recipe": recipe.to_dict(),
            "image_size": options.image_size,
            "seed": seed,
            "out": str(place.with_suffix("")),
            "training": {
                "xla": options.xla,
                "precision": options.precision,
                "engine": options.engine,
                "cache": options.cache,
                # Only a delta can be trained without its source.
                "cache_taps": options.cache_taps * entry.shares_pass,
                "tap_folder": options.tap_folder,
                "cache_limit_gb": options.cache_limit_gb,
            },
        }

    def say(self, text: str) -> None:
        """Writes a line to standard error, unless told to be quiet."""
        if self.options.verbose:
            say(text)

    def _source_of(self, entry: Entry) -> dict[str, Any]:
        """Returns what `load_source` takes for an entry."""
        if entry.source == UNTRAINED:
            return {**self.source, "weights": None}
        return {**self.source, "spec": entry.source or self.source["spec"]}

    def _settings(self, entry: Entry, seed: int) -> dict[str, Any]:
        own = self.options.delta_settings if entry.method == SNOW else {}
        return {**entry.settings(seed), **own}

    def _tune(
        self, task: PlannedTask, entry: Entry, recipe: Recipe, seed: int
    ) -> float | None:
        """Returns the learning rate; None if no trial went well."""
        path = self.folder.rate(task.name, entry.label)
        if path.is_file():
            kept: dict[str, Any] = read_json(path)
            if kept["status"] in _FINAL:
                rate: float | None = kept["learning_rate"]
                return rate
        shorter = _shorten(recipe, self.options.trial_epochs(recipe.epochs))

        def try_rate(rate: float) -> Trial:
            place = self.folder.trial(task.name, entry.label, rate)
            tried = shorter.replace(learning_rate=rate)
            job = self.job(task, entry, tried, seed, place)
            return self._try({**job, "test": False}, place, rate)

        choice = choose_rate(recipe.learning_rate, try_rate)
        write_json(path, {"epochs": shorter.epochs, "seed": seed, **choice})
        if choice["problem"]:
            self.say(f"{task.name}, {entry.label}: {choice['problem']}")
        chosen: float | None = choice["learning_rate"]
        return chosen

    def _try(
        self, job: dict[str, Any], place: pathlib.Path, rate: float
    ) -> Trial:
        outcome = self._complete(job, place, f"learning rate {rate:g}")
        trial = {name: outcome[name] for name in ("status", "problem")}
        folder = RunFolder(job["out"])
        if outcome["status"] == FINISHED:
            result = read_json(folder.record)["results"]["validation"]
            names = (main_measure(result), "loss")
            trial |= {name: result[name] for name in names}
            # Nobody will ask for the model of a trial.
            for path in (folder.checkpoints, folder.model):
                shutil.rmtree(path, True)
        return trial

    def _complete(
        self, job: dict[str, Any], place: pathlib.Path, what: str
    ) -> dict[str, Any]:
        """Returns how a job ended, doing it if it was not done before."""
        epochs = job["recipe"]["epochs"]
        if _is_final(place):
            self.progress.shorten(epochs)
            outcome: dict[str, Any] = read_json(place)
            if not differences(_essence(outcome["job"]), _essence(job)):
                return outcome
            raise ValueError(
                "The output folder holds a run with other settings, perhaps "
                "of another version. Choose another folder, or remove this "
                f"run. Received: run={str(place)!r}"
            )
        outcome = run_in_child(job, self.folder.log)
        outcome = {"job": job, **outcome}
        write_json(place, outcome)
        words = outcome["problem"] or "done"
        self.say(f"{job['task']}, {job['label']}, {what}: {words}")
        self.progress.update(epochs)
        return outcome


def _is_final(place: pathlib.Path) -> bool:
    return place.is_file() and read_json(place)["status"] in _FINAL


def _essence(job: dict[str, Any]) -> dict[str, Any]:
    """What a result depends on: not where things lie."""
    names = ("settings", "recipe", "image_size", "seed", "test", "method")
    return {name: job[name] for name in names}


def _shorten(recipe: Recipe, epochs: int) -> Recipe:
    """The same schedule in fewer epochs."""
    share = epochs / recipe.epochs
    return recipe.replace(
        epochs=epochs,
        decay_every=recipe.decay_every * share,
        warmup_epochs=recipe.warmup_epochs * share,
    )
