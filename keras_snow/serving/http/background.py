"""Serves a bundle in a thread of this process."""

import contextlib
import threading
from collections.abc import Iterator

from keras_snow.core.files import PathLike
from keras_snow.serving.http.serve import listen
from keras_snow.serving.http.server_options import ServerOptions
from keras_snow.serving.http.service import Service


@contextlib.contextmanager
def running(
    folder: PathLike, options: ServerOptions
) -> Iterator[tuple[str, Service]]:
    """Serves the tasks of a bundle while the block runs.

    Yields:
        The server's address, and what answers.
    """
    from keras_snow.serving.http.connections.make_server import make_server

    with listen(options) as listener:
        service = Service(folder, options)
        server = make_server(service, log_config=None)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", service
        finally:
            server.should_exit = True
            thread.join()
