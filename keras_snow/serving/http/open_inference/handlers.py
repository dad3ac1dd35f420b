"""OpenInferenceHandlers: the addresses of the Open Inference Protocol."""

from importlib import metadata
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.responses import Response

from keras_snow.core.registry import nearest_names
from keras_snow.serving.http.open_inference import HEADER_LENGTH
from keras_snow.serving.http.open_inference import PLATFORM
from keras_snow.serving.http.open_inference.describe import config_of
from keras_snow.serving.http.open_inference.describe import metadata_of
from keras_snow.serving.http.open_inference.describe import statistics_of
from keras_snow.serving.http.open_inference.parse import parse
from keras_snow.serving.http.open_inference.respond import respond
from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.service import Service

_EXTENSIONS = [
    "binary_tensor_data",
    "classification",
    "model_configuration",
    "statistics",
]


class OpenInferenceHandlers:
    """Turns requests of the Open Inference Protocol into answers.

    Args:
        service: What answers.
    """

    def __init__(self, service: Service) -> None:
        self.service = service

    async def live(self, request: Request) -> Response:
        """Answers that the server runs."""
        del request
        return JSONResponse({"live": True})

    async def ready(self, request: Request) -> Response:
        """Answers whether there are tasks to ask; of a model with its name."""
        ready = bool(self.service.fleet.tasks)
        found: dict[str, Any] = {"ready": ready}
        if "model" in request.path_params:
            self._check_model(request)
            found = {"name": self.service.name} | found
        return JSONResponse(found, 200 if ready else 503)

    async def server(self, request: Request) -> Response:
        """Answers the server's metadata."""
        del request
        version = metadata.version("keras-snow")
        return JSONResponse(
            {"name": PLATFORM, "version": version, "extensions": _EXTENSIONS}
        )

    async def model(self, request: Request) -> Response:
        """Answers the model's metadata."""
        self._check_model(request)
        service = self.service
        return JSONResponse(metadata_of(service.name, service.fleet))

    async def config(self, request: Request) -> Response:
        """Answers the model's configuration."""
        self._check_model(request)
        service = self.service
        return JSONResponse(
            config_of(service.name, service.fleet, service.options)
        )

    async def stats(self, request: Request) -> Response:
        """Answers how many requests were answered, and how fast."""
        if "model" in request.path_params:
            self._check_model(request)
        service = self.service
        return JSONResponse(statistics_of(service.name, service.metrics))

    async def infer(self, request: Request) -> Response:
        """Answers logits, or classes where they are asked for."""
        self._check_model(request)
        service, length = self.service, request.headers.get(HEADER_LENGTH)
        async with service.at_work(request) as (fleet, body):
            asked = await service.beside(parse, body, length)
            images, names = asked.images, asked.names
            if isinstance(images, list):
                found = await service.answer_files(fleet, images, names)
            else:
                found = await service.answer_pixels(fleet, images, names)
            content, headers = respond(asked, service.name, found, fleet.tasks)
        return Response(content, headers=headers)

    def _check_model(self, request: Request) -> None:
        name = request.path_params["model"]
        if name != self.service.name:
            hint = nearest_names(name, [self.service.name])
            raise Refusal(
                404, f"There is no such model. {hint} Received: {name!r:.80}"
            )
        version = request.path_params.get("version", "1")
        if version != "1":
            raise Refusal(
                404,
                "There is no such version. Known: 1. "
                f"Received: {version!r:.80}",
            )
