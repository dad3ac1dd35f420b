"""Reads a request of the Open Inference Protocol."""

import json
import math
from collections.abc import Collection
from typing import Any

import numpy as np

from keras_snow.core.checks import check_pixels
from keras_snow.core.errors import sentence_of
from keras_snow.core.registry import nearest_names
from keras_snow.serving.http.open_inference import INPUT
from keras_snow.serving.http.open_inference.byte_strings import from_base64
from keras_snow.serving.http.open_inference.byte_strings import unpack
from keras_snow.serving.http.open_inference.inference import Inference
from keras_snow.serving.http.open_inference.inference import Wish
from keras_snow.serving.http.refusal import Refusal

_TYPES = {
    "UINT8": "u1",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}
_FILES = "BYTES"
_INPUT_PARAMETERS = ("binary_data_size", "content_type")
_OUTPUT_PARAMETERS = ("binary_data", "classification")


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
    except (ValueError, OverflowError, RecursionError) as error:
        reason = sentence_of(error)
    except (TypeError, KeyError, AttributeError) as error:
        reason = f"A field is missing or of another kind: {sentence_of(error)}."
    raise Refusal(400, f"The request can't be read. {reason}")


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
    in_bytes = _parameters(request).get("binary_data_output", False)
    default = Wish(bool(in_bytes))
    outputs = {
        str(output["name"]): _wish_of(output, default)
        for output in request.get("outputs") or []
    }
    own = request.get("id")
    name = "" if own is None else str(own)
    return Inference(name, images, outputs or None, default)


def _wish_of(output: dict[str, Any], default: Wish) -> Wish:
    found = _parameters(output, _OUTPUT_PARAMETERS)
    classes = found.get("classification", 0)
    if type(classes) is not int or classes < 0:
        raise ValueError(
            "`classification` is a number of classes. "
            f"Received: classification={classes!r:.80}"
        )
    return Wish(bool(found.get("binary_data", default.binary)), classes)


def _parameters(
    holder: dict[str, Any], known: Collection[str] | None = None
) -> dict[str, Any]:
    """Returns the parameters of a request or a tensor; null is none."""
    found = holder.get("parameters")
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ValueError(
            f"Parameters are an object. Received: parameters={found!r:.80}"
        )
    for name in found:
        if known is not None and name not in known:
            raise ValueError(
                f"Unknown parameter. {nearest_names(name, list(known))} "
                f"Received: {name!r:.80}"
            )
    return found


def _images_of(tensor: dict[str, Any], tail: bytes) -> np.ndarray | list[bytes]:
    if tensor["name"] != INPUT:
        raise ValueError(
            f"There is one input, {INPUT!r}. Received: {tensor['name']!r}"
        )
    kind = tensor["datatype"]
    if kind not in (*_TYPES, _FILES):
        raise ValueError(
            f"An image is of the datatype {', '.join(_TYPES)}, or a file of "
            f"the datatype {_FILES}. Received: {kind!r}"
        )
    size = _parameters(tensor, _INPUT_PARAMETERS).get("binary_data_size")
    if size is not None and size != len(tail):
        raise ValueError(
            "The bytes behind the header must be those of the input. "
            f"Received: binary_data_size={size}, {len(tail)} bytes"
        )
    if kind == _FILES:
        return _files_of(tensor, None if size is None else tail)
    return _pixels_of(tensor, None if size is None else tail)


def _files_of(tensor: dict[str, Any], tail: bytes | None) -> list[bytes]:
    files = from_base64(tensor["data"]) if tail is None else unpack(tail)
    shape = tensor["shape"]
    if not files or math.prod(shape) != len(files):
        raise ValueError(
            "The shape must be [images], one file each. "
            f"Received: shape={shape!r:.80}, {len(files)} files"
        )
    return files


def _pixels_of(tensor: dict[str, Any], tail: bytes | None) -> np.ndarray:
    kind, shape = tensor["datatype"], _shape_of(tensor["shape"])
    if tail is None:
        values = _numbers_of(tensor["data"], kind, shape)
    else:
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
