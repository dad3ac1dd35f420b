"""Checks what a request asks for by its address."""

import fnmatch
import ipaddress
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence

from starlette.requests import Request

from keras_snow.core.registry import nearest_names
from keras_snow.serving.http.refusal import Refusal
from keras_snow.serving.http.server_options import ServerOptions

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def allowed_hosts(options: ServerOptions) -> list[str]:
    """Returns the names by which a server may be called.

    Examples:
        >>> allowed_hosts(ServerOptions(host="0.0.0.0"))
        ['*']
        >>> allowed_hosts(ServerOptions(allowed_hosts=["shop.org"]))
        ['localhost', '127.0.0.1', '::1', 'shop.org']
    """
    chosen = options.allowed_hosts
    if chosen is None:
        chosen = [options.host] if _is_loopback(options.host) else ["*"]
    names = [name.strip("[]").lower() for name in chosen]
    if "*" in names:
        return ["*"]
    return list(dict.fromkeys([*_LOOPBACK, *names]))


def check_host(request: Request, allowed: Sequence[str]) -> None:
    """Refuses a request that calls the server by another name.

    Raises:
        Refusal: 400 if it does.
    """
    try:
        name = request.url.hostname or ""
    except ValueError:
        name = ""
    if not any(fnmatch.fnmatchcase(name.lower(), each) for each in allowed):
        raise Refusal(
            400,
            "The server is not known by this name; `--allowed-hosts` adds one. "
            f"Received: Host={name!r:.80}",
        )


def check_parameters(asked: Iterable[str], known: Collection[str]) -> None:
    """Refuses parameters that would be ignored.

    Raises:
        Refusal: 400 if there is another.
    """
    for name in asked:
        if name not in known:
            hint = "This address has none."
            if known:
                hint = nearest_names(name, list(known))
            raise Refusal(
                400, f"Unknown parameter. {hint} Received: {name!r:.80}"
            )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
