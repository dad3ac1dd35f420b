"""Format: what a folded model can be exported to, and what opens it."""

import contextlib
import dataclasses
import importlib.util
import logging
import pathlib
import warnings
from collections.abc import Callable
from collections.abc import Iterator

import keras
from keras import ops

from keras_snow.core.checks import check_choice
from keras_snow.core.extras import install_command
from keras_snow.recipes.traversal import layers_of
from keras_snow.serving.runtimes.litert_runtime import LiteRtRuntime
from keras_snow.serving.runtimes.onnx_runtime import OnnxRuntime
from keras_snow.serving.runtimes.openvino_runtime import OpenVinoRuntime
from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.serving.runtimes.saved_model_runtime import SavedModelRuntime
from keras_snow.sources.source import Source


@dataclasses.dataclass(frozen=True)
class Format:
    """A format, and what opens it.

    Args:
        name: Its name.
        keras_name: Its name in `keras.Model.export`.
        ending: How the name of its file ends; a folder has none.
        weights_ending: How that of a second file ends, if it has one.
        modules: What must be installed to write and open it.
        open: Opens what was written.

    Examples:
        >>> FORMATS["onnx"].ending
        '.onnx'
    """

    name: str
    keras_name: str
    ending: str
    modules: tuple[str, ...]
    open: Callable[[pathlib.Path], Runtime]
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

        Raises:
            ValueError: If it can't be written here.
        """
        if problem := self.why_not():
            raise ValueError(
                f"No model can be exported: {problem}. "
                f"Received: format={self.name!r}"
            )
        with _numbers_for_tensors(model), warnings.catch_warnings():
            # Of Keras' bridge to tf2onnx, and of TensorFlow's converters.
            warnings.simplefilter("ignore")
            level = logging.root.manager.disable
            logging.disable(logging.WARNING)
            try:
                model.export(
                    str(path),
                    format=self.keras_name,
                    verbose=False,
                    # Left out, a model must have been called before.
                    input_signature=[_signature(model)],
                )
            finally:
                logging.disable(level)


@contextlib.contextmanager
def _numbers_for_tensors(model: keras.Model) -> Iterator[None]:
    """Makes numbers of the graph what else would be an input of an ONNX file.

    Means and variances of a `Normalization` layer are neither weights nor
    numbers of the graph, but tensors that the graph refers to. So are the
    kernels that a source's engine has folded. The layers, which are the
    source's own, have them back in the end.
    """
    sources = [x for x in layers_of(model) if isinstance(x, Source)]
    found = [
        (layer, name, getattr(layer, name))
        for layer in layers_of(model)
        if isinstance(layer, keras.layers.Normalization)
        for name in ("mean", "variance")
        if getattr(layer, name, None) is not None
    ]
    try:
        for layer, name, values in found:
            setattr(layer, name, ops.convert_to_numpy(values))
        with contextlib.ExitStack() as stack:
            for source in sources:
                stack.enter_context(source.as_constants())
            yield
    finally:
        for layer, name, values in found:
            setattr(layer, name, values)


def _signature(model: keras.Model) -> keras.InputSpec:
    image = model.input
    return keras.InputSpec(image.dtype, image.shape, name=image.name)


FORMATS = {
    each.name: each
    for each in (
        Format(
            "saved_model",
            "tf_saved_model",
            "",
            ("tensorflow",),
            SavedModelRuntime,
        ),
        Format(
            "onnx",
            "onnx",
            ".onnx",
            ("tensorflow", "tf2onnx", "onnxruntime"),
            OnnxRuntime,
        ),
        Format(
            "openvino",
            "openvino",
            ".xml",
            ("tensorflow", "openvino"),
            OpenVinoRuntime,
            weights_ending=".bin",
        ),
        Format(
            "litert",
            "litert",
            ".tflite",
            ("tensorflow", "ai_edge_litert"),
            LiteRtRuntime,
        ),
    )
}
"""The formats by name."""


def find_format(name: str) -> Format:
    """Returns a format.

    Args:
        name: Its name.

    Raises:
        ValueError: If there is none; names the known and the nearest.
    """
    check_choice("format", name, FORMATS)
    return FORMATS[name]
