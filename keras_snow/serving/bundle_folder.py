"""BundleFolder: the files of a bundle, whole at any moment."""

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.files import file_digest
from keras_snow.core.files import replace_atomically
from keras_snow.core.lock import exclusive
from keras_snow.core.staging import staging
from keras_snow.deltas.delta import Delta
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.manifest import Manifest
from keras_snow.serving.packing import Packed
from keras_snow.serving.packing import read_packed
from keras_snow.serving.packing import write_packed
from keras_snow.sources.source import Source

PATIENCE = 10.0  # Seconds to wait for another writer.
_LEFTOVERS = ("source-*.keras", ".snow-*", ".new-*", ".source-*", ".bundle-*")
_OWN = re.compile(r"\..*|source-[0-9a-f]+\.keras|deltas")
_OWN_DELTA = re.compile(r"\.(snow|new)-.*|\.?[0-9a-f]{32}(-\w+)?\.delta")


class BundleFolder:
    """The files of a bundle.

    ```
    bundle.json            the manifest: what there is, with checksums
    source-DIGEST.keras    the source, once
    deltas/DIGEST.delta    one file a task
    ```

    A file is written under the digest of its content, which no older manifest
    names, and the manifest is replaced last; so a kill at any moment leaves the
    old state or the new one. What no manifest names is removed by the next
    change.

    Args:
        path: The folder. It is kept as an absolute path, as files are read
            long after, whatever the current folder is then.
    """

    def __init__(self, path: PathLike) -> None:
        self.path = expand_home(path).absolute()
        self.manifest = self.path / "bundle.json"
        self.deltas = self.path / "deltas"

    def read(self) -> Manifest:
        """Reads the manifest."""
        if not self.manifest.is_file():
            raise FileNotFoundError(
                "There is no bundle in this folder. Make one with `keras-snow "
                f"bundle create`. Received: folder={str(self.path)!r}"
            )
        return Manifest.read(self.manifest)

    def create(
        self,
        source: Source,
        deltas: Iterable[tuple[BundledTask, Delta, Packed]] = (),
    ) -> Manifest:
        """Writes a new bundle into a new or empty folder."""
        self._refuse_other_files()
        self.path.mkdir(parents=True, exist_ok=True)
        with self._locked():
            self._refuse_other_files()
            manifest = Manifest(self._store_source(source))
            for task, delta, arrays in deltas:
                manifest.tasks[task.name] = self.store(task, delta, arrays)
            manifest.write(self.manifest)
            self._sweep(manifest)
        return manifest

    @contextlib.contextmanager
    def changing(self) -> Iterator[Manifest]:
        """Holds the folder; writes the manifest if nothing was raised.

        Yields:
            The manifest as it stands on disk now, to be changed.
        """
        manifest = self.read()
        with self._locked():
            manifest = self.read()
            yield manifest
            manifest.write(self.manifest)
            self._sweep(manifest)

    def store(
        self, task: BundledTask, delta: Delta, arrays: Packed
    ) -> BundledTask:
        """Writes a delta; the manifest has yet to name it.

        Returns:
            The task with the file's name, size and checksum.
        """
        written = self._store(
            self.deltas,
            "{digest}.delta",
            lambda path: write_packed(path, delta, arrays),
        )
        return dataclasses.replace(task, **written)

    def load_delta(
        self, task: BundledTask, frames: dict[str, Delta] | None = None
    ) -> Delta:
        """Loads the delta of a task."""
        file = self._intact(task.to_json(), f"task {task.name!r}")
        return read_packed(file, frames)

    def load_source(self, manifest: Manifest) -> Source:
        """Loads the source."""
        return Source.from_file(self._intact(manifest.source, "the source"))

    def verify(self) -> list[str]:
        """Recomputes all checksums.

        Returns:
            A sentence for each file that is gone or damaged.
        """
        manifest = self.read()
        parts = [(manifest.source, "the source")]
        parts += [
            (task.to_json(), f"task {task.name!r}")
            for task in manifest.tasks.values()
        ]
        problems = []
        for part, owner in parts:
            try:
                self._intact(part, owner)
            except (OSError, ValueError) as error:
                problems.append(str(error))
        return problems

    def _intact(self, part: dict[str, Any], owner: str) -> pathlib.Path:
        path = self.path / str(part["file"])
        if not path.is_file():
            raise FileNotFoundError(
                f"The file of {owner} is gone. Restore it, or load the bundle "
                "anew if it was changed meanwhile. Received: "
                f"path={str(path)!r}"
            )
        for what, value in (
            ("size", path.stat().st_size),
            ("sha256", file_digest(path)),
        ):
            if value != part[what]:
                raise ValueError(
                    f"The file of {owner} is damaged: its {what} differs from "
                    "the manifest's. Restore it from a copy. Received: "
                    f"path={str(path)!r}, {what}={value}"
                )
        return path

    def _store_source(self, source: Source) -> dict[str, Any]:
        written = self._store(self.path, "source-{digest}.keras", source.save)
        return written | facts_of(source)

    def _store(
        self,
        folder: pathlib.Path,
        pattern: str,
        write: Callable[[pathlib.Path], Any],
    ) -> dict[str, Any]:
        """Writes a file under the digest of its content."""
        folder.mkdir(exist_ok=True)
        with staging(folder / "new") as scratch:
            new = scratch / pattern.format(digest="new")
            write(new)
            digest = file_digest(new)
            path = folder / pattern.format(digest=digest[:32])
            with replace_atomically(path) as temporary:
                os.replace(new, temporary)
        return {
            "file": path.relative_to(self.path).as_posix(),
            "size": path.stat().st_size,
            "sha256": digest,
        }

    def _sweep(self, manifest: Manifest) -> None:
        """Removes what earlier changes, or kills, have left."""
        known = {self.path / file for file in manifest.files}
        found = [path for path in self.deltas.glob("*") if _is_delta(path)]
        for pattern in _LEFTOVERS:
            found += self.path.glob(pattern)
        for path in found:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path not in known:
                path.unlink(missing_ok=True)

    def _refuse_other_files(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise ValueError(
                "A bundle needs a folder, and this is a file. Choose another "
                f"place. Received: folder={str(self.path)!r}"
            )
        if self.manifest.exists():
            raise ValueError(
                "There is a bundle in this folder already. Add tasks to it, or "
                f"choose another folder. Received: folder={str(self.path)!r}"
            )
        # A kill before the manifest leaves files of our own.
        found = [x for x in self.path.glob("*") if not _OWN.fullmatch(x.name)]
        found += [x for x in self.deltas.glob("*") if not _is_delta(x)]
        if self.deltas.exists() and not self.deltas.is_dir():
            found.append(self.deltas)
        others = sorted(x.relative_to(self.path).as_posix() for x in found)
        if others:
            raise ValueError(
                "The folder holds other files. Choose a new or empty one. "
                f"Received: folder={str(self.path)!r} with "
                f"{', '.join(others[:3])}"
            )

    def _locked(self) -> contextlib.AbstractContextManager[None]:
        return exclusive(
            self.path / ".lock",
            "Another process is changing this bundle. Try again when it is "
            f"done. Received: folder={str(self.path)!r}",
            PATIENCE,
        )


def _is_delta(path: pathlib.Path) -> bool:
    """Tells whether a file among the deltas was written by a bundle."""
    return _OWN_DELTA.fullmatch(path.name) is not None


def facts_of(source: Source) -> dict[str, Any]:
    """Returns what a manifest tells of a source, as JSON holds it."""
    return {
        "name": source.name,
        "fingerprint": source.fingerprint,
        "taps": [tap.to_dict() for tap in source.taps],
        "preprocessing": source.preprocessing,
    }
