"""ByolModel: an online network that predicts what a slower one sees."""

import math
from typing import Any

import keras
from keras import layers
from keras import ops

from keras_snow.baselines.graphs import clone_network


class ByolModel(keras.Model):
    """Predicts, of one view of an image, what the target sees in the other.

    Body and projector of the target start equal to the online ones and follow
    them as a moving average, which `call` takes in training: before a step, so
    that the first one changes nothing. The target normalises by the statistics
    of the batch as the online network does; its moving ones are its own. No
    gradient enters it.

    Reference:
        [Grill et al., 2020](https://arxiv.org/abs/2006.07733)

    Args:
        body: From raw RGB to maps.
        steps: Steps of the run; the average is slowed down until its end.
        momentum: What the average keeps of itself in the first step.
        sizes: Units of the hidden and the last layer of projector and
            predictor.
        predictor: Whether there is one. Without it all images come to look
            alike.
        **kwargs: `name` of `keras.Model`.

    Call arguments:
        - `inputs`: Two views of each image, raw RGB, `(batch, 2, height, width,
            3)`.
        - `training`: Whether the target follows.

    Output shape:
        `(batch, 4, features)`: the predictions of the first and the second
        view, then the target's projections of these.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> body = keras.Model(image, layers.Conv2D(8, 3)(image))
        >>> model = ByolModel(body, steps=10, sizes=(16, 4))
        >>> tuple(model(np.zeros((2, 2, 16, 16, 3))).shape)
        (2, 4, 4)
    """

    def __init__(
        self,
        body: keras.Model,
        steps: int,
        momentum: float = 0.99,
        sizes: tuple[int, int] = (512, 128),
        predictor: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.steps = steps
        self.momentum = momentum
        self.body = body
        self.pool = layers.GlobalAveragePooling2D(name="pool")
        hidden, size = sizes
        self.projector = _perceptron(
            body.output_shape[-1], hidden, size, "projector"
        )
        self.predictor = None
        if predictor:
            self.predictor = _perceptron(size, hidden, size, "predictor")
        self.target_body = clone_network(body)
        self.target_projector = clone_network(self.projector)
        # Not its layers: a frozen normalisation would use moving statistics.
        for target, _ in self._pairs():
            target.trainable = False
        self.step = self.add_weight(
            shape=(),
            initializer="zeros",
            trainable=False,
            autocast=False,
            name="step",
        )
        self.built = True

    def call(self, views, training=None):
        if training:
            self._follow()
        seen = [views[:, 0], views[:, 1]]
        predicted = [self._predict(view, training) for view in seen]
        targets = [self._target(view, training) for view in seen]
        return ops.stack([*predicted, *targets], axis=1)

    def compute_output_shape(self, input_shape):
        view = (input_shape[0], *input_shape[-3:])
        self.body.compute_output_shape(view)
        return (input_shape[0], 4, self.projector.output_shape[-1])

    def momentum_at(self, step: Any) -> Any:
        """Returns what the average keeps of itself, 1 in the last step.

        Args:
            step: Steps that are over.
        """
        done = ops.minimum(step / self.steps, 1.0)
        return 1.0 - (1.0 - self.momentum) * (ops.cos(math.pi * done) + 1) / 2

    def restart(self) -> None:
        """Begins the schedule of the average anew."""
        self.step.assign(0.0)

    def _predict(self, view, training):
        projected = self.projector(
            self.pool(self.body(view, training=training)), training=training
        )
        if self.predictor is None:
            return projected
        return self.predictor(projected, training=training)

    def _target(self, view, training):
        features = self.pool(self.target_body(view, training=training))
        return ops.stop_gradient(
            self.target_projector(features, training=training)
        )

    def _follow(self):
        kept = self.momentum_at(self.step)
        for target, online in self._pairs():
            now = ops.stop_gradient(ops.cast(online, "float32"))
            before = ops.cast(target, "float32")
            target.assign(before + (now - before) * (1.0 - kept))
        self.step.assign(self.step + 1.0)

    def _pairs(self):
        """The target's variables, each with the online one that it follows.

        Moving statistics are not among them. A layer lists its variables in
        the same order whether they are frozen or not; a model does not.
        """
        nets = [
            (self.target_body, self.body),
            (self.target_projector, self.projector),
        ]
        return [
            (target, variable)
            for copy, online in nets
            for layer in online.layers
            if layer.weights
            for target, variable in zip(
                copy.get_layer(layer.name).weights, layer.weights, strict=True
            )
            if variable.trainable
        ]


def _perceptron(inputs: int, hidden: int, size: int, name: str) -> keras.Model:
    features = keras.Input((inputs,))
    x = layers.Dense(hidden, name=f"{name}_hidden")(features)
    x = layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, name=f"{name}_bn"
    )(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    x = layers.Dense(size, use_bias=False, name=f"{name}_out")(x)
    return keras.Model(features, x, name=name)
