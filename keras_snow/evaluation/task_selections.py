"""TaskSelections: what a trained task chose, read without its source."""

import dataclasses
import os
import pathlib

import keras
import numpy as np
from keras import ops

from keras_snow.callbacks.choices import choices_of
from keras_snow.callbacks.selection_history import SelectionHistory
from keras_snow.core.files import PathLike
from keras_snow.deltas.saved_delta import load_delta
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.saved_run import DELTA
from keras_snow.training.saved_run import find_model
from keras_snow.training.saved_run import load_run

SINCE = "0.1.0"  # Runs record their selections.


@dataclasses.dataclass(frozen=True)
class TaskSelections:
    """The channels that a trained task chose, and how it weighs them.

    Args:
        name: Of the run or the file.
        chosen: Tap -> numbers of the chosen channels, in the order of depth.
        importances: Tap -> importance of each of its channels.

    Examples:
        >>> import keras_snow
        >>> image = keras.Input((None, None, 3))
        >>> x = keras.layers.Conv2D(16, 3, 2, name="early")(image)
        >>> x = keras.layers.Conv2D(32, 3, 2, name="late")(x)
        >>> model = keras_snow.SNOWModel.from_source(
        ...     keras.Model(image, x), num_classes=5, k=4
        ... )
        >>> model.save_delta("delta.keras")
        >>> TaskSelections.read("delta.keras").chosen["early"].tolist()
        [0, 1, 2, 3]
    """

    name: str
    chosen: dict[str, np.ndarray]
    importances: dict[str, np.ndarray]

    @classmethod
    def read(cls, place: PathLike) -> "TaskSelections":
        """Reads a run's folder, or the file of a delta.

        Args:
            place: The folder that `train` wrote, or what `save_delta` wrote.

        Raises:
            FileNotFoundError: If there is neither.
            ValueError: If it holds no channel pooling, or is damaged.
        """
        path = pathlib.Path(os.fspath(place))
        return cls.of(_load(path), path.name or str(path))

    @classmethod
    def of(cls, model: keras.Model, name: str = "task") -> "TaskSelections":
        """Reads a delta, or a model with one in it.

        Args:
            model: The model.
            name: What to call it.

        Raises:
            ValueError: If it holds no channel pooling.
        """
        found = choices_of(model)
        if not found:
            raise ValueError(
                "This method chooses no channels: only SNOW with the "
                "subscription channel_pooling does. "
                f"Received: {name!r}"
            )
        return cls(
            name,
            {tap: x.selected_channels() for tap, x in found.items()},
            {tap: _importances(x) for tap, x in found.items()},
        )

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Tap -> how many channels are chosen, and of how many."""
        return {
            tap: (len(indices), len(self.importances[tap]))
            for tap, indices in self.chosen.items()
        }


def read_history(folder: PathLike) -> SelectionHistory:
    """Reads which channels a run chose while it learned, finished or not.

    Args:
        folder: The folder that `train` wrote.

    Raises:
        FileNotFoundError: If there is no run, or it has no record of them.
        ValueError: If the file is damaged, or the method chooses no channels.
    """
    files = RunFolder(folder)
    if files.selections.is_file():
        return SelectionHistory.load(files.selections)
    if not files.run.is_file():
        find_model(files.path)  # Says that there is no run.
    curves = {}
    if files.record.is_file():
        curves = files.read_record().get("curves", {})
    if curves and "churn_set" not in curves:
        raise ValueError(
            "This run has no selections to draw: its method chooses no "
            "channels; only SNOW with the subscription channel_pooling does. "
            f"Received: folder={str(files.path)!r}"
        )
    raise FileNotFoundError(
        "This run has no recorded selections. Runs record them since version "
        f"{SINCE}, from their first epoch on, unless `record_selections=0`; "
        "train it again in a new folder. "
        f"Received: folder={str(files.path)!r}"
    )


def _load(path):
    if path.is_file():
        return load_delta(path)
    folder = find_model(path)
    if (folder / DELTA).is_file():
        return load_delta(folder / DELTA)
    return load_run(folder)[0]


def _importances(pooling):
    return ops.convert_to_numpy(ops.convert_to_tensor(pooling.importance))
