"""SharedBody: one body is fine-tuned on task after task."""

from collections.abc import Iterator

import keras
import numpy as np
from keras import layers

from keras_snow.baselines.graphs import copy_weights
from keras_snow.lifelong.learner import Learner
from keras_snow.lifelong.learner import Variables
from keras_snow.sources.image_size import image_input

BODY, HEAD = "body", "logits"  # Names of layers of `fine_tuning`.


class SharedBody(Learner):
    """Fine-tunes one body in sequence; each task has a head of its own.

    A head is trained with its task and kept as it was then, while the body
    moves on with later tasks. Nothing keeps an old head and the body together.

    Reference:
        Fine-tuning in [Li and Hoiem, 2018](https://arxiv.org/abs/1606.09282).
    """

    shared = True

    def build(self, number: int, num_classes: int) -> keras.Model:
        """As of `Learner`: the body is where the task before left it."""
        model = self.start(num_classes)
        if number:
            before = self.load(number - 1).get_layer(BODY).network
            copy_weights(before.layers, model.get_layer(BODY).network.layers)
        return model

    def answerers(self, number: int) -> Iterator[keras.Model]:
        """As of `Learner`: old heads on the body of now."""
        body = self.load(number).get_layer(BODY)
        for learned in range(number + 1):
            yield _with_head(body, self.folder.read_arrays("heads", learned))

    def network(self, number: int) -> keras.Model:
        """As of `Learner`: the body's."""
        return self.load(number).get_layer(BODY).network

    def own_variables(self, number: int) -> Variables:
        """As of `Learner`: the head's."""
        return list(self.load(number).get_layer(HEAD).weights)

    def common_variables(self, number: int) -> Variables:
        """As of `Learner`: the body's."""
        return list(self.load(number).get_layer(BODY).weights)

    def keep(self, number: int) -> None:
        """As of `Learner`: the head."""
        kernel, bias = self.load(number).get_layer(HEAD).get_weights()
        arrays = {"kernel": kernel, "bias": bias}
        self.folder.keep_arrays("heads", number, arrays)

    def drop(self, number: int) -> None:
        """As of `Learner`: the body of then."""
        self.folder.drop_model(number)


def _with_head(
    body: keras.layers.Layer, arrays: dict[str, np.ndarray]
) -> keras.Model:
    image = image_input(body)
    features = layers.GlobalAveragePooling2D(name="pool")(body(image))
    head = layers.Dense(arrays["kernel"].shape[1], name=HEAD)
    model = keras.Model(image, head(features))
    head.set_weights([arrays["kernel"], arrays["bias"]])
    return model
