"""The Open Inference Protocol v2: what is asked, and what is answered.

Tensors are JSON, or bytes behind it as the extension `binary_tensor_data` has
it: https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol
"""

import dataclasses
import json
import math
from typing import Any

import numpy as np

from keras_snow.core.checks import check_pixels
from keras_snow.core.errors import sentence_of
from keras_snow.serving.http.refusal import Refusal

HEADER_LENGTH = "Inference-Header-Content-Length"
INPUT = "image"
_TYPES = {
    "UINT8": "u1",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}


@dataclasses.dataclass(frozen=True)
class Inference:
    """What a request asks for.

    Args:
        id: The client's own name of the request, if it gave one.
        images: `(images, height, width, 3)`, uint8 or float32.
        outputs: Names of tasks; all if None.
        binary: By output, whether it is answered in bytes; the entry of None
            is for outputs that are not named.

    Examples:
        >>> Inference("", np.zeros((1, 8, 8, 3)), ["birds"], {}).outputs
        ['birds']
    """

    id: str
    images: np.ndarray
    outputs: list[str] | None
    binary: dict[str | None, bool]


def parse(body: bytes, header_length: str | None) -> Inference:
    """Reads a request.

    Args:
        body: JSON, and bytes behind it.
        header_length: How many bytes are JSON; all if None.

    Raises:
        Refusal: 400 if it is malformed, or the images are none.
    """
    try:
        return _parse(body, header_length)
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        reason = sentence_of(error)
    except (TypeError, KeyError, AttributeError) as error:
        reason = f"A field is missing or of another kind: {sentence_of(error)}."
    raise Refusal(400, f"The request can't be read. {reason}")


def respond(
    asked: Inference, model: str, answers: dict[str, np.ndarray]
) -> tuple[bytes, dict[str, str]]:
    """Writes an answer.

    Args:
        asked: The request.
        model: The model's name.
        answers: By task, logits `(images, classes)`.

    Returns:
        The body, and its headers.

    Raises:
        ValueError: If a logit is not finite.
    """
    outputs, tail = [], b""
    for name, values in answers.items():
        output: dict[str, Any] = {
            "name": name,
            "shape": list(values.shape),
            "datatype": "FP32",
        }
        if asked.binary.get(name, asked.binary.get(None, False)):
            data = values.astype("<f4").tobytes()
            output["parameters"] = {"binary_data_size": len(data)}
            tail += data
        else:
            output["data"] = values.astype("float32").ravel().tolist()
        outputs.append(output)
    answer = {"model_name": model, "model_version": "1", "outputs": outputs}
    if asked.id:
        answer["id"] = asked.id
    head = json.dumps(answer, allow_nan=False).encode()
    if not tail:
        return head, {"Content-Type": "application/json"}
    return head + tail, {
        "Content-Type": "application/octet-stream",
        HEADER_LENGTH: str(len(head)),
    }


def _parse(body: bytes, header_length: str | None) -> Inference:
    length = len(body)
    if header_length is not None:
        length = int(header_length)
        if not 0 <= length <= len(body):
            raise ValueError(
                f"The header is longer than the body. Received: {length}"
            )
    request = json.loads(body[:length])
    if not isinstance(request, dict) or not isinstance(
        request.get("inputs"), list
    ):
        raise ValueError("It must be an object with a list of `inputs`.")
    if len(request["inputs"]) != 1:
        raise ValueError(
            f"There is one input, {INPUT!r}. "
            f"Received: {len(request['inputs'])} inputs"
        )
    images = _images_of(request["inputs"][0], body[length:])
    outputs = request.get("outputs")
    by_default = _parameters(request).get("binary_data_output", False)
    binary: dict[str | None, bool] = {None: bool(by_default)}
    for output in outputs or []:
        choice = _parameters(output).get("binary_data", by_default)
        binary[str(output["name"])] = bool(choice)
    names = [str(each["name"]) for each in outputs] if outputs else None
    own = request.get("id")
    return Inference("" if own is None else str(own), images, names, binary)


def _parameters(holder: dict[str, Any]) -> dict[str, Any]:
    """Returns the parameters of a request or a tensor; null is none."""
    found = holder.get("parameters")
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ValueError(
            f"Parameters are an object. Received: parameters={found!r:.80}"
        )
    return found


def _images_of(tensor: dict[str, Any], tail: bytes) -> np.ndarray:
    if tensor["name"] != INPUT:
        raise ValueError(
            f"There is one input, {INPUT!r}. Received: {tensor['name']!r}"
        )
    kind = tensor["datatype"]
    if kind not in _TYPES:
        raise ValueError(
            f"An image is of the datatype {' or '.join(_TYPES)}. "
            f"Received: {kind!r}"
        )
    shape = _shape_of(tensor["shape"])
    size = _parameters(tensor).get("binary_data_size")
    if size is None:
        values = _numbers_of(tensor["data"], kind, shape)
    else:
        if size != len(tail) or size % np.dtype(_TYPES[kind]).itemsize:
            raise ValueError(
                "The bytes behind the header must be those of the input. "
                f"Received: binary_data_size={size}, {len(tail)} bytes"
            )
        values = np.frombuffer(tail, _TYPES[kind])
    if values.size != math.prod(shape):
        raise ValueError(
            "The data must be as many numbers as the shape says. "
            f"Received: shape={shape}, {values.size} numbers"
        )
    values = values.astype("uint8" if kind == "UINT8" else "float32")
    images = values.reshape(shape)
    check_pixels(images)
    return images


def _numbers_of(data: Any, kind: str, shape: list[int]) -> np.ndarray:
    """Returns the numbers of a tensor's JSON, flat or nested."""
    values = np.asarray(data)
    if values.dtype.kind not in "iuf":
        raise ValueError("The data must be numbers, and not ragged.")
    if values.ndim > 1 and list(values.shape) != shape:
        raise ValueError(
            "Nested data must be nested as the shape says. "
            f"Received: shape={shape}, data of {list(values.shape)}"
        )
    if "INT" in kind and np.any(values != np.floor(values)):
        raise ValueError(f"An {kind} is a whole number.")
    if kind == "UINT8" and np.any((values < 0) | (values > 255)):
        raise ValueError("An UINT8 is 0 to 255.")
    return values


def _shape_of(shape: Any) -> list[int]:
    if (
        not isinstance(shape, list)
        or not all(type(side) is int and side >= 0 for side in shape)
        or len(shape) != 4
        or shape[-1] != 3
    ):
        raise ValueError(
            "The shape must be [images, height, width, 3]. "
            f"Received: shape={shape!r:.80}"
        )
    if 0 in shape:
        raise ValueError(f"There are no images in it. Received: shape={shape}")
    return shape
