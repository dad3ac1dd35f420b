"""A copy of a source's network, of which some part is trained."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_snow.core.checks import check_choice
from keras_snow.core.registry import nearest_names
from keras_snow.core.serialization import serializable

STATISTICS = ["frozen", "moving"]


@serializable
class Body(keras.Model):
    """Runs a network and trains what it was told to, nothing else.

    What is trained is part of the configuration, so that it is the same in a
    model that was loaded from a file, or thawed by `model.trainable = True`.

    Args:
        network: A functional model from raw RGB to maps.
        trained: Names of the layers that are trained.
        variables: Names of their variables that are trained, such as
            `["gamma"]`. All if None.
        statistics: `"frozen"`: the network runs in inference mode even while
            it is trained, so that batch normalisation keeps its statistics.
            `"moving"`: batch normalisation follows the task's own.
        **kwargs: `name` of `keras.Model`.

    Call arguments:
        - `inputs`: Raw RGB, `(batch, height, width, 3)`, values 0 to 255.

    Output shape:
        `(batch, height / stride, width / stride, channels)`

    Raises:
        ValueError: If there is no such layer.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(8, 3, name="early")(image)
        >>> maps = keras.layers.Conv2D(8, 3, name="late")(maps)
        >>> body = Body(keras.Model(image, maps), trained=["late"])
        >>> len(body.trainable_variables)
        2
    """

    def __init__(
        self,
        network: keras.Model,
        trained: Sequence[str],
        variables: Sequence[str] | None = None,
        statistics: str = "frozen",
        **kwargs: Any,
    ) -> None:
        known = [layer.name for layer in network.layers]
        for name in trained:
            if name not in known:
                raise ValueError(
                    "The network has no such layer. "
                    f"{nearest_names(name, known)} Received: trained={name!r}"
                )
        check_choice("statistics", statistics, STATISTICS)
        super().__init__(**kwargs)
        self.network = network
        self.trained = tuple(trained)
        self.trained_variables = None if variables is None else tuple(variables)
        self.statistics = statistics
        self.built = True
        self._freeze_the_rest()

    def call(self, images, training=None):
        moving = self.statistics == "moving"
        return self.network(images, training=training if moving else False)

    def compute_output_shape(self, input_shape):
        return self.network.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        names = self.trained_variables
        return {
            "name": self.name,
            "network": keras.saving.serialize_keras_object(self.network),
            "trained": list(self.trained),
            "variables": None if names is None else list(names),
            "statistics": self.statistics,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "Body":
        network = keras.saving.deserialize_keras_object(
            config.pop("network"), custom_objects=custom_objects
        )
        return cls(network, **config)

    @property
    def trainable(self) -> bool:
        """Whether its part that is trained is."""
        return bool(self._trainable)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        # Keras' own `__init__` sets it before there is a network.
        if hasattr(self, "statistics"):
            self._freeze_the_rest()

    def _freeze_the_rest(self) -> None:
        for layer in self.network.layers:
            layer.trainable = self.trainable and layer.name in self.trained
            if self.trained_variables is None:
                continue
            for variable in layer.trainable_variables:
                variable.trainable = variable.name in self.trained_variables
