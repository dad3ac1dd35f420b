"""Metrics: what a server tells Prometheus."""

import collections
import dataclasses
import time
from collections.abc import Collection
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client import Counter
from prometheus_client import Gauge
from prometheus_client import Histogram
from prometheus_client import generate_latest

from keras_snow.serving.bundled_task import BundledTask

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_IMAGES = (1, 2, 4, 8, 16, 32, 64)
# Endpoints that answer images, and what Triton's statistics call their ends.
_INFERENCES = ("predict", "infer")
_OK = 200


class Metrics:
    """Counts requests, answers and passes of one server.

    Examples:
        >>> metrics = Metrics()
        >>> metrics.request("predict", 200, 0.01)
        >>> b'requests_total{endpoint="predict",status="200"} 1.0' in (
        ...     metrics.text()
        ... )
        True
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        common: dict[str, Any] = {
            "namespace": "keras_snow",
            "registry": self._registry,
        }
        self._requests = Counter(
            "requests", "Requests.", ["endpoint", "status"], **common
        )
        self._seconds = Histogram(
            "request_seconds",
            "From the arrival of a request to its answer.",
            ["endpoint"],
            buckets=_SECONDS,
            **common,
        )
        self._images = Histogram(
            "batch_images", "Images of a pass.", buckets=_IMAGES, **common
        )
        self._passes = Histogram(
            "pass_seconds", "Time of a pass.", buckets=_SECONDS, **common
        )
        self._answers = Counter(
            "answers", "Answered images.", ["task"], **common
        )
        self.in_flight = Gauge("in_flight", "Requests at work.", **common)
        self._tasks = Gauge("tasks", "Tasks that are served.", **common)
        self._deviation = Gauge(
            "deviation",
            "Largest difference to logits of the bundle's deltas, relative.",
            ["image_size", "runtime"],
            **common,
        )
        self._packing = Gauge(
            "packing_deviation",
            "Largest difference of those to the trained deltas', relative.",
            ["task"],
            **common,
        )
        self._ends = {"success": _Total(), "fail": _Total()}
        self._queue = _Total()
        self._batches: dict[int, _Total] = collections.defaultdict(_Total)
        self._last = 0
        self._reloads = Counter(
            "reloads", "Changes of the bundle.", ["result"], **common
        )

    def request(self, endpoint: str, status: int, seconds: float) -> None:
        """Counts a request.

        Args:
            endpoint: What was asked.
            status: The HTTP status of the answer.
            seconds: How long it took.
        """
        self._requests.labels(endpoint, str(status)).inc()
        self._seconds.labels(endpoint).observe(seconds)
        if endpoint in _INFERENCES:
            end = "success" if status == _OK else "fail"
            self._ends[end].add(seconds)
            self._last = round(1000 * time.time())

    def answered(self, task: str, images: int) -> None:
        """Counts answers."""
        self._answers.labels(task).inc(images)

    def passed(self, images: int, seconds: float, waits: list[float]) -> None:
        """Counts a pass.

        Args:
            images: Its images.
            seconds: How long it took.
            waits: For how long each of its requests had waited.
        """
        self._images.observe(images)
        self._passes.observe(seconds)
        self._batches[images].add(seconds)
        for each in waits:
            self._queue.add(each)

    def serving(
        self,
        tasks: Collection[BundledTask],
        deviations: dict[tuple[str, str], float],
    ) -> None:
        """Sets what is served now.

        Args:
            tasks: The tasks; of one whose packing was not measured, nothing
                is told.
            deviations: By size of images and runtime.
        """
        self._tasks.set(len(tasks))
        self._packing.clear()
        for task in tasks:
            if task.packing_deviation is not None:
                self._packing.labels(task.name).set(task.packing_deviation)
        self._deviation.clear()
        for labels, value in deviations.items():
            self._deviation.labels(*labels).set(value)

    def reloaded(self, result: str) -> None:
        """Counts a change of the bundle."""
        self._reloads.labels(result).inc()

    def statistics(self) -> dict[str, Any]:
        """Returns what Triton's statistics of a model are."""
        batches = sorted(self._batches.items())
        passes = _Total(
            sum(total.count for _, total in batches),
            sum(total.seconds for _, total in batches),
        )
        nothing = _Total().to_json()
        return {
            "last_inference": self._last,
            "inference_count": sum(size * x.count for size, x in batches),
            "execution_count": passes.count,
            "inference_stats": {
                **{name: x.to_json() for name, x in self._ends.items()},
                "queue": self._queue.to_json(),
                "compute_input": nothing,
                "compute_infer": passes.to_json(),
                "compute_output": nothing,
            },
            "batch_stats": [
                {
                    "batch_size": size,
                    "compute_input": nothing,
                    "compute_infer": total.to_json(),
                    "compute_output": nothing,
                }
                for size, total in batches
            ],
        }

    def text(self) -> bytes:
        """Returns all as Prometheus reads it."""
        return generate_latest(self._registry)


@dataclasses.dataclass
class _Total:
    count: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.count += 1
        self.seconds += seconds

    def to_json(self) -> dict[str, int]:
        return {"count": self.count, "ns": round(1e9 * self.seconds)}
