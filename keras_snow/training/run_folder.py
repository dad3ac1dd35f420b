"""RunFolder: the files of a run, and whose run it is."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

from keras_snow.core.claim import claimed_folder
from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.core.output_folder import check_output
from keras_snow.core.output_folder import refuse_other_work
from keras_snow.sources.run import SOURCE

# XLA draws other noise. Older runs did not record whether they had it.
_XLA = "xla"
# Leaves room for the two checkpoints, the model and their temporary copies.
COPIES = 6


class RunFolder:
    """The files of a run.

    ```
    run.json       what makes the run this run and no other
    record.json    what it left: settings, curves, results, cost
    checkpoints/   last.npz, best.npz
    selections.npz which channels were chosen after each epoch
    logs/          for TensorBoard
    model/         the trained model and settings.json
    source.keras   the network, of a run that makes a source
    taps/          the source's maps, while a run with `cache_taps` lasts
    ```

    Args:
        path: The folder.

    Examples:
        >>> RunFolder("runs/cars").record
        PosixPath('runs/cars/record.json')
    """

    def __init__(self, path: PathLike) -> None:
        self.path = expand_home(path)
        self.run = self.path / "run.json"
        self.record = self.path / "record.json"
        self.checkpoints = self.path / "checkpoints"
        self.selections = self.path / "selections.npz"
        self.logs = self.path / "logs"
        self.model = self.path / "model"
        self.taps = self.path / "taps"
        self.source = self.path / SOURCE

    @contextlib.contextmanager
    def claimed(self, identity: dict[str, Any]) -> Iterator[None]:
        """Holds the folder for a run, new or interrupted.

        Args:
            identity: What makes the run this run, as JSON holds it.

        Yields:
            Nothing.

        Raises:
            ValueError: If the folder holds another run or other files, or
                another process trains in it.
            OSError: If it can't be made or written.
        """
        check_output(self.path, self.run.name, "run")
        with claimed_folder(self.path, "training"):
            self._check_identity(identity)
            yield

    def _check_identity(self, identity: dict[str, Any]) -> None:
        if not self.run.exists():
            write_json(self.run, identity)
            return
        kept = read_json(self.run)
        if self._is_finished():
            kept.pop(_XLA, None)  # Nothing is drawn any more.
        self.check_same(kept, identity)

    def check_same(self, kept: dict[str, Any], asked: dict[str, Any]) -> None:
        """Looks whether the folder's run is the one that is asked for.

        Args:
            kept: What the run in the folder is.
            asked: What is asked for; what it does not name may be anything.

        Raises:
            ValueError: If they differ.
        """
        asked = {x: asked[x] for x in asked if x in kept or x != _XLA}
        kept = {name: kept.get(name) for name in asked}
        if kept != asked and kept == asked | {_XLA: kept.get(_XLA)}:
            self._refuse_xla(asked[_XLA])
        refuse_other_work(self.path, "run", kept, asked)

    def _refuse_xla(self, asked: bool) -> None:
        begun, on, option = (
            ("without", False, "--no-xla") if asked else ("with", True, "--xla")
        )
        raise ValueError(
            f"The run in this folder was begun {begun} XLA, and XLA draws "
            f"another noise. Go on with `{option}` (`xla={on}`), or choose "
            f"another folder. Received: xla={asked}, out={str(self.path)!r}"
        )

    def read_record(self) -> dict[str, Any]:
        """Returns the record of the run.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If it is damaged.
        """
        record: dict[str, Any] = read_json(self.record, ["status"])
        return record

    def _is_finished(self) -> bool:
        exists = self.record.is_file()
        return exists and self.read_record()["status"] == "finished"

    def check_space(self, size: int) -> None:
        """Looks whether the disk has room for the run.

        Args:
            size: Bytes of a checkpoint.

        Raises:
            OSError: If it has not.
        """
        free = shutil.disk_usage(self.path).free
        if free < COPIES * size:
            raise OSError(
                "There is not enough space left for the checkpoints of this "
                f"run: {COPIES * size / 1e6:.1f} MB are needed. Received: "
                f"out={str(self.path)!r} with {free / 1e6:.1f} MB free"
            )


def size_on_disk(arrays: dict[str, Any]) -> int:
    """Returns the bytes that arrays take.

    Args:
        arrays: Values by name.
    """
    return sum(array.nbytes for array in arrays.values())


def as_folder(out: PathLike | None) -> RunFolder | None:
    """Returns the run folder of a path, or None.

    Args:
        out: A path or None.
    """
    return None if out is None else RunFolder(os.fspath(out))
