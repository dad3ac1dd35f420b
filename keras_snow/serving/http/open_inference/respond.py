"""Writes an answer of the Open Inference Protocol."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.http.open_inference import HEADER_LENGTH
from keras_snow.serving.http.open_inference.byte_strings import pack
from keras_snow.serving.http.open_inference.inference import Inference


def respond(
    asked: Inference,
    model: str,
    answers: Mapping[str, np.ndarray],
    tasks: Mapping[str, BundledTask],
) -> tuple[bytes, dict[str, str]]:
    """Writes an answer.

    Args:
        asked: The request.
        model: The model's name.
        answers: By task, logits `(images, classes)`.
        tasks: The tasks by name.

    Returns:
        The body, and its headers.
    """
    outputs, tail = [], b""
    for name, logits in answers.items():
        wish = asked.wish(name)
        if wish.classes:
            kind, values = "BYTES", _classes(logits, wish.classes, tasks[name])
        else:
            kind, values = "FP32", logits.astype("<f4")
        output: dict[str, Any] = {
            "name": name,
            "shape": list(values.shape),
            "datatype": kind,
        }
        if wish.binary:
            data = _bytes_of(values)
            output["parameters"] = {"binary_data_size": len(data)}
            tail += data
        else:
            output["data"] = values.ravel().tolist()
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


def _classes(logits: np.ndarray, count: int, task: BundledTask) -> np.ndarray:
    """Returns `logit:number:name` of the likeliest classes."""
    order = np.argsort(-logits, axis=-1, kind="stable")[:, :count]
    names = task.class_names
    return np.array(
        [
            [
                f"{row[index]:f}:{index}"
                + (f":{names[index]}" if names else "")
                for index in found
            ]
            for row, found in zip(logits, order, strict=True)
        ],
        dtype=object,
    )


def _bytes_of(values: np.ndarray) -> bytes:
    if values.dtype == object:
        return pack([text.encode() for text in values.ravel()])
    return values.tobytes()
