"""Serves a bundle over HTTP until it is told to stop."""

import signal
import socket
from collections.abc import Callable

from keras_snow.core.extras import require
from keras_snow.core.files import PathLike
from keras_snow.serving.http.server_options import ServerOptions

MODULES = ("starlette", "uvicorn", "prometheus_client", "python_multipart")
_BACKLOG = 2048


def serve(
    folder: PathLike,
    options: ServerOptions,
    announce: Callable[[str], None],
) -> bool:
    """Serves the tasks of a bundle.

    It ends with SIGTERM or SIGINT (Ctrl-C): nothing new is accepted, and
    requests at work are answered.

    Args:
        folder: The bundle's folder.
        options: Where it listens, what answers, what it refuses.
        announce: Is told in a few lines what is served, once it is.

    Returns:
        Whether a change of the bundle is still being compiled, in a thread that
        nothing can stop and that Python would wait for.

    Raises:
        ImportError: If the extra `serve` is not installed.
        OSError: If there is no bundle, or the port is taken.
        ValueError: If the bundle can't be compiled.
    """
    require("serve", *MODULES)
    from keras_snow.serving.deviation import describe_deviation
    from keras_snow.serving.http.connections.log_limit import limited_logs
    from keras_snow.serving.http.connections.make_server import make_server
    from keras_snow.serving.http.service import Service
    from keras_snow.serving.open_runtime import why_second_best

    with listen(options) as listener:
        service = Service(folder, options)
        server = make_server(service, log_level="warning")
        host, port = listener.getsockname()[:2]
        address = f"[{host}]" if ":" in host else host
        if second_best := why_second_best(options.runtime):
            announce(second_best)
        for engine in service.fleet.engines.values():
            announce(
                f"{', '.join(engine.runtime.outputs)}: {engine.image_size} px, "
                f"{engine.runtime_name}; "
                + describe_deviation(
                    engine.deviation, service.fleet.packing_deviation(engine)
                )
            )
            if engine.timed:
                passes = [f"{x} {s:.3f} s" for x, s in engine.timed.items()]
                announce(
                    f"a pass of {options.max_batch} images: {', '.join(passes)}"
                )
        announce(f"http://{address}:{port}")
        for each in (signal.SIGTERM, signal.SIGINT):
            # uvicorn raises again what it was told to stop by.
            signal.signal(each, _ignore)
        with limited_logs():
            server.run(sockets=[listener])
        return service.building


def _ignore(*_: object) -> None:
    """Does nothing: the server has stopped."""


def listen(options: ServerOptions) -> socket.socket:
    """Takes the port."""
    try:
        return socket.create_server(
            (options.host, options.port),
            family=socket.AF_INET6 if ":" in options.host else socket.AF_INET,
            backlog=_BACKLOG,
        )
    except OSError as error:
        raise OSError(
            f"The server can't listen there: {error.strerror or error}. Choose "
            "another port with `--port`, 0 for any that is free. "
            f"Received: host={options.host!r}, port={options.port}"
        ) from None
