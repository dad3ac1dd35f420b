"""LiteRtRuntime: LiteRT answers, as on a phone."""

import os

import numpy as np

from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.serving.runtimes.runtime import model_file


class LiteRtRuntime(Runtime):
    """Answers from a LiteRT (TensorFlow Lite) file.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: If there is none.

    Examples:
        >>> LiteRtRuntime("missing.tflite")
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such model. Received: ...
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        file = model_file(path)
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(file)
        self._answer = self._interpreter.get_signature_runner()
        (self._input,) = self._answer.get_input_details()
        super().__init__(list(self._answer.get_output_details()))

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Answers a batch.

        Args:
            images: As of `Runtime`.
        """
        found: dict[str, np.ndarray] = self._answer(**{self._input: images})
        return found
