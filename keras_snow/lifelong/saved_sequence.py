"""SavedSequence: a finished sequence that answers when nobody says the task."""

import functools
from collections.abc import Mapping
from typing import Any

import keras

from keras_snow.core.files import PathLike
from keras_snow.core.files import read_json
from keras_snow.data.value_range import common_range
from keras_snow.lifelong.answer_routed import RoutedAnswer
from keras_snow.lifelong.answer_routed import answer_chosen
from keras_snow.lifelong.methods import learner_of
from keras_snow.lifelong.methods import method_of_one_task
from keras_snow.lifelong.sequence_folder import SequenceFolder
from keras_snow.lifelong.source_choice import SourceChoice
from keras_snow.lifelong.source_choice import SourceSpec
from keras_snow.lifelong.task_router import TaskRouter
from keras_snow.serving.admission import pixels_of
from keras_snow.training.saved_run import SETTINGS
from keras_snow.training.saved_run import find_model


class SavedSequence:
    """Tells which task of a sequence an image belongs to, and answers it.

    It reads what `learn` and `route` left, of every method. Models are read at
    first use and kept.

    Args:
        folder: The folder of a finished sequence with its router.
        source: The source, if it is no longer where it was: a name, a path or
            a model.

    Raises:
        FileNotFoundError: If there is no finished sequence, or no router.
        ValueError: If a file is damaged, or the source is another one.

    Examples:
        >>> SavedSequence("nowhere")
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no finished sequence in this folder. ...
    """

    def __init__(
        self, folder: PathLike, source: SourceSpec | None = None
    ) -> None:
        record = SequenceFolder(folder, []).read_record()
        self.folder = SequenceFolder(folder, record["tasks"])
        if not self.folder.router.is_file():
            raise FileNotFoundError(
                "This sequence has no router. Give the command that learned it "
                "again with `--route`; only the router is made then. "
                f"Received: folder={str(self.folder.path)!r}"
            )
        self._choice = self._find_source(source, record["settings"]["taps"])
        method = record["method"]
        self._learner = learner_of(method)(
            method_of_one_task(method), self._choice, self.folder, settings={}
        )
        self.router = TaskRouter.load(self.folder.router, self._learner.frozen)
        tasks = record["settings"]["tasks"]
        self.class_names: Mapping[str, list[str]] = {
            task["name"]: task["class_names"] for task in tasks
        }
        self.value_range = common_range(x.get("value_range") for x in tasks)
        """That of images of more than 8 bits, if it is one for all tasks."""

    def answer(self, images: Any) -> list[RoutedAnswer]:
        """Returns the task of each image and its answer.

        Args:
            images: Raw RGB, `(batch, height, width, 3)`, values 0 to 255, of
                the router's image size.

        Raises:
            ValueError: If an image is no raw RGB.
        """
        pixels = pixels_of(images)
        return answer_chosen(
            self.router.choices(pixels),
            lambda name, rows: self._models[name](pixels[rows], training=False),
        )

    @functools.cached_property
    def _models(self) -> dict[str, keras.Model]:
        names = self.folder.names
        found = self._learner.answerers(len(names) - 1)
        return dict(zip(names, found, strict=True))

    def _find_source(
        self, source: SourceSpec | None, taps: list[str] | None
    ) -> SourceChoice:
        """Where the source is, by what the last task's run says of it."""
        last = self.folder.task(len(self.folder.names) - 1)
        settings = read_json(find_model(last.path) / SETTINGS)
        spec = settings["source"] if source is None else source
        if spec is None:
            raise ValueError(
                "This sequence was learned from a model in memory. Name its "
                f"source. Received: source=None, folder={str(last.path)!r}"
            )
        chosen = None if taps is None else tuple(taps)
        scale = settings.get("input_scale")
        return SourceChoice(spec, settings["weights"], chosen, scale)
