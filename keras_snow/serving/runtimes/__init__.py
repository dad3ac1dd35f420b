"""The runtimes that a folded model can be answered with."""

from keras_snow.serving.runtimes.jax_runtime import JaxRuntime
from keras_snow.serving.runtimes.litert_runtime import LiteRtRuntime
from keras_snow.serving.runtimes.onnx_runtime import OnnxRuntime
from keras_snow.serving.runtimes.openvino_runtime import OpenVinoRuntime
from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.serving.runtimes.saved_model_runtime import SavedModelRuntime

__all__ = [
    "JaxRuntime",
    "LiteRtRuntime",
    "OnnxRuntime",
    "OpenVinoRuntime",
    "Runtime",
    "SavedModelRuntime",
]
