"""DistilledBody: one body, which must answer old tasks as before."""

from collections.abc import Iterator

import keras

from keras_snow.lifelong.learner import Learner
from keras_snow.lifelong.learner import Variables
from keras_snow.training.saved_run import WHOLE


class DistilledBody(Learner):
    """Learning without forgetting: a new task's images guard the old answers.

    Body and all heads are trained on the images of the newest task; what the
    model before said of them is a part of the loss.

    Reference:
        [Li and Hoiem, 2018](https://arxiv.org/abs/1606.09282).
    """

    shared = True

    def build(self, number: int, num_classes: int) -> keras.Model:
        """As of `Learner`: from the model of the tasks before."""
        previous = None
        if number:
            previous = self.folder.task(number - 1).model / WHOLE
        name = self.folder.names[number]
        return self.start(num_classes, previous=previous, task=name)

    def answerers(self, number: int) -> Iterator[keras.Model]:
        """As of `Learner`: all heads are those of now."""
        model = self.load(number)
        for name in self.folder.names[: number + 1]:
            yield model.for_task(name)

    def network(self, number: int) -> keras.Model:
        """As of `Learner`: the body's."""
        return self.load(number).body.network

    def own_variables(self, number: int) -> Variables:
        """As of `Learner`: the head's."""
        return list(self.load(number).heads[-1].weights)

    def common_variables(self, number: int) -> Variables:
        """As of `Learner`: the body's."""
        return list(self.load(number).body.weights)

    def drop(self, number: int) -> None:
        """As of `Learner`: the model of then; the next one has all heads."""
        self.folder.drop_model(number)
