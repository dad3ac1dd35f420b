"""What a model needs while several replicas share its batches."""

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

import keras
from keras import ops

from keras_snow.recipes.traversal import layers_of
from keras_snow.training.engines import sources_of
from keras_snow.training.strategy import Placement


def with_use_of_xla(
    placement: Placement, model: keras.Model, asked: bool | None
) -> Placement:
    """Returns a placement that has XLA only where it compiles something.

    Args:
        placement: Where a model is trained.
        model: The model.
        asked: Whether the user asked for XLA; None if it is a default.

    Raises:
        ValueError: If XLA was asked for and several replicas have no frozen
            source whose pass it could compile.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> model = keras.Model(image, keras.layers.Flatten()(image))
        >>> placement = Placement("GPU", "mirrored", True, "float32", 2, "")
        >>> print(with_use_of_xla(placement, model, asked=None))
        GPU: mirrored, no XLA, float32 (replicas run as graphs: this method has
        no frozen source, whose pass XLA could compile)
    """
    idle = placement.xla and not placement.compiles_step
    if not idle or sources_of(model):
        return placement
    if asked:
        raise ValueError(
            "With several replicas XLA compiles the pass of the frozen source, "
            "and this method has none. Go without XLA, use `one_device`, or "
            "the JAX backend with `data_parallel`. Received: xla=True, "
            f"strategy={placement.strategy!r}, model={model.name!r}"
        )
    reason = (
        "replicas run as graphs: this method has no frozen source, whose pass "
        "XLA could compile"
    )
    return dataclasses.replace(placement, xla=False, reason=reason)


@contextlib.contextmanager
def fitted_to_replicas(
    model: keras.Model, placement: Placement
) -> Iterator[None]:
    """Fits a model to the replicas of a strategy, while the context lasts.

    On one device, and on JAX, which compiles a step for all devices as one
    program, nothing is done. Under `mirrored` the trained batch normalisations
    are synchronised: replicas would have statistics of their own, and one of
    them is saved. If XLA is on, the pass of each frozen source is compiled for
    each replica.

    Args:
        model: The model.
        placement: Where it is trained.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> model = keras.Model(image, keras.layers.Flatten()(image))
        >>> placement = Placement("CPU", "one_device", False, "float32", 1, "")
        >>> with fitted_to_replicas(model, placement):
        ...     tuple(model(np.zeros((2, 8, 8, 3))).shape)
        (2, 192)
    """
    if placement.strategy != "mirrored":
        yield
        return
    normalisations = _unsynchronised(model)
    sources = []
    if placement.xla and placement.replicas > 1:
        sources = sources_of(model)
    try:
        for layer in normalisations:
            layer.synchronized = True
        for source in sources:
            source.run_by(_CompiledPass(source.network))
        yield
    finally:
        for layer in normalisations:
            layer.synchronized = False
        for source in sources:
            source.run_by(None)


def _unsynchronised(model):
    return [
        layer
        for layer in layers_of(model)
        if isinstance(layer, keras.layers.BatchNormalization)
        and layer.trainable
        and not layer.synchronized
    ]


class _CompiledPass:
    """Runs a frozen network through XLA on the replica that calls it.

    A compiled function may not touch a variable of another device, which is
    where a mirrored variable may be looked up. So it is handed the values that
    the calling replica has.

    Args:
        network: A functional model in inference mode.
    """

    def __init__(self, network: keras.Model) -> None:
        import tensorflow as tf

        self._network = network
        self._run = tf.function(self._stateless, jit_compile=True)

    def __call__(self, images: Any) -> Any:
        values = [
            ops.stop_gradient(ops.convert_to_tensor(variable))
            for variable in self._network.non_trainable_variables
        ]
        return self._run(values, ops.stop_gradient(images))

    def _stateless(self, values: Any, images: Any) -> Any:
        maps, _ = self._network.stateless_call(
            [], values, images, training=False
        )
        return maps
