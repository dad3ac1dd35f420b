"""Bundle: one source with the deltas of many tasks."""

import functools
import os
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_snow.core.checks import check_count
from keras_snow.core.dtype_policy import dtype_policy
from keras_snow.core.files import PathLike
from keras_snow.data.value_range import ValueRange
from keras_snow.deltas.delta import Delta
from keras_snow.serving.admission import Deltalike
from keras_snow.serving.admission import admit
from keras_snow.serving.admission import pixels_of
from keras_snow.serving.agreement import check_agreement
from keras_snow.serving.agreement import find_disagreements
from keras_snow.serving.bundle_folder import BundleFolder
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.bundled_task import check_task_name
from keras_snow.serving.fold import join_folded
from keras_snow.serving.manifest import Manifest
from keras_snow.serving.passes import answer
from keras_snow.serving.passes import answer_batches
from keras_snow.serving.passes import answer_rows
from keras_snow.serving.passes import read_maps
from keras_snow.serving.passes import reference_logits
from keras_snow.serving.source_cuts import SourceCuts
from keras_snow.serving.task_engines import common_engine
from keras_snow.serving.task_shelf import TaskShelf
from keras_snow.serving.task_shelf import check_free
from keras_snow.serving.task_shelf import find_task
from keras_snow.sources.networks import load_source
from keras_snow.sources.source import Source

Arrays = dict[str, np.ndarray]


class Bundle:
    """Answers many tasks with one pass of one source.

    A bundle keeps copies: training a delta further changes nothing in it until
    `replace`. Adding, replacing or removing a task leaves the logits of all
    others as they were, bit for bit. A bundle lives in memory until `save`
    gives it a folder. From then on, and after `load`, each change is written at
    once, whole or not at all; source and deltas are read at first use.

    Args:
        source: A source, or a name, file or model as of `load_source`.
        weights: Weights of a source given by name.

    Examples:
        >>> from keras_snow import SNOWModel
        >>> image = keras.Input((None, None, 3))
        >>> x = keras.layers.Conv2D(16, 3, 2, "same", name="early")(image)
        >>> x = keras.layers.Conv2D(32, 3, 2, "same", name="late")(x)
        >>> model = SNOWModel.from_source(keras.Model(image, x), num_classes=5)
        >>> bundle = Bundle(model.source)
        >>> _ = bundle.add("birds", model)
        >>> logits = bundle(np.random.randint(0, 256, (2, 32, 32, 3)))
        >>> tuple(logits["birds"].shape)
        (2, 5)
    """

    def __init__(
        self,
        source: "str | os.PathLike[str] | keras.Model",
        weights: str | os.PathLike[str] | None = "imagenet",
    ) -> None:
        with dtype_policy("float32"):
            cuts = SourceCuts(load_source(source, weights))
        self._cuts: SourceCuts | None = cuts
        self._shelf = TaskShelf(Manifest({"file": ""}))

    @classmethod
    def load(cls, folder: PathLike) -> "Bundle":
        """Opens a bundle that `save` wrote.

        Args:
            folder: Its folder.

        Raises:
            OSError: If there is none.
            ValueError: If its manifest is damaged, too new or was edited.
        """
        place = BundleFolder(folder)
        bundle = cls.__new__(cls)
        bundle._cuts = None
        bundle._shelf = TaskShelf(place.read(), place)
        return bundle

    def save(self, folder: PathLike) -> None:
        """Writes the bundle into a new or empty folder, where it then lives.

        Args:
            folder: The folder.

        Raises:
            ValueError: If there are other files in it.
            OSError: If there is no space left.
        """
        place = BundleFolder(folder)
        manifest = place.create(self.source, self._shelf.packed(self._check))
        self._shelf = TaskShelf(manifest, place)

    def reload(self) -> None:
        """Takes over what other processes have changed in the folder.

        Source and deltas that are still in it are not read again.

        Raises:
            ValueError: As of `load`, or if the bundle is in no folder.
            OSError: If there is none any more.
        """
        before = self._shelf.manifest.source
        self._shelf.reload()
        if self._shelf.manifest.source != before:
            self._cuts = None
            self._shelf.references = {}

    @property
    def source(self) -> Source:
        """The source; read from disk at first use."""
        return self._source_cuts().source

    @property
    def tasks(self) -> tuple[BundledTask, ...]:
        """The tasks in the order in which they were added."""
        return tuple(self._shelf.tasks.values())

    def task(self, name: str) -> BundledTask:
        """Returns what is known of a task.

        Args:
            name: Its name.

        Raises:
            ValueError: If there is none.
        """
        return find_task(self._shelf.manifest, name)

    def delta(self, name: str) -> Delta:
        """Returns the delta of a task; read from disk at first use.

        Args:
            name: The task's name.

        Raises:
            ValueError: If there is no such task, or its file is damaged.
            OSError: If its file is gone.
        """
        return self._shelf.delta(name, self._check)

    def add(
        self,
        name: str,
        delta: Deltalike,
        version: int | None = None,
        class_names: Sequence[str] | None = None,
        image_size: int | None = None,
        value_range: ValueRange | None = None,
    ) -> BundledTask:
        """Adds a task.

        Args:
            name: A free name.
            delta: A delta, a `SNOWModel`, or the path of a delta's file or of a
                run's folder.
            version: Its version. 1 if None.
            class_names: Names of the classes; a run's folder brings its own.
            image_size: Pixels of a side; a run's folder brings its own.
            value_range: What is black and what is white in images of more than
                8 bits; a run's folder brings its own.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the name is taken or can't be used, if the delta was
                made for another source, or a file is damaged.
        """
        check_task_name(name)
        check_free(self._shelf.manifest, name)
        given = {
            "class_names": class_names,
            "image_size": image_size,
            "value_range": value_range,
        }
        small, arrays, facts = admit(delta, given, self._source_cuts())
        with self._shelf.changing() as manifest:
            check_free(manifest, name)
            task = BundledTask(name, 1 if version is None else version, **facts)
            return self._shelf.put(manifest, task, small, arrays)

    def replace(
        self,
        name: str,
        delta: Deltalike,
        version: int | None = None,
        class_names: Sequence[str] | None = None,
        image_size: int | None = None,
        value_range: ValueRange | None = None,
    ) -> BundledTask:
        """Puts another delta in the place of a task's.

        Args:
            name: The task's name.
            delta: As of `add`.
            version: Its version. The next one if None.
            class_names: As of `add`. The old ones if None and as many.
            image_size: As of `add`. The old one if None.
            value_range: As of `add`. The old one if None.

        Raises:
            ValueError: If there is no such task, or as of `add`.
        """
        self.task(name)
        given = {
            "class_names": class_names,
            "image_size": image_size,
            "value_range": value_range,
        }
        small, arrays, facts = admit(delta, given, self._source_cuts())
        with self._shelf.changing() as manifest:
            old = find_task(manifest, name)
            kept: dict[str, Any] = {
                "image_size": old.image_size,
                "value_range": old.value_range,
            }
            if old.num_classes == small.num_classes:
                kept["class_names"] = old.class_names
            number = old.version + 1 if version is None else version
            task = BundledTask(name, number, **kept | facts)
            return self._shelf.put(manifest, task, small, arrays)

    def remove(self, name: str) -> None:
        """Removes a task.

        Args:
            name: Its name.

        Raises:
            ValueError: If there is none.
        """
        with self._shelf.changing() as manifest:
            find_task(manifest, name)
            del manifest.tasks[name]

    def rename(self, name: str, new_name: str) -> None:
        """Gives a task another name; it keeps version and place.

        Args:
            name: Its name.
            new_name: A free name.

        Raises:
            ValueError: If there is no such task, or the new name is taken or
                can't be used.
        """
        self._shelf.rename(name, new_name)

    def verify(self) -> list[str]:
        """Recomputes all checksums, and holds the manifest against the files.

        Returns:
            A sentence for each file that is gone, damaged or not as described.

        Raises:
            ValueError: If the manifest is damaged, or the bundle is in no
                folder.
        """
        folder = self._shelf.folder
        return folder.verify() or find_disagreements(folder)

    def __call__(
        self, images: Any, tasks: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Answers tasks for a batch, with one pass of the source.

        The source is run as far as the deepest tap that one of them reads.

        Args:
            images: Raw RGB, `(batch, height, width, 3)`, values 0 to 255.
            tasks: Names of tasks. All if None.

        Returns:
            By task, logits `(batch, num_classes)`.

        Raises:
            ValueError: If there is no such task, or an image is no raw RGB.
        """
        names = self._asked(tasks)
        pixels = pixels_of(images)
        maps = self._maps(pixels, names)
        return {
            name: answer(self.delta(name), pixels, maps[name]) for name in names
        }

    def predict(
        self,
        images: Any,
        tasks: Sequence[str] | None = None,
        batch_size: int = 32,
    ) -> Arrays:
        """Answers tasks for many images, a batch at a time.

        Args:
            images: As of a call.
            tasks: As of a call.
            batch_size: Images of a pass.

        Raises:
            ValueError: As of a call.
        """
        check_count("batch_size", batch_size)
        check_count("images", len(images))
        ask = functools.partial(self, tasks=self._asked(tasks))
        return answer_batches(ask, images, batch_size)

    def predict_rows(
        self, images: Any, tasks_of_rows: Sequence[str]
    ) -> list[np.ndarray]:
        """Answers one task for each image, with one pass of the source.

        Args:
            images: Raw RGB, `(batch, height, width, 3)`, values 0 to 255.
            tasks_of_rows: The task of each image.

        Returns:
            For each image the logits of its task, `(num_classes,)`.

        Raises:
            ValueError: As of a call, or if their numbers differ.
        """
        names = self._asked(list(dict.fromkeys(tasks_of_rows)))
        pixels = pixels_of(images)
        if len(tasks_of_rows) != len(pixels):
            raise ValueError(
                "Each image needs a task. Received: "
                f"{len(tasks_of_rows)} tasks, {len(pixels)} images"
            )
        maps = self._maps(pixels, names)
        deltas = {name: self.delta(name) for name in names}
        return answer_rows(deltas, pixels, maps, tasks_of_rows)

    def fold(
        self,
        tasks: Sequence[str] | None = None,
        image_size: int | None = None,
        engine: str | None = None,
    ) -> keras.Model:
        """Returns one model that answers tasks, in its fastest form.

        Unlike the bundle's own, its logits may change in the last bits when
        another task is folded beside them.

        Args:
            tasks: Names of tasks. All if None.
            image_size: As of `fold_deltas`.
            engine: How the source is run. As the tasks learned if None and
                they agree.

        Raises:
            ValueError: If there are no tasks, or no such task.
        """
        names = self._asked(tasks)
        engine = engine or common_engine(map(self.task, names))
        shelf, check = self._shelf, self._check
        deltas = {name: shelf.folded(name, check) for name in names}
        return join_folded(self.source, deltas, image_size, engine)

    def reference(
        self, image_size: int, tasks: Sequence[str], engine: str | None
    ) -> Arrays:
        """Returns what exports are compared with, as of `reference_logits`."""
        shelf, cuts = self._shelf, self._source_cuts()
        lend = functools.partial(shelf.lent, check=self._check)
        return reference_logits(shelf, cuts, lend, (image_size, engine), tasks)

    def __iter__(self) -> Iterator[str]:
        return iter(self._shelf.tasks)

    def __len__(self) -> int:
        return len(self._shelf.tasks)

    def __contains__(self, name: object) -> bool:
        return name in self._shelf.tasks

    def _asked(self, tasks: Sequence[str] | None) -> list[str]:
        if isinstance(tasks, str):
            raise TypeError(f"Tasks are a list of names. Received: {tasks!r}")
        asked = self if tasks is None else tasks
        return list(dict.fromkeys(self.task(name).name for name in asked))

    def _maps(
        self, pixels: np.ndarray, names: Iterable[str]
    ) -> dict[str, Arrays]:
        return read_maps(map(self.task, names), pixels, self._source_cuts())

    def _source_cuts(self) -> SourceCuts:
        """The source and its parts; read from disk at first use."""
        if self._cuts is None:
            folder, manifest = self._shelf.folder, self._shelf.manifest
            with dtype_policy("float32"):
                self._cuts = SourceCuts(folder.load_source(manifest))
        return self._cuts

    def _check(self, task: BundledTask, delta: Delta) -> None:
        check_agreement(task, delta, self._source_cuts())
