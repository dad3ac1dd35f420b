"""TrialRunner: trains what an oracle proposes, whatever happens."""

import dataclasses
import gc
import pathlib
import shutil
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import keras

from keras_snow.core.errors import sentence_of
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.data.task import Task
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.verdict import FINISHED
from keras_snow.training.verdict import final_record
from keras_snow.tuning.oracles import OBJECTIVE
from keras_snow.tuning.setting import Setting
from keras_snow.tuning.sweep import run_alone
from keras_snow.tuning.sweep import sweep
from keras_snow.tuning.sweep_options import SweepOptions

# Hyperband's own entries in a trial's values.
EPOCHS = "tuner/epochs"
# Processes that may die of a trial before it runs alone, and is given up.
SHARED_STARTS = 2
MOST_STARTS = 4
LONGEST = 400


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Args:
        name: Of the setting, and of its run's folder.
        metrics: Of the validation split, if it finished.
        epoch: Whose weights they are.
        problem: Why it failed, if it did.
    """

    name: str
    metrics: dict[str, float] = dataclasses.field(default_factory=dict)
    epoch: int = 0
    problem: str | None = None


class TrialRunner:
    """Trains what an oracle proposes; a trial that fails stops nothing.

    A run's folder is named after its settings: what was trained is never
    trained again. A trial that was under way when its process was killed goes
    on; after two kills it does so alone, after four it is given up.

    Args:
        task: What to learn, without test images.
        folder: The search's.
        fixed: Settings of all trials.
        options: Source, recipe, image size.
    """

    def __init__(
        self,
        task: Task,
        folder: pathlib.Path,
        fixed: Mapping[str, Any],
        options: SweepOptions,
    ) -> None:
        self.task = task
        self.folder = folder / "runs"
        self.fixed = fixed
        self.options = options

    def run(self, trials: Sequence[Any]) -> Iterator[tuple[Any, Outcome]]:
        """Runs trials and yields how each ended.

        Yields:
            The trial and its outcome.
        """
        groups: dict[Any, list[Any]] = {}
        for trial in trials:
            epochs = trial.hyperparameters.values.get(EPOCHS)
            groups.setdefault(epochs, []).append(trial)
        for group in groups.values():
            settings = [self.setting_of(trial) for trial in group]
            self._try_together(settings)
            for trial, setting in zip(group, settings, strict=True):
                yield trial, self._run_alone(setting)

    def setting_of(self, trial: Any) -> Setting:
        """Returns the setting of a trial."""
        values = trial.hyperparameters.values
        own = {name: values[name] for name in values if "/" not in name}
        if EPOCHS in values:
            own["epochs"] = values[EPOCHS]
        return Setting.of({**self.fixed, **own})

    def _try_together(self, settings: list[Setting]) -> None:
        """One pass for all. What comes of it is read where each runs alone."""
        fresh = {
            setting.name: setting
            for setting in settings
            if self._starts(setting) < SHARED_STARTS
            and not self._final(setting)
        }
        alone = keras.backend.backend() != "tensorflow"
        if len(fresh) < 2 or alone or self.options.training.cache_taps:
            return
        for setting in fresh.values():
            self._count_start(setting)
        try:
            given = [setting.given for setting in fresh.values()]
            sweep(self.task, given, self.folder, self.options)
        except KeyboardInterrupt:
            self._forget_starts(fresh.values())
            raise
        except Exception:
            # The one to blame will fail alone, too, and say why.
            pass
        gc.collect()  # Models and their graphs refer to each other.
        self._forget_starts(fresh.values())

    def _run_alone(self, setting: Setting) -> Outcome:
        if self._starts(setting) >= MOST_STARTS:
            return Outcome(
                setting.name,
                problem=f"Its process was ended {MOST_STARTS} times while it "
                "trained, as systems do that run out of memory.",
            )
        self._count_start(setting)
        try:
            record = run_alone(self.task, setting, self.folder, self.options)
        except KeyboardInterrupt:
            self._forget_starts([setting])
            raise
        except Exception as error:
            # One failing trial must not stop the others, and libraries fail
            # in ways of their own.
            record = {"status": "failed", "problem": _describe(error)}
        self._forget_starts([setting])
        folder = self.folder / setting.name
        shutil.rmtree(folder / "checkpoints", ignore_errors=True)
        return _judge(setting.name, record)

    def _final(self, setting: Setting) -> bool:
        folder = RunFolder(self.folder / setting.name)
        return final_record(folder) is not None

    def _mark(self, setting: Setting) -> pathlib.Path:
        return self.folder / ".started" / f"{setting.name}.json"

    def _starts(self, setting: Setting) -> int:
        mark = self._mark(setting)
        return (
            int(read_json(mark, ["starts"])["starts"]) if mark.is_file() else 0
        )

    def _count_start(self, setting: Setting) -> None:
        starts = self._starts(setting) + 1
        write_json(self._mark(setting), {"starts": starts})

    def _forget_starts(self, settings: Any) -> None:
        for setting in settings:
            self._mark(setting).unlink(missing_ok=True)


def _judge(name: str, record: dict[str, Any]) -> Outcome:
    if record["status"] != FINISHED:
        return Outcome(name, problem=record["problem"])
    result = record["results"]["validation"]
    metrics = {OBJECTIVE: result["top1"], "val_loss": result["loss"]}
    return Outcome(name, metrics, record["best_epoch"])


def _describe(error: Exception) -> str:
    text = sentence_of(error)
    if not isinstance(error, (ValueError, TypeError, OSError)):
        text = f"{type(error).__name__}: {text}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
