"""The roll call of a run on several hosts: who is there, or who is missing."""

import contextlib
import errno
import json
import socket
import time
from typing import Any

from keras_snow.training.host_plan import HostPlan

_PAUSE = 0.5  # Seconds between two tries.
_READING = 5.0  # Seconds that a caller has to say who it is.
# A host without power says nothing: after so many seconds it is asked for
# life, so often, at this distance.
_KEEP_ALIVE = {
    "TCP_KEEPIDLE": 15,
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 3,
}


class Line:
    """A connection to another process that carries lines of JSON.

    Args:
        connection: The connected socket.
        index: The number of the process at the other end.
    """

    def __init__(self, connection: socket.socket, index: int) -> None:
        self.connection = connection
        self.index = index
        self._rest = b""
        connection.settimeout(None)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEP_ALIVE.items():
            if hasattr(socket, name):
                number = getattr(socket, name)
                connection.setsockopt(socket.IPPROTO_TCP, number, value)

    @property
    def address(self) -> str:
        """Where the other end is."""
        try:
            host = str(self.connection.getpeername()[0])
            return host.removeprefix("::ffff:")
        except OSError:
            return "unknown"

    def fileno(self) -> int:
        """Returns the socket's number, for `select`."""
        return self.connection.fileno()

    def tell(self, message: dict[str, Any]) -> None:
        """Sends a message; to a line that is dead, nothing.

        Args:
            message: Plain data.
        """
        with contextlib.suppress(OSError):
            self.connection.sendall(json.dumps(message).encode() + b"\n")

    def read(self) -> list[dict[str, Any]] | None:
        """Waits for messages; None if the other end is gone.

        Raises:
            ValueError: If it is none of ours.
        """
        try:
            received = self.connection.recv(65536)
        except OSError:
            return None
        if not received:
            return None
        *lines, self._rest = (self._rest + received).split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """Hangs up."""
        self.connection.close()


def call_roll(plan: HostPlan, patience: float) -> list[Line]:
    """Waits until all processes of a run are there.

    The first process listens where JAX's coordinator will, the others call.
    The lines stay open: who dies hangs up.

    Args:
        plan: The processes.
        patience: Seconds to wait.

    Returns:
        Lines to all the others (from the first process), or to the first.

    Raises:
        ConnectionError: If they did not come in time.
        ValueError: If they don't belong to the same run.
    """
    if plan.index == 0:
        return _answer(plan, patience)
    return [_call(plan, patience)]


def _answer(plan: HostPlan, patience: float) -> list[Line]:
    deadline = time.monotonic() + patience
    found: dict[int, Line] = {}
    with _listen(plan) as door:
        while len(found) < plan.count - 1:
            door.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                connection, _ = door.accept()
            except TimeoutError:
                _dismiss(found, plan, patience)
            index = _introduced(connection, plan)
            if index is not None:
                found[index] = Line(connection, index)
    lines = [found[index] for index in sorted(found)]
    for line in lines:
        line.tell({"go": True})
    return lines


def _dismiss(found: dict[int, Line], plan: HostPlan, patience: float) -> None:
    missing = [x for x in range(1, plan.count) if x not in found]
    sentence = (
        f"Not all processes of the run came within {patience:g} seconds. Look "
        "whether they were started, and whether they reach the coordinator. "
        f"Received: coordinator={plan.coordinator!r}, missing processes="
        f"{missing} of {plan.count}"
    )
    for line in found.values():
        line.tell({"refused": sentence})
        line.close()
    raise ConnectionError(sentence)


def _listen(plan: HostPlan) -> socket.socket:
    try:
        if socket.has_dualstack_ipv6():
            return socket.create_server(
                ("", plan.port), family=socket.AF_INET6, dualstack_ipv6=True
            )
        return socket.create_server(("", plan.port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise ConnectionError(
            "Another process listens on the coordinator's port. Choose "
            f"another. Received: coordinator={plan.coordinator!r}"
        ) from error


def _introduced(connection: socket.socket, plan: HostPlan) -> int | None:
    """Returns the number of who calls; a stranger is hung up on."""
    connection.settimeout(_READING)
    try:
        line = connection.makefile("rb").readline(1000)
        message = json.loads(line)
        index, count = int(message["index"]), int(message["count"])
    except (OSError, ValueError, KeyError, TypeError):
        connection.close()
        return None
    if count == plan.count and 0 < index < count:
        return index
    caller = Line(connection, index)
    caller.tell(
        {
            "refused": "The processes were told different things. Received: "
            f"process {index} of {count}, called by process 0 of {plan.count}"
        }
    )
    caller.close()
    return None


def _call(plan: HostPlan, patience: float) -> Line:
    deadline = time.monotonic() + patience
    while (left := deadline - time.monotonic()) > 0:
        try:
            connection = socket.create_connection(
                (plan.host, plan.port), timeout=min(left, 10.0)
            )
        except OSError:  # It is not up, or its name is not known yet.
            time.sleep(min(_PAUSE, left))
            continue
        line = Line(connection, 0)
        line.tell({"index": plan.index, "count": plan.count})
        # The first process gives up first, and says who is missing.
        connection.settimeout(patience + 2 * _READING)
        messages = line.read()
        connection.settimeout(None)
        if messages and "go" in messages[0]:
            return line
        line.close()
        if messages:
            raise ConnectionError(str(messages[0].get("refused")))
        time.sleep(_PAUSE)
    raise ConnectionError(
        f"The first process of the run did not answer within {patience:g} "
        "seconds. Look whether it was started, and whether this host reaches "
        f"it. Received: coordinator={plan.coordinator!r}, process "
        f"{plan.index} of {plan.count}"
    )
