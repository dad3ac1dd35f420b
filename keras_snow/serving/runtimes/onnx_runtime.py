"""OnnxRuntime: ONNX Runtime answers."""

import os

import numpy as np

from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.serving.runtimes.runtime import model_file


class OnnxRuntime(Runtime):
    """Answers from an ONNX file, on the CPU.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: If there is none.

    Examples:
        >>> OnnxRuntime("missing.onnx")
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such model. Received: ...
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        file = model_file(path)
        import onnxruntime

        self._session = onnxruntime.InferenceSession(
            file, providers=["CPUExecutionProvider"]
        )
        (self._input,) = (each.name for each in self._session.get_inputs())
        super().__init__([each.name for each in self._session.get_outputs()])

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Answers a batch.

        Args:
            images: As of `Runtime`.
        """
        found = self._session.run(None, {self._input: images})
        return dict(zip(self.outputs, found, strict=True))
