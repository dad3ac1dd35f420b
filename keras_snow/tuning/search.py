"""Search: asks an oracle for trials, runs them, and reports."""

import time
from typing import Any

from keras_snow.core.progress import Progress
from keras_snow.core.progress import say
from keras_snow.tuning.oracles import OBJECTIVE
from keras_snow.tuning.trial_runner import Outcome
from keras_snow.tuning.trial_runner import TrialRunner

# Seconds between two questions to an oracle that waits for other workers.
PAUSE = 1.0


class Search:
    """Asks an oracle for trials, runs them, and reports how they ended.

    An oracle gives one trial a name; to run several at once, a search asks
    under several names.

    Args:
        runner: Runs trials.
        at_once: Trials to ask for before any is run.
        verbose: Whether to tell of each trial.
    """

    def __init__(
        self, runner: TrialRunner, at_once: int, verbose: bool
    ) -> None:
        self.runner = runner
        self.at_once = at_once
        self.verbose = verbose

    def run(self, oracle: Any, name: str) -> None:
        """Searches until the oracle has no more trials for it."""
        total = getattr(oracle, "max_trials", None)
        with Progress(
            total or 0,
            "trial",
            done=len(getattr(oracle, "end_order", ())),
            show=self.verbose and bool(total),
            bar=False,
        ) as progress:
            self._run(oracle, name, progress)

    def _run(self, oracle: Any, name: str, progress: Progress) -> None:
        waiting = [f"{name}-{number}" for number in range(self.at_once)]
        while waiting:
            trials = []
            for asker in [*waiting]:
                trial = oracle.create_trial(asker)
                if trial.status == "STOPPED":
                    waiting.remove(asker)
                elif trial.status == "IDLE":
                    break
                else:
                    trials.append(trial)
            if not trials and waiting:
                time.sleep(PAUSE)
            for trial, outcome in self.runner.run(trials):
                self._report(oracle, trial, outcome)
            if trials:
                progress.update(len(trials))

    def _report(self, oracle: Any, trial: Any, outcome: Outcome) -> None:
        if outcome.problem is None:
            oracle.update_trial(trial.trial_id, outcome.metrics, outcome.epoch)
            trial.status = "COMPLETED"
        else:
            trial.status, trial.message = "FAILED", outcome.problem
        oracle.end_trial(trial)
        if self.verbose:
            say(_describe(trial, outcome))


def _describe(trial: Any, outcome: Outcome) -> str:
    result = outcome.problem
    if result is None:
        result = f"validation top-1 {outcome.metrics[OBJECTIVE]:.1%}"
    return f"trial {trial.trial_id}: {outcome.name}: {result}"
