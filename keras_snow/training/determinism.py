"""Bit-equal repeats: what is switched on for them, and what can be promised."""

import os

from keras_snow.training.devices import Devices

_FLAG = "--xla_gpu_deterministic_ops=true"
_PROMISES = {
    "CPU": "deterministic: the same command repeats bit for bit on this "
    "machine, with the same versions and number of cores; not on another one",
    "GPU": "deterministic: operations without a deterministic kernel fail; "
    "repeats on another kind of GPU or with other versions may differ",
    "TPU": "deterministic: nothing is promised on a TPU; it was not tried",
}


def make_deterministic(devices: Devices) -> str:
    """Lets this process use deterministic kernels only, and says what holds.

    Seeds, order and noise are drawn from the run's seed in any case. There is
    no way back: TensorFlow keeps the setting until the process ends.

    Args:
        devices: What will be used.

    Returns:
        What is promised, in a sentence.

    Raises:
        ValueError: If JAX on a GPU was started without its flag.

    Examples:
        >>> devices = Devices("jax", "CPU", ("cpu:0",), "2 cores")
        >>> make_deterministic(devices).split(":")[0]
        'deterministic'
    """
    if devices.backend == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif devices.kind == "GPU" and _FLAG not in os.environ.get("XLA_FLAGS", ""):
        raise ValueError(
            "JAX reads whether a GPU shall be deterministic when it starts. "
            f"Set XLA_FLAGS={_FLAG} and run the command again. "
            f"Received: XLA_FLAGS={os.environ.get('XLA_FLAGS', '')!r}"
        )
    return _PROMISES.get(devices.kind, _PROMISES["TPU"])
