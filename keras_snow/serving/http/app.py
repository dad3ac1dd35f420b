"""Makes the FastAPI application of a service."""

import contextlib
import logging
import time
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable

from fastapi import FastAPI
from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from keras_snow.serving.http.handlers import Handlers
from keras_snow.serving.http.handlers import refused
from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.service import Service

LOG = logging.getLogger("keras_snow.serve")
GONE = 499  # The client left; nginx' number, for the metrics alone.

Handler = Callable[[Request], Awaitable[Response]]


def make_app(service: Service) -> FastAPI:
    """Returns the application; it follows the bundle while it runs.

    Args:
        service: What answers.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        service.stop()

    # The pages of FastAPI's own documentation load scripts from elsewhere.
    app = FastAPI(
        title="keras_snow", lifespan=lifespan, openapi_url=None, docs_url=None
    )
    handlers = Handlers(service)
    model = "/v2/models/{model}"
    routes: list[tuple[str, str, Handler]] = [
        ("GET", "/", handlers.page),
        ("GET", "/tasks", handlers.tasks),
        ("GET", "/metrics", handlers.metrics),
        ("POST", "/predict", handlers.predict),
        ("GET", "/v2", handlers.server),
        ("GET", "/v2/health/live", handlers.live),
        ("GET", "/v2/health/ready", handlers.ready),
    ]
    for place in (model, f"{model}/versions/{{version}}"):
        routes += [
            ("GET", place, handlers.model),
            ("GET", f"{place}/ready", handlers.ready),
            ("POST", f"{place}/infer", handlers.infer),
        ]
    for method, path, handler in routes:
        name = handler.__name__
        app.add_api_route(
            path,
            _watched(service, name, handler),
            methods=[method],
            response_model=None,
        )
    app.add_exception_handler(HTTPException, _unknown)
    return app


def _watched(service: Service, name: str, handler: Handler) -> Handler:
    """Returns a handler that counts, and refuses in one sentence."""

    async def answer(request: Request) -> Response:
        began = time.perf_counter()
        try:
            response = await handler(request)
        except Refusal as refusal:
            response = refused(refusal)
        except ClientDisconnect:
            response = Response(status_code=GONE)
        except Exception:
            LOG.exception("a request failed at %s", name)
            response = refused(
                Refusal(500, "The server failed; its log says why.")
            )
        seconds = time.perf_counter() - began
        service.metrics.request(name, response.status_code, seconds)
        return response

    return answer


async def _unknown(request: Request, error: Exception) -> Response:
    del request
    status = getattr(error, "status_code", 404)
    sentence = getattr(error, "detail", "Not found")
    return refused(Refusal(status, f"{sentence}."))
