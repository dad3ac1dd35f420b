"""ServerOptions: where a server listens, what answers, what it refuses."""

import dataclasses

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative


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
        max_queue: Requests at a time; one more is answered with 429.
        timeout: Seconds for an answer; later it is 504. A body that takes
            longer to arrive is answered with 408.
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
    timeout: float = 30.0
    poll: float = 1.0

    def __post_init__(self) -> None:
        check_count("port", self.port, 0)
        if self.port > 65535:
            raise ValueError(
                f"A port is at most 65535. Received: port={self.port}"
            )
        for name in ("max_batch", "max_bytes", "max_pixels", "max_queue"):
            check_count(name, getattr(self, name))
        if self.image_size is not None:
            check_count("image_size", self.image_size)
        for name in ("max_delay", "timeout", "poll"):
            value = check_not_negative(name, getattr(self, name))
            if not value and name != "max_delay":
                raise ValueError(
                    f"`{name}` must be above 0. Received: {name}={value}"
                )
