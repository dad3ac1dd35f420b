"""KerasTuner, which is an extra."""

from typing import Any

from keras_snow.core.extras import install_command


def require_tuner() -> Any:
    """Returns the module `keras_tuner`."""
    try:
        import keras_tuner
    except ModuleNotFoundError as error:
        if error.name != "keras_tuner":
            raise
        raise ImportError(
            "Searching needs KerasTuner. Run "
            f"`{install_command('tuner')}`. Received: missing='keras_tuner'"
        ) from error
    return keras_tuner
