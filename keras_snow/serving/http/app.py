"""Makes the Starlette application of a service."""

import contextlib
import logging
import time
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Collection

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from keras_snow.core.errors import lacks_resources
from keras_snow.core.errors import sentence_of
from keras_snow.serving.http.addressed import allowed_hosts
from keras_snow.serving.http.addressed import check_host
from keras_snow.serving.http.addressed import check_parameters
from keras_snow.serving.http.handlers import PREDICT_PARAMETERS
from keras_snow.serving.http.handlers import Handlers
from keras_snow.serving.http.open_inference.handlers import (
    OpenInferenceHandlers,
)
from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.refused import refused
from keras_snow.serving.http.service import Service

LOG = logging.getLogger("keras_snow.serve")
GONE = 499  # The client left; nginx' number, for the metrics alone.

Handler = Callable[[Request], Awaitable[Response]]


def make_app(service: Service) -> Starlette:
    """Returns the application; it follows the bundle while it runs."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        service.start()
        yield
        service.stop()

    # The fastest level: it already halves JSON.
    compress = Middleware(GZipMiddleware, minimum_size=1000, compresslevel=1)
    return Starlette(
        routes=_routes(service),
        lifespan=lifespan,
        middleware=[compress],
        exception_handlers={HTTPException: _unknown},
    )


def _routes(service: Service) -> list[Route]:
    """Returns the addresses; HEAD is answered wherever GET is."""
    own, v2 = Handlers(service), OpenInferenceHandlers(service)
    gets: dict[str, Handler] = {
        "/": own.page,
        "/tasks": own.tasks,
        "/metrics": own.metrics,
        "/v2": v2.server,
        "/v2/health/live": v2.live,
        "/v2/health/ready": v2.ready,
        "/v2/models/stats": v2.stats,
    }
    posts: dict[str, Handler] = {"/predict": own.predict}
    for place in (
        "/v2/models/{model}",
        "/v2/models/{model}/versions/{version}",
    ):
        gets[place] = v2.model
        gets[f"{place}/ready"] = v2.ready
        gets[f"{place}/config"] = v2.config
        gets[f"{place}/stats"] = v2.stats
        posts[f"{place}/infer"] = v2.infer
    parameters = {"/predict": PREDICT_PARAMETERS}
    return [
        Route(
            path,
            _watched(service, handler, parameters.get(path, ())),
            methods=[method],
        )
        for method, handlers in (("GET", gets), ("POST", posts))
        for path, handler in handlers.items()
    ]


def _watched(
    service: Service, handler: Handler, parameters: Collection[str]
) -> Handler:
    """Returns a handler that counts, and refuses in one sentence."""
    name = handler.__name__
    hosts = allowed_hosts(service.options)

    async def answer(request: Request) -> Response:
        began = time.perf_counter()
        try:
            check_host(request, hosts)
            check_parameters(request.query_params, parameters)
            response = await handler(request)
        except Refusal as refusal:
            response = refused(refusal)
        except ClientDisconnect:
            response = Response(status_code=GONE)
        except Exception as error:
            response = refused(_failed(name, error))
        seconds = time.perf_counter() - began
        service.metrics.request(name, response.status_code, seconds)
        return response

    return answer


def _failed(name: str, error: Exception) -> Refusal:
    if not lacks_resources(error):
        LOG.error("a request failed at %s", name, exc_info=error)
        return Refusal(500, "The server failed; its log says why.")
    LOG.error("a request at %s lacked memory: %s", name, sentence_of(error))
    return Refusal(
        503,
        "The server has not enough memory for this request now. Send less, or "
        "try again in a moment.",
    )


async def _unknown(request: Request, error: Exception) -> Response:
    del request
    status = getattr(error, "status_code", 404)
    sentence = getattr(error, "detail", "Not found")
    headers = getattr(error, "headers", None)  # Allow, of a 405.
    return refused(Refusal(status, f"{sentence}.", headers))
