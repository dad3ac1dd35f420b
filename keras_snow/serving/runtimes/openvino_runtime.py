"""OpenVinoRuntime: OpenVINO answers."""

import os

import numpy as np

from keras_snow.serving.runtimes.runtime import Runtime
from keras_snow.serving.runtimes.runtime import model_file

FLOAT32 = {"INFERENCE_PRECISION_HINT": "f32"}
# On recent CPUs OpenVINO computes in bfloat16 unless it is told otherwise.
OWN_CHOICE: dict[str, str] = {}


class OpenVinoRuntime(Runtime):
    """Answers from OpenVINO's own format, on the CPU.

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

        core = openvino.Core()
        # A mapped file would have to stay; here it may be a temporary one.
        core.set_property({"ENABLE_MMAP": False})
        self._model = core.compile_model(file, "CPU", settings)
        self._request = self._model.create_infer_request()
        super().__init__([each.get_any_name() for each in self._model.outputs])

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Answers a batch.

        Args:
            images: As of `Runtime`.
        """
        found = self._request.infer([images], share_inputs=True)
        return {
            name: np.array(found[index])
            for index, name in enumerate(self.outputs)
        }
