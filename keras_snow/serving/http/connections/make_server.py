"""Makes uvicorn's server of a service."""

import functools
import math
import sys
from typing import Any

import uvicorn

from keras_snow.serving.http.app import make_app
from keras_snow.serving.http.connections.connection import Connection
from keras_snow.serving.http.service import Service

_BACKLOG = 2048


def make_server(service: Service, **config: Any) -> uvicorn.Server:
    """Returns a server that is not running yet."""
    options = service.options
    limit, spare = share_files(open_files(), options.max_connections)
    http: Any = functools.partial(
        Connection, options=options, limit=limit, spare=spare
    )
    timeout: Any = options.idle_timeout  # A fraction does as well.
    return uvicorn.Server(
        uvicorn.Config(
            make_app(service),
            http=http,
            ws="none",
            access_log=False,
            # As many are accepted at once, before one can be turned away.
            backlog=spare,
            timeout_keep_alive=timeout,
            timeout_graceful_shutdown=math.ceil(options.longest_request),
            **config,
        )
    )


def share_files(files: int, wanted: int) -> tuple[int, int]:
    """Returns connections, and those beyond that are told to come again.

    Examples:
        >>> share_files(1024, 1000)
        (512, 128)
    """
    return max(1, min(wanted, files // 2)), max(1, min(_BACKLOG, files // 8))


def open_files() -> int:
    """Returns how many files the process may open."""
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return sys.maxsize
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft
