"""Describes a model as the Open Inference Protocol and Triton do."""

from typing import Any

from keras_snow.serving.http.fleet import Fleet
from keras_snow.serving.http.metrics import Metrics
from keras_snow.serving.http.open_inference import INPUT
from keras_snow.serving.http.open_inference import PLATFORM
from keras_snow.serving.http.server_options import ServerOptions


def metadata_of(name: str, fleet: Fleet) -> dict[str, Any]:
    """Returns a model's input, and an output per task."""
    side = _side_of(fleet)
    return {
        "name": name,
        "versions": ["1"],
        "platform": PLATFORM,
        "inputs": [
            {"name": INPUT, "datatype": "FP32", "shape": [-1, side, side, 3]}
        ],
        "outputs": [
            {
                "name": task.name,
                "datatype": "FP32",
                "shape": [-1, task.num_classes],
            }
            for task in fleet.tasks.values()
        ],
    }


def config_of(
    name: str, fleet: Fleet, options: ServerOptions
) -> dict[str, Any]:
    """Returns a model's configuration, as Triton's extension has it."""
    side = _side_of(fleet)
    return {
        "name": name,
        "platform": PLATFORM,
        "backend": PLATFORM,
        "version_policy": {"latest": {"num_versions": 1}},
        "max_batch_size": options.max_batch,
        "input": [
            {
                "name": INPUT,
                "data_type": "TYPE_FP32",
                "format": "FORMAT_NHWC",
                "dims": [side, side, 3],
            }
        ],
        "output": [
            {
                "name": task.name,
                "data_type": "TYPE_FP32",
                "dims": [task.num_classes],
            }
            for task in fleet.tasks.values()
        ],
        "dynamic_batching": {
            "max_queue_delay_microseconds": round(1e6 * options.max_delay)
        },
    }


def statistics_of(name: str, metrics: Metrics) -> dict[str, Any]:
    """Returns what a model has answered, as Triton's extension has it."""
    return {
        "model_stats": [{"name": name, "version": "1"} | metrics.statistics()]
    }


def _side_of(fleet: Fleet) -> int:
    sizes = list(fleet.engines)
    return sizes[0] if len(sizes) == 1 else -1
