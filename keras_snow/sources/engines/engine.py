"""The ways to run a frozen source, and which of them suits the machine."""

import pathlib
import re
from collections.abc import Callable
from typing import Any
from typing import Protocol

import keras

from keras_snow.core.registry import nearest_names
from keras_snow.sources.engines.folded_pass import FoldedPass
from keras_snow.sources.engines.folds import has_plain_kernel

ENGINES = ["float32", "bfloat16", "keras"]
_BFLOAT16_FLAGS = ("amx_bf16", "avx512_bf16", "bf16")


class Pass(Protocol):
    """Gives the maps of a network."""

    engine: str

    def __call__(self, images: Any) -> Any:
        """Returns what the network gives.

        Args:
            images: What it takes.
        """

    def as_constants(self) -> Callable[[Any], Any]:
        """Returns the same pass with its kernels as numbers of the graph."""

    def refresh(self) -> bool:
        """Takes up changed weights.

        Returns:
            Whether functions that were traced before hold outdated ones.
        """


class KerasPass:
    """Runs a network as Keras does, layer by layer.

    Args:
        network: A functional model.
    """

    engine = "keras"

    def __init__(self, network: keras.Model) -> None:
        self.network = network

    def __call__(self, images: Any) -> Any:
        return self.network(images, training=False)

    def as_constants(self) -> Callable[[Any], Any]:
        """Returns itself: exporters know a network's own weights."""
        return self

    def refresh(self) -> bool:
        """Does nothing: the network's own weights are read."""
        return False


def make_pass(network: keras.Model, engine: str) -> Pass:
    """Returns what runs a frozen network.

    Args:
        network: A functional model with one input.
        engine: One of `ENGINES`: `"float32"` folds batch normalizations into
            kernels and is exact up to rounding; `"bfloat16"` also multiplies
            in bfloat16; `"keras"` runs the network as it is, as is always
            done where its layers have a mixed precision policy.

    Raises:
        ValueError: If the engine is unknown, or the layers refuse it.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> network = keras.Model(image, keras.layers.ReLU()(image))
        >>> type(make_pass(network, "keras")).__name__
        'KerasPass'
    """
    if engine not in ENGINES:
        raise ValueError(
            f"Unknown engine. {nearest_names(engine, ENGINES)} "
            f"Received: engine={engine!r}"
        )
    if engine != "keras" and not _is_mixed(network):
        return FoldedPass(network, engine)
    if engine == "bfloat16":
        raise ValueError(
            "The layers of this source compute in half precision already. "
            "Use the engine `keras`, or load the source with the precision "
            f"`float32`. Received: engine={engine!r}"
        )
    return KerasPass(network)


def _is_mixed(network: keras.Model) -> bool:
    return any(
        layer.compute_dtype != "float32"
        for layer in network.layers
        if has_plain_kernel(layer)
    )


def multiplies_bfloat16() -> bool:
    """Tells whether the device multiplies bfloat16 faster than float32.

    Asked of the processor on Linux, and of the GPU; False where neither says.

    Examples:
        >>> multiplies_bfloat16() in (True, False)
        True
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        if not gpus:
            return _processor_multiplies_bfloat16()
        details = tf.config.experimental.get_device_details(gpus[0])
        return details.get("compute_capability", (0, 0)) >= (8, 0)
    if keras.backend.backend() != "jax":
        return False
    import jax

    # XLA emulates bfloat16 convolutions on a CPU.
    device = jax.devices()[0]
    capability = float(getattr(device, "compute_capability", 0) or 0)
    return device.platform == "tpu" or capability >= 8.0


def _processor_multiplies_bfloat16() -> bool:
    try:
        known = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", known, re.MULTILINE)
    flags = found[1].split() if found else []
    return any(flag in flags for flag in _BFLOAT16_FLAGS)
