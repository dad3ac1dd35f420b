"""OpenVinoRuntime: OpenVINO answers."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.serving.runtimes.runtime import model_file

FLOAT32 = {"INFERENCE_PRECISION_HINT": "f32"}
# On recent CPUs OpenVINO computes in bfloat16 unless it is told otherwise.
OWN_CHOICE: dict[str, str] = {}


class OpenVinoRuntime(Runtime):
    """Answers from OpenVINO's own format, on the CPU.

    A model for batches of any size can't decide beforehand where each tensor
    lies; with deltas that costs up to a third. `prepare` compiles models for
    the sizes that come often, each with its own copy of the weights.

    Args:
        path: The `.xml` file; its `.bin` lies beside it.
        settings: Of OpenVINO's CPU plugin. Float32 by default.

    Raises:
        FileNotFoundError: If there is no such file.

    Examples:
        >>> OpenVinoRuntime("missing.xml")
        Traceback (most recent call last):
        ...
        FileNotFoundError: There is no such model. Received: ...
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        settings: dict[str, str] = FLOAT32,
    ) -> None:
        file = model_file(path)
        import openvino

        self._core = openvino.Core()
        # A mapped file would have to stay; here it may be a temporary one.
        self._core.set_property({"ENABLE_MMAP": False})
        self._model = self._core.read_model(file)
        self._settings = settings
        self._request = self._compile()
        self._prepared: dict[int, Any] = {}
        super().__init__([_name_of(each) for each in self._model.outputs])

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Answers a batch.

        Args:
            images: As of `Runtime`.
        """
        request = self._prepared.get(len(images), self._request)
        found = request.infer([images], share_inputs=True)
        return {
            name: np.array(found[index])
            for index, name in enumerate(self.outputs)
        }

    def prepare(self, batch_sizes: Sequence[int]) -> None:
        """Compiles a model for each size.

        Args:
            batch_sizes: As of `Runtime`.
        """
        (images,) = self._model.inputs
        any_size = images.partial_shape
        try:
            for size in set(batch_sizes) - set(self._prepared):
                self._model.reshape([size, *list(any_size)[1:]])
                self._prepared[size] = self._compile()
        finally:
            self._model.reshape(any_size)

    def _compile(self) -> Any:
        model = self._core.compile_model(self._model, "CPU", self._settings)
        return model.create_infer_request()


def _name_of(output: Any) -> str:
    """Returns the name of an output; that of its operation has a slash."""
    names: list[str] = sorted(output.get_names())
    return min(names, key=lambda name: ("/" in name or ":" in name, name))
