"""TaskShelf: the tasks of a bundle and their deltas, in memory or a folder."""

import contextlib
import dataclasses
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_snow.core.registry import nearest_names
from keras_snow.deltas.delta import Delta
from keras_snow.serving.bundle_folder import BundleFolder
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.bundled_task import check_task_name
from keras_snow.serving.folding import FoldedDelta
from keras_snow.serving.folding import fold_delta
from keras_snow.serving.manifest import Manifest
from keras_snow.serving.packing import Packed
from keras_snow.serving.packing import pack

Check = Callable[[BundledTask, Delta], None]


class TaskShelf:
    """Keeps the tasks of a bundle; reads a delta at first use.

    Args:
        manifest: What there is.
        folder: Where it lies; in memory alone if None.
    """

    def __init__(
        self, manifest: Manifest, folder: BundleFolder | None = None
    ) -> None:
        self.manifest = manifest
        self._folder = folder
        self._deltas: dict[str, Delta] = {}
        self._folded: dict[str, FoldedDelta] = {}
        self._frames: dict[str, Delta] = {}
        self.references: dict[Any, np.ndarray] = {}
        """Logits by a delta's file, the pixels of a side and the engine."""

    @property
    def tasks(self) -> dict[str, BundledTask]:
        """The tasks by name, in the order in which they were added."""
        return self.manifest.tasks

    @property
    def folder(self) -> BundleFolder:
        """The folder."""
        if self._folder is None:
            raise ValueError(
                "This bundle is in memory alone. Give it a folder: "
                "`bundle.save(folder)`. Received: folder=None"
            )
        return self._folder

    def delta(self, name: str, check: Check) -> Delta:
        """Returns the delta of a task."""
        task = find_task(self.manifest, name)
        if task.key not in self._deltas:
            found = self.folder.load_delta(task)
            check(task, found)
            self._deltas[task.key] = found
        return self._deltas[task.key]

    def lent(self, name: str, check: Check) -> Delta:
        """Returns the delta of a task until the next is asked for.

        One that was not read yet shares its layers with others, which is much
        faster than `delta`.
        """
        task = find_task(self.manifest, name)
        if task.key in self._deltas:
            return self._deltas[task.key]
        found = self.folder.load_delta(task, self._frames)
        check(task, found)
        return found

    def folded(self, name: str, check: Check) -> FoldedDelta:
        """Returns the delta of a task in its serving form."""
        key = find_task(self.manifest, name).key
        if key not in self._folded:
            self._folded[key] = fold_delta(self.lent(name, check))
        return self._folded[key]

    @contextlib.contextmanager
    def changing(self) -> Iterator[Manifest]:
        """Yields the tasks as they are now, and takes over what they become."""
        if self._folder is None:
            old = self.manifest
            manifest = Manifest(old.source, dict(old.tasks))
            yield manifest
        else:
            with self._folder.changing() as manifest:
                yield manifest
        self._adopt(manifest)

    def reload(self) -> None:
        """Reads the manifest again."""
        self._adopt(self.folder.read())

    def _adopt(self, manifest: Manifest) -> None:
        self.manifest = manifest
        known = {task.key for task in manifest.tasks.values()}
        kept: dict[str, Any]
        for kept in (self._deltas, self._folded):
            for key in set(kept) - known:
                del kept[key]
        self.references = {
            key: self.references[key]
            for key in self.references
            if key[0] in known
        }

    def put(
        self,
        manifest: Manifest,
        task: BundledTask,
        delta: Delta,
        arrays: Packed,
    ) -> BundledTask:
        """Adds or replaces a task, inside `changing`.

        Returns:
            The task, with its file if there is a folder.
        """
        if self._folder is not None:
            task = self._folder.store(task, delta, arrays)
        manifest.tasks[task.name] = task
        self._deltas[task.key] = delta
        self._folded.pop(task.key, None)
        return task

    def rename(self, name: str, new_name: str) -> None:
        """Gives a task another name."""
        check_task_name(new_name)
        with self.changing() as manifest:
            task = find_task(manifest, name)
            check_free(manifest, new_name)
            renamed = dataclasses.replace(task, name=new_name)
            manifest.tasks = {
                each.name: each
                for each in (
                    renamed if other is task else other
                    for other in manifest.tasks.values()
                )
            }
            if task.key in self._deltas:
                self._deltas[renamed.key] = self._deltas[task.key]

    def packed(
        self, check: Check
    ) -> Iterator[tuple[BundledTask, Delta, Packed]]:
        """Yields each task with its packed delta."""
        for name, task in self.tasks.items():
            small, arrays = pack(self.delta(name, check))
            yield task, small, arrays


def find_task(manifest: Manifest, name: str) -> BundledTask:
    """Returns a task."""
    if name in manifest.tasks:
        return manifest.tasks[name]
    known = list(manifest.tasks)
    hint = nearest_names(name, known) if known else "It has no tasks yet."
    raise ValueError(
        f"The bundle has no such task. {hint} Received: task={name!r}"
    )


def check_free(manifest: Manifest, name: str) -> None:
    """Looks whether a task can be added under a name."""
    if name in manifest.tasks:
        raise ValueError(
            "The bundle has a task of this name already. Replace it, or choose "
            f"another name. Received: task={name!r}"
        )
