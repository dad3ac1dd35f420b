"""OwnWeights: a task has weights of its own, and the source is left alone."""

from collections.abc import Iterator

import keras

from keras_snow.callbacks.model_state import changing_variables
from keras_snow.lifelong.learner import Learner
from keras_snow.lifelong.learner import Variables
from keras_snow.lifelong.learner import last_network
from keras_snow.models.snow_model import SNOWModel


class OwnWeights(Learner):
    """Learns each task beside the source, or in a copy of it.

    Nothing that a task learns reaches another task: neither harm nor help. So
    it is with SNOW, and with every method that learns single tasks.
    """

    def build(self, number: int, num_classes: int) -> keras.Model:
        """As of `Learner`."""
        return self.start(num_classes)

    def answerers(self, number: int) -> Iterator[keras.Model]:
        """As of `Learner`."""
        for learned in range(number + 1):
            yield self.load(learned)

    def network(self, number: int) -> keras.Model:
        """As of `Learner`: the source's."""
        return last_network(self.frozen)

    def own_variables(self, number: int) -> Variables:
        """As of `Learner`: a delta, or what training changed in a copy."""
        model = self.load(number)
        if isinstance(model, SNOWModel):
            return list(model.delta.weights)
        return changing_variables(model)

    def common_variables(self, number: int) -> Variables:
        """As of `Learner`: the source's."""
        return list(self.frozen.weights)
