"""SourceSession: a run that also leaves its network, as a source."""

from typing import Any

import keras

from keras_snow.baselines.graphs import copy_weights
from keras_snow.core.files import replace_atomically
from keras_snow.core.files import write_json
from keras_snow.core.finished_run import SETTINGS
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.saved_run import NO_MODEL
from keras_snow.training.session import Session


class SourceSession(Session):
    """A run that leaves its network, without its head, as `source.keras`.

    Args:
        *args: As of `Session`.

    Examples:
        >>> issubclass(SourceSession, Session)
        True
    """

    answers = True
    """Whether the model answers images, and is kept for that."""

    @property
    def body(self) -> keras.Model:
        """The network from raw RGB to maps."""
        if hasattr(self.model, "body"):
            return self.model.body
        return self.model.get_layer("network")

    def _save(self, folder: RunFolder) -> None:
        with replace_atomically(folder.source) as temporary:
            in_float32(self.body).save(temporary)
        if self.answers:
            super()._save(folder)
        else:
            settings = {**self._model_settings(), "kind": NO_MODEL}
            write_json(folder.model / SETTINGS, settings)

    def _model_settings(self) -> dict[str, Any]:
        taps = list(self.model.source_taps)
        return {**super()._model_settings(), "taps": taps}


def in_float32(network: keras.Model) -> keras.Model:
    """Returns an equal network that computes in float32.

    Args:
        network: A functional model; trained in mixed precision, maybe.
    """
    if network.dtype_policy.name == "float32":
        return network
    copy = keras.models.clone_model(
        network,
        clone_function=lambda layer: type(layer).from_config(
            {**layer.get_config(), "dtype": "float32"}
        ),
    )
    copy_weights(network.layers, copy.layers)
    return copy
