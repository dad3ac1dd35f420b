"""TrialTable: what a search has found, as table, JSON and TensorBoard logs."""

import pathlib
from collections.abc import Callable
from typing import Any

import keras

from keras_snow.callbacks.tensorboard import write_hparams
from keras_snow.core.files import PathLike
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.core.files import write_text
from keras_snow.core.table import ABSENT
from keras_snow.core.table import format_table
from keras_snow.training.saved_run import load_run
from keras_snow.tuning.oracles import OBJECTIVE

TRIALS = "trials.json"
Row = dict[str, Any]


class TrialTable:
    """The trials of a search.

    ```
    search.json   what makes the search this search and no other
    trials.json   its trials, best first
    trials.md     the same as a table
    logs/         for TensorBoard: HParams
    runs/NAME/    what `train` leaves of each trial
    tuner/        KerasTuner's own files
    ```

    Args:
        folder: The search's.

    Examples:
        >>> TrialTable("search").folder
        PosixPath('search')
    """

    def __init__(self, folder: PathLike) -> None:
        self.folder = pathlib.Path(folder)

    @property
    def rows(self) -> list[Row]:
        """For each trial `trial`, `status`, `settings`, `val_top1`, ...

        Raises:
            FileNotFoundError: If the search has not ended.
        """
        path = self.folder / TRIALS
        if not path.is_file():
            raise FileNotFoundError(
                "There is no finished search in this folder. Give the command "
                "that began it again to go on. "
                f"Received: folder={str(self.folder)!r}"
            )
        rows: list[Row] = read_json(path)
        return rows

    @property
    def best_row(self) -> Row:
        """The trial with the best validation accuracy.

        Raises:
            ValueError: If no trial was finished.
        """
        first = self.rows[0]
        if first["status"] != "COMPLETED":
            raise ValueError(
                "No trial of this search was finished; the first ended with: "
                f"{first['problem']} Received: folder={str(self.folder)!r}"
            )
        return first

    def best(self, source: Any = None) -> tuple[keras.Model, dict[str, Any]]:
        """Returns the best trial's trained model and its settings.

        Args:
            source: The source, if the runs were trained on a model.

        Raises:
            ValueError: If no trial was finished.
        """
        return load_run(self.folder / "runs" / self.best_row["run"], source)

    def write(self, oracle: Any, name_of: Callable[[Any], str]) -> None:
        """Writes table, JSON and logs.

        Args:
            oracle: KerasTuner's, when the search has ended.
            name_of: Function of a trial that gives its run's name.
        """
        rows = [_row(trial, name_of) for trial in oracle.trials.values()]
        rows.sort(key=_rank)
        write_json(self.folder / TRIALS, rows)
        write_text(self.folder / "trials.md", format_rows(rows) + "\n")
        for row in rows:
            if row["status"] == "COMPLETED":
                write_hparams(
                    self.folder / "logs" / row["trial"],
                    row["settings"],
                    {OBJECTIVE: row[OBJECTIVE], "val_loss": row["val_loss"]},
                )


def format_rows(rows: list[Row]) -> str:
    """Returns trials as a Markdown table.

    Examples:
        >>> row = {"trial": "0", "status": "COMPLETED", "val_top1": 0.5,
        ...        "val_loss": 1.0, "settings": {"k": 4}, "problem": None}
        >>> print(format_rows([row]))
        | trial | k | validation top-1 | loss |  |
        |---|---:|---:|---:|---:|
        | 0 | 4 | 50.0 % | 1.000 |  |
    """
    names = list(dict.fromkeys(n for row in rows for n in row["settings"]))
    lines = []
    for row in rows:
        cells = [row["trial"]]
        cells += [_cell(row["settings"].get(name)) for name in names]
        scored = row["status"] == "COMPLETED"
        cells.append(f"{100 * row[OBJECTIVE]:.1f} %" if scored else ABSENT)
        cells.append(f"{row['val_loss']:.3f}" if scored else ABSENT)
        lines.append([*cells, row["problem"] or ""])
    head = ["trial", *names, "validation top-1", "loss", ""]
    return format_table(head, lines)


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _row(trial: Any, name_of: Callable[[Any], str]) -> Row:
    metrics = {
        name: trial.metrics.get_best_value(name)
        for name in (OBJECTIVE, "val_loss")
        if trial.metrics.exists(name)
    }
    values = trial.hyperparameters.values
    return {
        "trial": trial.trial_id,
        "status": str(trial.status),
        "settings": {name: values[name] for name in values if "/" not in name},
        "epochs": values.get("tuner/epochs"),
        "run": name_of(trial),
        OBJECTIVE: metrics.get(OBJECTIVE),
        "val_loss": metrics.get("val_loss"),
        "problem": trial.message,
    }


def _rank(row: Row) -> tuple[bool, float, float]:
    done = row["status"] == "COMPLETED"
    top1, loss = row[OBJECTIVE] or 0.0, row["val_loss"] or 0.0
    return (not done, -top1, loss)
