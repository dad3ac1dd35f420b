"""Handlers: what a server answers at each of its addresses."""

import pathlib

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.responses import JSONResponse
from starlette.responses import Response

from keras_snow.serving.http.addressed import check_parameters
from keras_snow.serving.http.form import read_form
from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.service import Service
from keras_snow.serving.name_classes import name_classes

PREDICT_PARAMETERS = ("tasks", "task", "top", "top_k")
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
    """

    def __init__(self, service: Service) -> None:
        self.service = service

    async def page(self, request: Request) -> Response:
        """Answers the page to drop an image on."""
        del request
        text = _PAGE.read_text(encoding="utf-8")
        return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY})

    async def tasks(self, request: Request) -> Response:
        """Answers what is served, and how exactly."""
        del request
        service = self.service
        fleet, options = service.fleet, service.options
        limits = (
            "max_bytes",
            "max_pixels",
            "max_queue",
            "max_connections",
            "timeout",
            "header_timeout",
            "idle_timeout",
        )
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
        """Answers what Prometheus reads."""
        del request
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(self.service.metrics.text(), media_type=kind)

    async def predict(self, request: Request) -> Response:
        """Answers class names with scores for an image file.

        Args:
            request: The file itself, or a form with a file called `image`;
                `tasks` and `top` in the address or the form, which may be
                called `task` and `top_k`.
        """
        async with self.service.at_work(request) as (fleet, body):
            file, fields = await read_form(request.headers, body)
            check_parameters(dict(fields), PREDICT_PARAMETERS)
            asked = QueryParams([*request.query_params.multi_items(), *fields])
            top, tasks = _count_of(asked), _names_of(asked)
            logits = await self.service.answer_files(fleet, [file], tasks)
        answers = {}
        for name, rows in logits.items():
            task = fleet.tasks[name]
            (named,) = name_classes(
                rows, task.class_names, top, task.thresholds
            )
            answers[name] = {"version": task.version, "predictions": named}
        return JSONResponse({"tasks": answers})


def _names_of(query: QueryParams) -> list[str] | None:
    """Reads names, one or several a parameter."""
    values = [*query.getlist("tasks"), *query.getlist("task")]
    if not values:
        return None
    names = [name.strip() for value in values for name in value.split(",")]
    return [name for name in names if name]


def _count_of(query: QueryParams) -> int:
    values = [*query.getlist("top"), *query.getlist("top_k")] or ["5"]
    if len(values) > 1 or not values[0].isdecimal() or int(values[0][:9]) < 1:
        raise Refusal(
            400,
            "`top` is a number of classes, given once. "
            f"Received: top={', '.join(values)!r:.40}",
        )
    return int(values[0][:9])
