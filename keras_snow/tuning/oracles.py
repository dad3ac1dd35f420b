"""KerasTuner's oracles, whose files survive a kill."""

import pathlib
from typing import Any

from keras_snow.core.checks import check_choice
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.tuning.dimension import Space
from keras_snow.tuning.extra import require_tuner

OBJECTIVE = "val_top1"
ORACLES = {
    "random": "RandomSearchOracle",
    "hyperband": "HyperbandOracle",
    "bayesian": "BayesianOptimizationOracle",
    "grid": "GridSearchOracle",
}
# KerasTuner ends a search after three failed trials in a row; ours goes on.
ENDLESS = 1 << 30


def make_oracle(
    tuner: str,
    space: Space,
    max_trials: int | None,
    epochs: int,
    seed: int,
    folder: pathlib.Path,
) -> Any:
    """Returns an oracle, with what it knew before if the folder has it.

    Args:
        tuner: `"random"`, `"hyperband"`, `"bayesian"` or `"grid"`.
        space: What is searched.
        max_trials: Trials at most; None: as many as the oracle wants.
        epochs: Of a whole training, for Hyperband.
        seed: Of what it draws.
        folder: Where it keeps its files.
    """
    check_choice("tuner", tuner, ORACLES)
    keras_tuner = require_tuner()
    proposed = keras_tuner.HyperParameters()
    for name, dimension in space.items():
        # Of a range KerasTuner's grid tries no end.
        walked = dimension.for_grid() if tuner == "grid" else dimension
        walked.add_to(proposed, name)
    own = {"max_epochs": epochs} if tuner == "hyperband" else {}
    oracle = _durable(getattr(keras_tuner.oracles, ORACLES[tuner]))(
        objective=keras_tuner.Objective(OBJECTIVE, "max"),
        hyperparameters=proposed,
        seed=seed + 1,  # 0 means a random one there.
        max_consecutive_failed_trials=ENDLESS,
        **own,
    )
    oracle.max_trials = max_trials
    oracle.verbose = 0
    oracle._set_project_dir(str(folder.parent), folder.name)
    if (folder / "oracle.json").exists():
        oracle.reload()
    return oracle


def shortest_trial(tuner: str, epochs: int) -> int:
    """Returns the epochs of a search's shortest trials.

    Examples:
        >>> shortest_trial("hyperband", 27), shortest_trial("random", 27)
        (1, 27)
    """
    if tuner != "hyperband":
        return epochs
    oracle = require_tuner().oracles.HyperbandOracle(
        require_tuner().Objective(OBJECTIVE, "max"), max_epochs=epochs
    )
    first_rung: int = oracle._get_epochs(oracle._get_num_brackets() - 1, 0)
    return first_rung


def _durable(kind: Any) -> Any:
    """Derives an oracle whose files are replaced as a whole."""

    class Durable(kind):
        def save(self) -> None:
            write_json(self._get_oracle_fname(), self.get_state())

        def reload(self) -> None:
            folder = pathlib.Path(self._project_dir)
            for path in (folder / "oracle.json", *folder.glob("*/trial.json")):
                read_json(path)  # Says which file is damaged.
            super().reload()
            _mend(self)

        def _save_trial(self, trial: Any) -> None:
            folder = self._get_trial_dir(trial.trial_id)
            write_json(pathlib.Path(folder, "trial.json"), trial.get_state())

    return Durable


def _mend(oracle: Any) -> None:
    """Makes up for what KerasTuner forgets when it is started again."""
    for name in oracle.trials:
        # A kill between the two files of a new trial.
        if name not in oracle.start_order:
            oracle.start_order.append(name)
    # It takes a trial that has just ended for one that was under way.
    running = [x for x in oracle.trials if oracle.trials[x].status == "RUNNING"]
    oracle._retry_queue = sorted(running, reverse=True)  # Emptied from its end.
    if hasattr(oracle, "_ordered_ids") and oracle.start_order:
        # The grid is walked in order: where it was, is its last trial.
        for name in oracle.start_order:
            oracle._ordered_ids.insert(name)
        oracle._populate_next.append(oracle.start_order[-1])
