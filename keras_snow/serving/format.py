"""Format: what a folded model can be exported to, and what opens it."""

import dataclasses
import importlib.util
import logging
import pathlib
import warnings
from collections.abc import Callable
from typing import Any

import keras

from keras_snow.core.checks import check_choice
from keras_snow.core.extras import install_command
from keras_snow.serving.constant_function import constant_function
from keras_snow.serving.runtimes.litert_runtime import LiteRtRuntime
from keras_snow.serving.runtimes.onnx_runtime import OnnxRuntime
from keras_snow.serving.runtimes.openvino_runtime import OpenVinoRuntime
from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.serving.runtimes.saved_model_runtime import SavedModelRuntime
from keras_snow.serving.writers import write_litert
from keras_snow.serving.writers import write_onnx
from keras_snow.serving.writers import write_openvino
from keras_snow.serving.writers import write_saved_model


@dataclasses.dataclass(frozen=True)
class Format:
    """A format, and what opens it.

    Args:
        name: Its name.
        ending: How the name of its file ends; a folder has none.
        weights_ending: How that of a second file ends, if it has one.
        modules: What must be installed to write and open it.
        open: Opens what was written.
        write_function: Writes a function of TensorFlow.
    """

    name: str
    ending: str
    modules: tuple[str, ...]
    open: Callable[[pathlib.Path], Runtime]
    write_function: Callable[[Any, pathlib.Path], None]
    weights_ending: str = ""

    def why_not(self) -> str | None:
        """Returns why it can't be written here; None if it can."""
        backend = keras.backend.backend()
        if backend != "tensorflow":
            return (
                "models are exported from TensorFlow; set "
                f"KERAS_BACKEND=tensorflow (it is {backend})"
            )
        missing = [
            name
            for name in self.modules
            if importlib.util.find_spec(name) is None
        ]
        if not missing:
            return None
        extra = "cpu" if missing == ["tensorflow"] else "export"
        verb = "is" if len(missing) == 1 else "are"
        return (
            f"{' and '.join(missing)} {verb} not installed; run "
            f"`{install_command(extra)}`"
        )

    def write(self, model: keras.Model, path: pathlib.Path) -> None:
        """Writes a model.

        Args:
            model: A folded model.
            path: The file or folder, which must be free.
        """
        if problem := self.why_not():
            raise ValueError(
                f"No model can be exported: {problem}. "
                f"Received: format={self.name!r}"
            )
        with warnings.catch_warnings():
            # Of tf2onnx, and of TensorFlow's converters.
            warnings.simplefilter("ignore")
            level = logging.root.manager.disable
            logging.disable(logging.WARNING)
            try:
                self.write_function(constant_function(model), path)
            finally:
                logging.disable(level)


FORMATS = {
    each.name: each
    for each in (
        Format(
            "saved_model",
            "",
            ("tensorflow",),
            SavedModelRuntime,
            write_saved_model,
        ),
        Format(
            "onnx",
            ".onnx",
            ("tensorflow", "tf2onnx", "onnxruntime"),
            OnnxRuntime,
            write_onnx,
        ),
        Format(
            "openvino",
            ".xml",
            ("tensorflow", "openvino", "scipy"),  # Keras' writer imports SciPy.
            OpenVinoRuntime,
            write_openvino,
            weights_ending=".bin",
        ),
        Format(
            "litert",
            ".tflite",
            ("tensorflow", "ai_edge_litert"),
            LiteRtRuntime,
            write_litert,
        ),
    )
}
"""The formats by name."""


def find_format(name: str) -> Format:
    """Returns a format."""
    check_choice("format", name, FORMATS)
    return FORMATS[name]
