"""ServerOptions: where a server listens, what answers, what it refuses."""

import dataclasses
from collections.abc import Sequence

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative

# Seconds beyond a body and its answer: bytes on their way.
_GRACE = 5


@dataclasses.dataclass(frozen=True)
class ServerOptions:
    """Where a server listens, what answers, and what it refuses.

    Args:
        host: The address; the machine alone reaches the loopback.
        port: 0 takes a free one.
        name: The model's name in the Open Inference Protocol; the bundle's
            folder's if None.
        runtime: A name out of `RUNTIMES`; `"auto"`: of a fixed list of
            preference the first that is installed, compiles and is exact; or
            `"fastest"`: of all these the one whose passes of a full batch take
            the least time when the server starts.
        image_size: Pixels of a side for all tasks; each task's own if None.
        max_batch: Images of a pass.
        max_delay: Seconds that an image waits for others to share a pass.
        max_bytes: Bytes of a request; more are answered with 413.
        max_pixels: Pixels of an image; more are answered with 422.
        max_queue: Requests at a time whose body has arrived; one more is
            answered with 429.
        max_connections: Connections at a time, and at most half of the files
            that the process may open. One more takes the place of one that is
            idle or still sends, the longest first, or is answered with 503.
        timeout: Seconds for an answer; later it is 504. A body that takes
            longer to arrive is answered with 408.
        header_timeout: Seconds for the first line and the headers of a
            request; later it is 408, or the end of a silent connection.
        idle_timeout: Seconds that a connection may be idle between requests.
        allowed_hosts: Names by which the server may be called, `"*.shop.org"`
            and `"*"` among them; the loopback's are always. If None, no others
            at the loopback, so that no web page can reach the server by a name
            of its own, and any elsewhere.
        poll: Seconds between two looks at the bundle's folder.

    Raises:
        TypeError: If a value has another type.
        ValueError: If a value is out of range.

    Examples:
        >>> ServerOptions().host
        '127.0.0.1'
    """

    host: str = "127.0.0.1"
    port: int = 8000
    name: str | None = None
    runtime: str = "auto"
    image_size: int | None = None
    max_batch: int = 16
    max_delay: float = 0.005
    max_bytes: int = 16_000_000
    max_pixels: int = 40_000_000
    max_queue: int = 64
    max_connections: int = 1000
    timeout: float = 30.0
    header_timeout: float = 10.0
    idle_timeout: float = 20.0
    allowed_hosts: Sequence[str] | None = None
    poll: float = 1.0

    def __post_init__(self) -> None:
        check_count("port", self.port, 0)
        if self.port > 65535:
            raise ValueError(
                f"A port is at most 65535. Received: port={self.port}"
            )
        for field in dataclasses.fields(self):
            if field.name.startswith("max_") and field.name != "max_delay":
                check_count(field.name, getattr(self, field.name))
        if self.image_size is not None:
            check_count("image_size", self.image_size)
        check_not_negative("max_delay", self.max_delay)
        for name in ("timeout", "header_timeout", "idle_timeout", "poll"):
            value = check_not_negative(name, getattr(self, name))
            if not value:
                raise ValueError(
                    f"`{name}` must be above 0. Received: {name}={value}"
                )
        if isinstance(self.allowed_hosts, str):
            raise TypeError(
                "`allowed_hosts` is a list of names. "
                f"Received: allowed_hosts={self.allowed_hosts!r}"
            )

    @property
    def longest_request(self) -> float:
        """Seconds that a request may take, as may its body and its answer."""
        return 2 * self.timeout + _GRACE
