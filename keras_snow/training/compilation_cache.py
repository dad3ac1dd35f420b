"""A compilation that was done once is not done again."""

import os
import pathlib

from keras_snow.training.devices import Devices

_VARIABLE = "JAX_COMPILATION_CACHE_DIR"


def keep_compilations(devices: Devices) -> pathlib.Path | None:
    """Lets JAX keep what it has compiled for a GPU, over processes.

    In `jax` beside Keras' own files (`KERAS_HOME`, else `~/.keras`), unless
    `JAX_COMPILATION_CACHE_DIR` says where. On a CPU JAX keeps nothing unless
    that is set: what it compiles for one processor may not run on another that
    sees the same home. TensorFlow's own cache (`TF_XLA_FLAGS`) is left to the
    user: it does not check what it finds, and was not tried on a GPU.

    Args:
        devices: What will be used.

    Returns:
        The folder, or None if nothing is kept.

    Examples:
        >>> devices = Devices("tensorflow", "GPU", ("GPU:0",), "")
        >>> print(keep_compilations(devices))
        None
    """
    if devices.backend != "jax":
        return None
    if given := os.environ.get(_VARIABLE):
        return pathlib.Path(given)  # JAX reads it by itself.
    if devices.kind == "CPU":
        return None
    import jax

    home = os.environ.get("KERAS_HOME")
    base = pathlib.Path(home) if home else pathlib.Path.home() / ".keras"
    jax.config.update("jax_compilation_cache_dir", str(base / "jax"))
    return base / "jax"
