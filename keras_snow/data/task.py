"""A named data set with classes and splits."""

import os
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.core.files import expand_home
from keras_snow.data.class_choice import choose_classes
from keras_snow.data.class_choice import halves_of
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.labelled_files import LabelledSplits
from keras_snow.data.labelled_files import SkippedFile
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.data.read_options import sort_options
from keras_snow.data.readers.any_path import Reader
from keras_snow.data.readers.any_path import read_path
from keras_snow.data.readers.arrays import as_parts
from keras_snow.data.readers.arrays import read_arrays
from keras_snow.data.readers.folder import read_folder
from keras_snow.data.readers.hugging_face import read_hugging_face
from keras_snow.data.readers.npz import read_npz
from keras_snow.data.readers.table import read_table
from keras_snow.data.split import Split
from keras_snow.data.splitting import HeldOut
from keras_snow.data.splitting import balanced_subset
from keras_snow.data.splitting import complete_splits
from keras_snow.data.splitting import digest_of
from keras_snow.data.task_checks import check_every_class
from keras_snow.data.task_checks import check_task
from keras_snow.data.value_range import ValueRange


class Task:
    """A named data set with classes and train, validation and test splits.

    Made by `from_folder`, `from_arrays`, `from_npz`, `from_csv`, `from_tfds`,
    or by `load_task` from one word. Where validation or test is absent it is
    split off train, stratified by class and drawn from the seed, so that the
    same seed always gives the same parts.

    Args:
        name: What to call the task.
        class_names: The classes in the order of their numbers.
        splits: Examples by name: `"train"`, `"validation"`, `"test"`.
        skipped: Files that were left out, and why.
        held_out: How validation and test were split off train, if they were;
            a run keeps it, so that it can be measured on the same parts.
        form: What the data was recognised as, in a line.

    Raises:
        ValueError: If there are no training images, fewer than two classes,
            two classes of one name, or a label out of range.

    Examples:
        >>> images = np.zeros((20, 32, 32, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1] * 10)
        >>> task
        Task('arrays', 2 classes, train: 14, validation: 2, test: 4)
        >>> np.bincount(task.labels("test")).tolist()
        [2, 2]
    """

    def __init__(
        self,
        name: str,
        class_names: Sequence[str],
        splits: Mapping[str, Split],
        skipped: Sequence[SkippedFile] = (),
        held_out: HeldOut | None = None,
        form: str = "",
    ) -> None:
        self.name = name
        self.class_names = tuple(class_names)
        self.splits = dict(splits)
        self.skipped = tuple(skipped)
        self.held_out = held_out
        self.form = form
        check_task(self.name, self.class_names, self.splits)

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def multi_label(self) -> bool:
        """Whether an image may have several classes, or none."""
        return self.split("train").labels.ndim == 2

    @property
    def fingerprint(self) -> str:
        """A digest of classes, labels and the names of the images."""
        return digest_of(self.class_names, self.splits)

    @property
    def value_range(self) -> ValueRange | None:
        """What is black and white in images of more than 8 bits, if any."""
        return self.split("train").store.value_range

    def split(self, name: str) -> Split:
        """Returns one split.

        Args:
            name: `"train"`, `"validation"` or `"test"`.

        Raises:
            ValueError: If the task has no such split.
        """
        if name not in self.splits:
            raise ValueError(
                f"The task {self.name!r} has no such split, only "
                f"{', '.join(self.splits)}. Received: split={name!r}"
            )
        return self.splits[name]

    def labels(self, split: str) -> np.ndarray:
        """Returns the class numbers of a split in its order.

        Args:
            split: `"train"`, `"validation"` or `"test"`.

        Returns:
            `(images,)`; or zeros and ones, `(images, classes)`, if an image may
            have several classes.

        Raises:
            ValueError: If the task has no such split.
        """
        return self.split(split).labels.astype("int64")

    def subset(self, per_class: int, seed: int = 0) -> "Task":
        """Returns the task with as many training images of each class.

        Validation and test stay as they are.

        Args:
            per_class: Training images of each class.
            seed: Which images; a smaller number's lie within a larger's.

        Raises:
            ValueError: If a class has fewer images.
        """
        train = balanced_subset(
            self.split("train"), per_class, self.num_classes, seed
        )
        name = f"{self.name}-{per_class}shot"
        return self.with_splits({**self.splits, "train": train}, name)

    def only(self, classes: Sequence[str]) -> "Task":
        """Returns the task with some of its classes alone.

        Args:
            classes: Their names, two or more. They keep the task's order.

        Raises:
            ValueError: If there is no such class; names the nearest.

        Examples:
            >>> images = np.zeros((20, 8, 8, 3))
            >>> task = Task.from_arrays(images, [0, 1, 2, 0] * 5)
            >>> task.only(["2", "0"]).class_names
            ('0', '2')
        """
        return Task(**choose_classes(self, classes))

    def halves(self, seed: int = 0) -> "tuple[Task, Task]":
        """Returns two tasks, each with half of the classes.

        Args:
            seed: Which classes.

        Raises:
            ValueError: If there are fewer than four classes.
        """
        first, second = halves_of(self.class_names, seed)
        return (
            Task(**choose_classes(self, first, f"{self.name}-A")),
            Task(**choose_classes(self, second, f"{self.name}-B")),
        )

    def with_splits(
        self, splits: Mapping[str, Split], name: str | None = None
    ) -> "Task":
        """Returns the task with other splits.

        Args:
            splits: As of the class.
            name: What to call it. As before if None.
        """
        further = (self.skipped, self.held_out, self.form)
        return Task(name or self.name, self.class_names, splits, *further)

    @classmethod
    def from_folder(
        cls,
        path: str | os.PathLike[str],
        validation: float = 0.1,
        test: float = 0.2,
        seed: int = 0,
        skip_bad: bool = False,
        *,
        max_pixels: int = MAX_PIXELS,
        value_range: ValueRange | None = None,
    ) -> "Task":
        """Reads a folder of images with one folder a class.

        Args:
            path: A folder that holds `train/`, and `test/` and `validation/`
                (or `val/`) if there are such; or one tree, which is split.
            validation: Fraction of the training images to hold out for
                validation where there is no such folder. 0 for none.
            test: Fraction of the images to hold out for test where there is
                no such folder. 0 for none.
            seed: What the splits depend on.
            skip_bad: Whether to leave out bad files and list them in
                `skipped`, instead of an error. Decodes every file once.
            max_pixels: Images with more pixels are refused before decoding.
            value_range: What is black and what is white in images of more than
                8 bits. If None, all of them are looked at to know.

        Raises:
            OSError: If the folder or a file can't be read.
            ValueError: If it holds no class folders, an empty class, one
                class only, or a bad file, which the message names.
        """
        rules = FileRules(skip_bad, max_pixels, value_range)
        name = expand_home(path).resolve().name
        held_out = HeldOut(validation, test, seed)
        return cls._completed(name, read_folder(path, rules), held_out)

    @classmethod
    def from_arrays(
        cls,
        images: Any,
        labels: Any = None,
        class_names: Sequence[str] | None = None,
        *,
        name: str = "arrays",
        multi_label: bool = False,
        **held_out: Any,
    ) -> "Task":
        """Takes images and labels that are in memory.

        Args:
            images: `(examples, height, width, 3)`, RGB from 0 to 255, or a
                list of images of different sizes; or a dict
                `{"train": (images, labels), "test": (images, labels)}`.
            labels: Class numbers, if `images` is no dict.
            class_names: The classes in the order of their numbers.
            name: What to call the task.
            multi_label: Whether labels are rows of zeros and ones, with a 1
                for each class of an image.
            **held_out: `validation`, `test` and `seed` as of `from_folder`.

        Raises:
            ValueError: If labels are out of range, fractional, NaN or
                one-hot, or pixels NaN or scaled to 0-1.
        """
        parts = as_parts(images, labels)
        found = read_arrays(parts, class_names, multi_label=multi_label)
        return cls._completed(name, found, HeldOut(**held_out))

    @classmethod
    def from_npz(cls, path: str | os.PathLike[str], **options: Any) -> "Task":
        """Reads a `.npz` file with images and labels.

        Args:
            path: A file with `images` and `labels`; or `train_images`,
                `train_labels`, `test_images` ... (also `x_train`, `y_train`
                ...); and `class_names` if they have names.
            **options: `validation`, `test`, `seed` and `value_range` as of
                `from_folder`.

        Raises:
            OSError: If the file can't be read.
            ValueError: If it is damaged or lacks the arrays.
        """
        return cls._read(read_npz, path, options)

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str], **options: Any) -> "Task":
        """Reads a table of image paths and labels.

        Args:
            path: A table with columns for path, label and perhaps split: CSV,
                a list of words, or JSON records. Paths are relative to
                the table's folder; labels are class names or numbers.
            **options: As of `from_folder`; and `path_column`, `label_column`:
                columns that have other names than usual; `images`: folder of
                the images; `multi_label`: whether an image may have several
                classes; `part` of a published data set.

        Raises:
            OSError: If the table or an image can't be read.
            ValueError: If a column, a label or an image is bad; the message
                names the line.
        """
        return cls._read(read_table, path, options)

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], **options: Any) -> "Task":
        """Reads a file or folder of any form that the guide to data lists.

        Args:
            path: The file or folder.
            **options: As of `from_csv`.

        Raises:
            ValueError: If it is of no such form, or bad.
        """
        return cls._read(read_path, path, options)

    @classmethod
    def from_hugging_face(
        cls, data: Any, name: str = "dataset", **options: Any
    ) -> "Task":
        """Takes a `Dataset` or `DatasetDict` of Hugging Face's `datasets`.

        Args:
            data: The data set, with a column of images and one of labels.
            name: What to call the task.
            **options: As of `from_csv`.

        Raises:
            ValueError: If a column or a split is unknown, or an image bad.
        """
        held_out, rules, reading = sort_options(options)
        found = read_hugging_face(data, rules, reading)
        return cls._completed(name, found, held_out)

    @classmethod
    def from_tfds(
        cls,
        name: str,
        data_dir: str | os.PathLike[str] | None = None,
        *,
        validation: float = 0.1,
        test: float = 0.2,
        seed: int = 0,
        value_range: ValueRange | None = None,
    ) -> "Task":
        """Reads a data set of TensorFlow Datasets, downloading it if need be.

        Args:
            name: `"cars196"`, `"caltech_birds2011"`, `"dtd"`, `"food101"`,
                `"stanford40_actions"`, or another set of images and labels.
            data_dir: Where TFDS keeps its data; `~/tensorflow_datasets` by
                default.
            validation: As of `from_folder`.
            test: As of `from_folder`.
            seed: As of `from_folder`.
            value_range: As of `from_folder`.

        Raises:
            ImportError: If tensorflow-datasets is not installed.
            OSError: If the data can't be downloaded; says how to supply it.
            ValueError: If the name is unknown.
        """
        from keras_snow.data.readers.tfds import read_tfds

        found = read_tfds(name, data_dir, value_range)
        # A part of a published set may lack a class; the names are the set's.
        held_out = HeldOut(validation, test, seed)
        splits = complete_splits(found.splits, held_out)
        return cls(name, found.class_names, splits, held_out=held_out)

    @classmethod
    def _read(
        cls,
        reader: Reader,
        path: str | os.PathLike[str],
        options: Mapping[str, Any],
    ) -> "Task":
        held_out, rules, reading = sort_options(options)
        found = reader(path, rules, reading)
        place = expand_home(path).resolve()
        name = place.name if place.is_dir() else place.stem
        return cls._completed(name, found, held_out)

    @classmethod
    def _completed(
        cls,
        name: str,
        found: LabelledSplits,
        held_out: HeldOut,
    ) -> "Task":
        check_task(name, found.class_names, found.splits)
        check_every_class(name, found.class_names, found.splits["train"])
        splits = complete_splits(found.splits, held_out)
        further = (found.skipped, held_out, found.form)
        return cls(name, found.class_names, splits, *further)

    def __repr__(self) -> str:
        parts = [f"{name}: {len(part)}" for name, part in self.splits.items()]
        classes = f"{self.num_classes} classes"
        return f"Task({self.name!r}, {', '.join([classes, *parts])})"
