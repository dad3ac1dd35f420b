"""The Open Inference Protocol v2: what is asked, and what is answered.

Tensors are JSON, or bytes behind it as the extension `binary_tensor_data` has
it: https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol
The extensions `classification`, `model_configuration` and `statistics` are
Triton's: https://github.com/triton-inference-server/server/tree/main/docs/protocol
"""

HEADER_LENGTH = "Inference-Header-Content-Length"
INPUT = "image"
PLATFORM = "keras_snow"

__all__ = ["HEADER_LENGTH", "INPUT", "PLATFORM"]
