"""CrossValidation: rates are tried, one model is chosen and tested.

Its record is one JSON object:

| key | holds |
|---|---|
| `format` | version of this schema: 1 |
| `status` | `"finished"`, or `"diverged"` if every rate did |
| `problem` | why there is no result, else null |
| `method`, `command`, `versions` | as in the record of a run |
| `settings` | what makes this cross-validation: task, source, options |
| `statistics` | `data`, `imagenet` -> `mean`, `std` of the pixels, from 0 to 1 |
| `rates` | a list: `learning_rate`, `status`, `problem`, `best_epoch`, `validation`, `curves`, `parameters`, `seconds`, `images_per_second` |
| `chosen` | `learning_rate` and `epoch`, or null |
| `results` | `validation`, `test` -> `top1`, `top5`, `loss`, `count`; or null |
| `mistakes` | `count` on the test split, and some that are `shown`: `index`, `image`, `true`, `top` |
| `skipped_files` | files that were left out, each with `path` and `reason` |
| `seconds` | training and validation of all rates |
"""  # noqa: E501

import functools
import pathlib
import shutil
import sys
from typing import Any

import keras
import numpy as np

from keras_snow.baselines import build_method
from keras_snow.callbacks.scoring import score
from keras_snow.core.files import write_json
from keras_snow.core.progress import Progress
from keras_snow.core.progress import say
from keras_snow.data.cache import choose_cache
from keras_snow.data.splitting import without_test
from keras_snow.data.task import Task
from keras_snow.evaluation.answers import answer
from keras_snow.evaluation.answers import picture_of
from keras_snow.evaluation.answers import sample_mistakes
from keras_snow.metrics.mistakes import list_mistakes
from keras_snow.reports.cross_validation_options import CrossValidationOptions
from keras_snow.reports.cross_validation_report import write_report
from keras_snow.reports.entry import Entry
from keras_snow.reports.pixel_statistics import IMAGENET
from keras_snow.reports.pixel_statistics import measure_pixels
from keras_snow.reports.pixel_statistics import rescaling_to_imagenet
from keras_snow.reports.rate_trial import Trial
from keras_snow.reports.rate_trial import try_rate
from keras_snow.sources.networks import load_source
from keras_snow.sources.rescaled import rescale_pixels
from keras_snow.training.record import versions
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.saved_run import load_run
from keras_snow.training.verdict import DIVERGED
from keras_snow.training.verdict import FINISHED

FORMAT = 1


class CrossValidation:
    """One method on one task: every rate tried, one model tested.

    Args:
        folder: The files of the study; it is claimed by the caller.
        task: What to learn.
        method: Name of the method.
        source: Name or path of the source.
        identity: What makes this study, for the record.
        options: Everything else.
    """

    def __init__(
        self,
        folder: RunFolder,
        task: Task,
        method: str,
        source: str,
        identity: dict[str, Any],
        options: CrossValidationOptions,
    ) -> None:
        self.folder = folder
        self.task = task
        self.method = method
        self.source = source
        self.identity = identity
        self.options = options
        self.settings = Entry(method).settings(options.seed)
        self.cache = choose_cache(
            options.training.cache, task, options.image_size
        )

    def run(self, rates: list[float]) -> dict[str, Any]:
        """Tries the rates, tests the best model, and returns the record."""
        statistics = self._measure()
        trials = []
        show = self.options.training.verbose
        with Progress(len(rates), "rate", show=show, bar=False) as progress:
            for number, rate in enumerate(rates, start=1):
                self._say(f"learning rate {rate:g}, {number} of {len(rates)}")
                trials.append(self._try(rate, statistics))
                self._say(_describe(trials[-1]))
                progress.update()
        record = self._record(trials, statistics)
        best = choose_trial(trials)
        images: list[np.ndarray] = []
        if best is not None:
            self._keep_model(best["learning_rate"], rates)
            further, images = self._test(best)
            record |= further
        write_report(record, images, self.folder.path)
        write_json(self.folder.record, record)
        return record

    def _measure(self) -> dict[str, Any]:
        found = measure_pixels(
            self.task,
            self.options.image_size,
            self.cache,
            self.options.training.verbose,
        )
        return {"data": found, "imagenet": IMAGENET}

    def _place(self, rate: float) -> pathlib.Path:
        return self.folder.path / "rates" / repr(rate)

    def _try(self, rate: float, statistics: dict[str, Any]) -> Trial:
        options, given = self.options, self.options.training
        own_pixels = options.normalise == "source"
        taps = self.folder.path / "taps"
        return try_rate(
            functools.partial(self._build, statistics["data"]),
            without_test(self.task),
            options.recipe(rate),
            self._place(rate),
            options.image_size,
            options.seed,
            given.replace(
                method=self.method,
                # A source with other pixels can't be had again by its name.
                source=self.source if own_pixels else None,
                weights=options.weights,
                notes={
                    **self.settings,
                    "taps": self.identity["taps"],
                    "normalise": options.normalise,
                },
                cache=self.cache,
                tap_folder=given.tap_folder or str(taps),
            ),
        )

    def _build(self, statistics: dict[str, Any]) -> keras.Model:
        options = self.options
        source = load_source(
            self.source, options.weights, options.taps, options.input_scale
        )
        if options.normalise == "data":
            scale, offset = rescaling_to_imagenet(statistics)
            source = rescale_pixels(source, scale, offset)
        return build_method(
            self.method, source, self.task.num_classes, **self.settings
        )

    def _keep_model(self, rate: float, rates: list[float]) -> None:
        """Moves the chosen model up; nobody will ask for the others."""
        chosen = self._place(rate) / "model"
        if not self.folder.model.exists():
            chosen.rename(self.folder.model)
        for other in rates:
            shutil.rmtree(self._place(other) / "model", ignore_errors=True)
        shutil.rmtree(self.folder.path / "taps", ignore_errors=True)

    def _test(self, best: Trial) -> tuple[dict[str, Any], list[np.ndarray]]:
        """Scores the test split with the chosen model, and no other."""
        model, _ = load_run(self.folder.path)
        size = self.options.image_size
        logits = answer(
            model,
            self.task,
            "test",
            size,
            self.options.training.evaluation_batch_size,
            cache=self.cache,
        )
        labels = self.task.labels("test")
        mistakes = list_mistakes(logits, labels, self.task.class_names)
        shown = sample_mistakes(
            mistakes, self.options.pictures, self.options.seed
        )
        split = self.task.split("test")
        named = [{**x, "image": split.name(x["index"])} for x in shown]
        record = {
            "status": FINISHED,
            "problem": None,
            "chosen": {
                "learning_rate": best["learning_rate"],
                "epoch": best["best_epoch"],
            },
            "results": {
                "validation": best["validation"],
                "test": score(logits, labels),
            },
            "mistakes": {"count": len(mistakes), "shown": named},
        }
        pictures = [
            picture_of(self.task, "test", x["index"], size) for x in shown
        ]
        return record, pictures

    def _record(
        self, trials: list[Trial], statistics: dict[str, Any]
    ) -> dict[str, Any]:
        """The record if no rate should be of use."""
        rates = [trial["learning_rate"] for trial in trials]
        command = self.options.training.command
        return {
            "format": FORMAT,
            "status": DIVERGED,
            "problem": "Every learning rate diverged. Try lower ones, and look "
            f"for broken images. Received: rates={rates}",
            "method": self.method,
            "command": " ".join(sys.argv) if command is None else command,
            "versions": versions(),
            "settings": self.identity,
            "statistics": statistics,
            "rates": trials,
            "chosen": None,
            "results": None,
            "mistakes": None,
            "skipped_files": [
                {"path": str(file.path), "reason": str(file.reason)}
                for file in self.task.skipped
            ],
            "seconds": sum(trial["seconds"] for trial in trials),
        }

    def _say(self, text: str) -> None:
        if self.options.training.verbose:
            say(text)


def choose_trial(trials: list[Trial]) -> Trial | None:
    """Returns the trial with the best validation accuracy.

    Among equals the lower validation loss wins, then the earlier one.

    Returns:
        One of them; None if none is finished.

    Examples:
        >>> def trial(top1, loss):
        ...     result = {"top1": top1, "loss": loss}
        ...     return {"status": "finished", "validation": result}
        >>> choose_trial([trial(0.5, 1.0), trial(0.5, 0.9)])["validation"]
        {'top1': 0.5, 'loss': 0.9}
    """
    finished = [trial for trial in trials if trial["status"] == FINISHED]
    if not finished:
        return None
    return max(
        finished,
        key=lambda x: (x["validation"]["top1"], -x["validation"]["loss"]),
    )


def _describe(trial: Trial) -> str:
    if trial["status"] == DIVERGED:
        return f"  diverged: {trial['problem']}"
    found = trial["validation"]
    return (
        f"  epoch {trial['best_epoch']}: validation {found['top1']:.2%}, "
        f"loss {found['loss']:.4f}"
    )
