"""SequenceFolder: the files of a sequence of tasks."""

import pathlib
import shutil
from typing import Any

import numpy as np

from keras_snow.core.archive import load_arrays
from keras_snow.core.files import PathLike
from keras_snow.core.files import file_name
from keras_snow.core.files import read_json
from keras_snow.core.files import replace_atomically
from keras_snow.training.run_folder import RunFolder

KIND = "lifelong"  # Of its `run.json`, beside those of other runs.


class SequenceFolder(RunFolder):
    """The files of a sequence.

    ```
    run.json       what makes the sequence this one and no other
    record.json    what it left: matrix, measures, costs
    lifelong.md    the same as a page, with matrix.png and sequence.png
    lifelong.csv   a line for each accuracy
    rows/01.json   accuracies after the first task; there once measured
    tasks/01-cars  the run that learned the first task, see `RunFolder`
    logits/01.npz  what the first task answered when it was learned
    answers/01.npz what it answers now
    heads/01.npz   its head, where tasks share a body
    router.npz     which task does an image belong to, if asked for
    routing.json   how well it tells
    ```

    Args:
        path: The folder.
        names: Of the tasks, in the order of learning.

    Examples:
        >>> SequenceFolder("pets", ["cats", "dogs"]).task(1).path
        PosixPath('pets/tasks/02-dogs')
    """

    def __init__(self, path: PathLike, names: list[str]) -> None:
        super().__init__(path)
        self.names = list(names)
        self.router = self.path / "router.npz"
        self.routing = self.path / "routing.json"

    def task(self, number: int) -> RunFolder:
        """Returns the folder of the run that learned a task.

        Args:
            number: The task's place, from 0.
        """
        name = f"{number + 1:02}-{file_name(self.names[number])}"
        return RunFolder(self.path / "tasks" / name)

    def read_record(self) -> dict[str, Any]:
        """Returns what the sequence left, see `keras_snow.lifelong.result`.

        Raises:
            FileNotFoundError: If there is no sequence, or it is not finished.
            ValueError: If the file is damaged, or of a run of another kind.
        """
        if not self.record.is_file():
            raise FileNotFoundError(
                "There is no finished sequence in this folder. Let "
                "`keras-snow lifelong` finish it first. Received: "
                f"folder={str(self.path)!r}"
            )
        record: dict[str, Any] = read_json(self.record)
        if record["settings"].get("kind") != KIND:
            raise ValueError(
                "This folder holds no sequence of tasks, but another run. "
                f"Received: folder={str(self.path)!r}"
            )
        return record

    def row(self, number: int) -> pathlib.Path:
        """Returns the file of what was measured after a task.

        Args:
            number: The task's place, from 0.
        """
        return self.path / "rows" / f"{number + 1:02}.json"

    def keep_arrays(
        self, kind: str, number: int, arrays: dict[str, np.ndarray]
    ) -> None:
        """Writes arrays of a task.

        Args:
            kind: `"logits"`, `"answers"` or `"heads"`.
            number: The task's place, from 0.
            arrays: Values by name.

        Raises:
            OSError: If they can't be written.
        """
        with replace_atomically(self._arrays(kind, number)) as temporary:
            np.savez(temporary, allow_pickle=False, **arrays)

    def read_arrays(self, kind: str, number: int) -> dict[str, np.ndarray]:
        """Reads arrays of a task.

        Args:
            kind: `"logits"`, `"answers"` or `"heads"`.
            number: The task's place, from 0.

        Raises:
            FileNotFoundError: If the file is gone.
            ValueError: If it is damaged.
        """
        path = self._arrays(kind, number)
        if not path.is_file():
            raise FileNotFoundError(
                "A file of this sequence is gone. Restore it, or begin anew "
                f"in another folder. Received: path={str(path)!r}"
            )
        try:
            return load_arrays(path)
        except ValueError as error:
            raise ValueError(
                f"A file of this sequence is damaged ({error}). Restore it, or "
                f"begin anew in another folder. Received: path={str(path)!r}"
            ) from error

    def drop_model(self, number: int) -> None:
        """Removes the model of a task that a later one has taken up.

        Args:
            number: The task's place, from 0.
        """
        shutil.rmtree(self.task(number).model, ignore_errors=True)

    def drop_checkpoints(self, number: int) -> None:
        """Removes the checkpoints of a task that is learned.

        Args:
            number: The task's place, from 0.
        """
        shutil.rmtree(self.task(number).checkpoints, ignore_errors=True)

    def _arrays(self, kind: str, number: int) -> pathlib.Path:
        return self.path / kind / f"{number + 1:02}.npz"
