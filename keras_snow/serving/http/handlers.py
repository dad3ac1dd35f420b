"""Handlers: what a server answers at each of its addresses."""

import asyncio
import contextlib
import pathlib
from collections.abc import AsyncIterator
from importlib import metadata
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.responses import JSONResponse
from fastapi.responses import Response

from keras_snow.core.registry import nearest_names
from keras_snow.serving.http import open_inference
from keras_snow.serving.http.body import image_of
from keras_snow.serving.http.body import read_body
from keras_snow.serving.http.fleet import Fleet
from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.service import Service
from keras_snow.serving.name_classes import name_classes

PLATFORM = "keras_snow"
_PAGE = pathlib.Path(__file__).with_name("page.html")
# Nothing but itself: the page loads nothing from elsewhere, nor can be framed.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src "
    "'unsafe-inline'; img-src blob:; connect-src 'self'; frame-ancestors 'none'"
)


class Handlers:
    """Turns requests into answers of a service.

    Args:
        service: What answers.

    Examples:
        >>> Handlers(None).service is None
        True
    """

    def __init__(self, service: Service) -> None:
        self.service = service

    async def page(self, request: Request) -> Response:
        """Answers the page to drop an image on.

        Args:
            request: The request.
        """
        del request
        text = _PAGE.read_text(encoding="utf-8")
        return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY})

    async def tasks(self, request: Request) -> Response:
        """Answers what is served, and how exactly.

        Args:
            request: The request.
        """
        del request
        service = self.service
        fleet, options = service.fleet, service.options
        limits = ("max_bytes", "max_pixels", "max_queue", "timeout")
        return JSONResponse(
            {
                "model": service.name,
                "tasks": [
                    {
                        "name": task.name,
                        "version": task.version,
                        "num_classes": task.num_classes,
                        "class_names": task.class_names,
                        "packing_deviation": task.packing_deviation,
                    }
                    for task in fleet.tasks.values()
                ],
                "engines": [
                    {
                        "image_size": each.image_size,
                        "runtime": each.runtime_name,
                        "deviation": each.deviation,
                        "packing_deviation": fleet.packing_deviation(each),
                        "tasks": list(each.runtime.outputs),
                    }
                    for each in fleet.engines.values()
                ],
                "limits": {name: getattr(options, name) for name in limits},
                "problem": service.problem,
            }
        )

    async def metrics(self, request: Request) -> Response:
        """Answers what Prometheus reads.

        Args:
            request: The request.
        """
        del request
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(self.service.metrics.text(), media_type=kind)

    async def predict(self, request: Request) -> Response:
        """Answers class names with scores for an image file.

        Args:
            request: The file itself, or a form with a file called `image`;
                `tasks` and `top` in the address.
        """
        tasks = _names_of(request.query_params.getlist("tasks"))
        top = _count_of(request.query_params.get("top", "5"))
        async with self._at_work(request) as (fleet, body):
            data = await image_of(request, body)
            logits = await self.service.answer_picture(fleet, data, tasks)
        answers = {}
        for name, row in logits.items():
            task = fleet.tasks[name]
            (named,) = name_classes(row[None], task.class_names, top)
            answers[name] = {"version": task.version, "predictions": named}
        return JSONResponse({"tasks": answers})

    async def live(self, request: Request) -> Response:
        """Answers that the server runs.

        Args:
            request: The request.
        """
        del request
        return JSONResponse({"live": True})

    async def ready(self, request: Request) -> Response:
        """Answers whether there are tasks to ask; of a model with its name.

        Args:
            request: The request.
        """
        ready = bool(self.service.fleet.tasks)
        found: dict[str, Any] = {"ready": ready}
        if "model" in request.path_params:
            self._check_model(request)
            found = {"name": self.service.name} | found
        return JSONResponse(found, 200 if ready else 503)

    async def server(self, request: Request) -> Response:
        """Answers the server's metadata.

        Args:
            request: The request.
        """
        del request
        return JSONResponse(
            {
                "name": PLATFORM,
                "version": metadata.version("keras-snow"),
                "extensions": ["binary_tensor_data"],
            }
        )

    async def model(self, request: Request) -> Response:
        """Answers the model's metadata: an input, and an output a task.

        Args:
            request: The request.
        """
        self._check_model(request)
        fleet = self.service.fleet
        sizes = list(fleet.engines)
        side = sizes[0] if len(sizes) == 1 else -1
        return JSONResponse(
            {
                "name": self.service.name,
                "versions": ["1"],
                "platform": PLATFORM,
                "inputs": [
                    {
                        "name": open_inference.INPUT,
                        "datatype": "FP32",
                        "shape": [-1, side, side, 3],
                    }
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
        )

    async def infer(self, request: Request) -> Response:
        """Answers logits, as the Open Inference Protocol asks.

        Args:
            request: The request.
        """
        self._check_model(request)
        length = request.headers.get(open_inference.HEADER_LENGTH)
        async with self._at_work(request) as (fleet, body):
            asked = await self.service.beside(
                open_inference.parse, body, length
            )
            found = await self.service.answer_pixels(
                fleet, asked.images, asked.outputs
            )
            content, headers = open_inference.respond(
                asked, self.service.name, found
            )
        return Response(content, headers=headers)

    @contextlib.asynccontextmanager
    async def _at_work(
        self, request: Request
    ) -> AsyncIterator[tuple[Fleet, bytes]]:
        """Admits a request, reads its body and bounds its time."""
        service, options = self.service, self.service.options
        with service.admitted():
            body = await read_body(request, options.max_bytes, options.timeout)
            try:
                async with asyncio.timeout(options.timeout):
                    with service.fleet.used() as fleet:
                        yield fleet, body
            except TimeoutError:
                raise Refusal(
                    504,
                    f"There was no answer within {options.timeout:g} seconds.",
                ) from None

    def _check_model(self, request: Request) -> None:
        name = request.path_params["model"]
        if name != self.service.name:
            hint = nearest_names(name, [self.service.name])
            raise Refusal(
                404, f"There is no such model. {hint} Received: {name!r:.80}"
            )
        if request.path_params.get("version", "1") != "1":
            raise Refusal(404, "There is no such version. Known: 1.")


def _names_of(values: list[str]) -> list[str] | None:
    """Reads names, one or several a parameter."""
    if not values:
        return None
    names = [name.strip() for value in values for name in value.split(",")]
    return [name for name in names if name]


def _count_of(value: str) -> int:
    if not value.isdecimal() or not int(value[:9]) >= 1:
        raise Refusal(
            400, f"`top` is a number of classes. Received: top={value[:20]!r}"
        )
    return int(value[:9])


def refused(refusal: Refusal) -> Response:
    """Returns the answer to a request that is not answered.

    Args:
        refusal: Why.
    """
    headers = {"Retry-After": "1"} if refusal.status == 429 else {}
    content: dict[str, Any] = {"error": refusal.sentence}
    return JSONResponse(content, refusal.status, headers)
