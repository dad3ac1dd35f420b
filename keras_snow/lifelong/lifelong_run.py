"""LifelongRun: a sequence from where it stands to its end."""

from collections.abc import Sequence
from typing import Any

from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.core.progress import Progress
from keras_snow.core.progress import say
from keras_snow.data.cache import choose_cache
from keras_snow.data.task import Task
from keras_snow.lifelong.learner import Learner
from keras_snow.lifelong.measurement import Measurement
from keras_snow.lifelong.options import LifelongOptions
from keras_snow.lifelong.retracing import without_retracing_advice
from keras_snow.training.train import train


class LifelongRun:
    """Learns and measures one task after another.

    Args:
        tasks: In the order of learning.
        name: Of the method, as the sequence calls it.
        learner: How the tasks live together.
        options: Everything else.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        name: str,
        learner: Learner,
        options: LifelongOptions,
    ) -> None:
        self.tasks = list(tasks)
        self.name = name
        self.learner = learner
        self.folder = learner.folder
        self.options = options
        given = options.training.cache
        self.caches = [
            choose_cache(given, task, options.image_size) for task in tasks
        ]

    def run(self) -> list[dict[str, Any]]:
        """Returns a row a task; what is done is not done again."""
        measurement = Measurement(
            self.learner, self.tasks, self.options, self.caches
        )
        rows = []
        images = [self._images(number) for number in range(len(self.tasks))]
        show = self.options.training.verbose
        with (
            without_retracing_advice(),
            Progress(
                sum(images), "image", "sequence", show=show, bar=False
            ) as progress,
        ):
            for number in range(len(self.tasks)):
                known = self.folder.row(number).is_file()
                rows.append(self._step(number, measurement))
                if known:
                    progress.shorten(images[number])
                else:
                    progress.update(images[number])
        return rows

    def _images(self, number: int) -> int:
        """Returns how many images a task trains on, in all its epochs."""
        count = len(self.tasks[number].labels("train"))
        return count * self.options.recipe_of(self.name, count).epochs

    def _step(self, number: int, measurement: Measurement) -> dict[str, Any]:
        """Learns and measures a task, and removes what no one needs then."""
        path = self.folder.row(number)
        if not path.is_file():
            name = self.tasks[number].name
            place = f"{number + 1} of {len(self.tasks)}"
            self._say(f"task {place}: {name}, {self.name}")
            self._learn(number)
            self.learner.keep(number)
            self._say("measuring all tasks so far")
            write_json(path, measurement.row(number))
            self.learner.release()
        if number:
            self.learner.drop(number - 1)
        self.folder.drop_checkpoints(number)
        row: dict[str, Any] = read_json(path)
        self._say(_describe(self.tasks, row))
        return row

    def _learn(self, number: int) -> None:
        """Trains a task unless it is trained."""
        folder, task = self.folder.task(number), self.tasks[number]
        if folder.record.is_file():
            record = read_json(folder.record)
            if record["status"] == "finished":
                return
        options, given = self.options, self.options.training
        train(
            lambda: self.learner.build(number, task.num_classes),
            task,
            options.recipe_of(self.name, len(task.labels("train"))),
            out=folder.path,
            image_size=options.image_size,
            seed=options.seed,
            config=given.replace(
                method=self.learner.method,
                source=self.learner.source.name,
                weights=options.weights,
                notes={
                    **self.learner.settings,
                    "taps": options.identity()["taps"],
                    "sequence": self.name,
                    "place": number,
                },
                cache=self.caches[number],
            ),
        )

    def _say(self, text: str) -> None:
        if self.options.training.verbose:
            say(text)


def _describe(tasks: Sequence[Task], row: dict[str, Any]) -> str:
    found = [
        f"{task.name} {accuracy:.1%}"
        for task, accuracy in zip(tasks, row["accuracies"], strict=False)
    ]
    return f"  test accuracy: {', '.join(found)}"
