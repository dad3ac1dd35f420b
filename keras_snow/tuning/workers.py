"""A search of several processes: a chief that keeps the oracle, and workers.

They find each other by KerasTuner's environment variables and speak its
protocol. Beyond it, workers show the chief every few seconds that they are
alive: the trials of one that died go to another, and no process waits forever
for one that is gone.
"""

import contextlib
import dataclasses
import os
import threading
import time
from collections.abc import Iterator
from concurrent import futures
from typing import Any

from keras_snow.tuning.extra import require_tuner

ID, IP, PORT = (
    f"KERASTUNER_{name}" for name in ("TUNER_ID", "ORACLE_IP", "ORACLE_PORT")
)
# A worker shows itself this many times within the chief's patience.
SIGNS = 6
# How many times its patience a chief waits for the first worker, and for
# workers to come back when all are gone.
ALONE = 5


@dataclasses.dataclass(frozen=True)
class Place:
    """What a process is in a search.

    Args:
        name: Its name, if it is one of several.
        address: The chief's `IP:PORT`.

    Examples:
        >>> Place("worker1", "127.0.0.1:8000").is_worker
        True
    """

    name: str = ""
    address: str = ""

    @property
    def is_chief(self) -> bool:
        """Whether it keeps the oracle for others."""
        return bool(self.address) and "chief" in self.name

    @property
    def is_worker(self) -> bool:
        """Whether it asks a chief for trials."""
        return bool(self.address) and not self.is_chief


def find_place() -> Place:
    """Returns what the environment makes of this process.

    Raises:
        ValueError: If some of the variables are missing.

    Examples:
        >>> find_place()
        Place(name='', address='')
    """
    found = {name: os.environ.get(name, "") for name in (ID, IP, PORT)}
    if not found[IP]:
        return Place()
    missing = [name for name in found if not found[name]]
    if missing:
        raise ValueError(
            "A search of several processes needs an ID for each, and the "
            "chief's address and port. Set the missing variables too. "
            f"Received: {IP}={found[IP]!r} without {', '.join(missing)}"
        )
    return Place(found[ID], f"{found[IP]}:{found[PORT]}")


def lead(oracle: Any, place: Place, patience: float) -> None:
    """Hands out trials until there are no more.

    Args:
        oracle: KerasTuner's.
        place: The chief's.
        patience: Seconds after which a silent worker is lost.

    Raises:
        ValueError: If the address can't be had, or no worker is left.
    """
    import grpc
    from keras_tuner.src import protos

    register = _Register(oracle, patience)
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    protos.get_service_grpc().add_OracleServicer_to_server(
        _servicer(oracle, register), server
    )
    try:
        port = server.add_insecure_port(place.address)
    except RuntimeError:
        port = 0
    if not port:
        raise ValueError(
            "The chief can't listen there: the port is taken, or the address "
            f"is not this machine's. Received: {place.address!r}"
        )
    server.start()
    try:
        while not register.is_done():
            time.sleep(min(1.0, patience / SIGNS))
    finally:
        server.stop(grace=1.0).wait()


@contextlib.contextmanager
def follow(oracle: Any, place: Place, patience: float) -> Iterator[Any]:
    """Yields an oracle that asks the chief, and shows signs of life to it.

    Args:
        oracle: Of the same search; it is only asked what never changes.
        place: The worker's.
        patience: Seconds to wait for the chief.

    Yields:
        The oracle.

    Raises:
        ValueError: If the chief does not answer.
    """
    require_tuner()
    import grpc
    from keras_tuner.src.distribute.oracle_client import OracleClient

    client = OracleClient(oracle)
    channel = grpc.insecure_channel(place.address)
    over = threading.Event()
    signs = threading.Thread(
        target=_show_life, args=(channel, patience / SIGNS, over), daemon=True
    )
    try:
        grpc.channel_ready_future(channel).result(timeout=ALONE * patience)
        signs.start()
        yield client
    except (grpc.FutureTimeoutError, grpc.RpcError) as error:
        raise ValueError(
            "The chief of this search does not answer. Start it, or look why "
            f"it ended. Received: {place.address!r}"
        ) from error
    finally:
        over.set()
        channel.close()


def _show_life(channel: Any, pause: float, over: threading.Event) -> None:
    import grpc
    from keras_tuner.src import protos

    stub = protos.get_service_grpc().OracleStub(channel)
    own = (("worker", os.environ[ID]),)
    while not over.wait(pause):
        # A chief that is gone is noticed where it is asked for a trial.
        with contextlib.suppress(grpc.RpcError, ValueError):
            request = protos.get_service().GetSpaceRequest()
            stub.GetSpace(request, timeout=pause, metadata=own)


class _Register:
    """Which workers are alive, and what they are busy with.

    Args:
        oracle: KerasTuner's.
        patience: Seconds after which a silent worker is lost.
    """

    def __init__(self, oracle: Any, patience: float) -> None:
        self.oracle = oracle
        self.patience = patience
        self.seen: dict[str, float] = {}
        self.last_sign = time.monotonic()
        self.stopped = False

    def note(self, worker: str) -> None:
        """Notes a sign of life.

        Args:
            worker: Its name, without the number of one of its trials.
        """
        self.last_sign = self.seen[worker] = time.monotonic()

    def is_done(self) -> bool:
        """Tells whether the search is over; takes back trials of the lost.

        Raises:
            ValueError: If no worker is left.
        """
        oracle, now = self.oracle, time.monotonic()
        for worker, seen in [*self.seen.items()]:
            if now - seen > self.patience:
                del self.seen[worker]
                _take_back(oracle, worker)
        busy = oracle.ongoing_trials or oracle.tuner_ids or oracle._retry_queue
        if self.stopped and not busy:
            return True
        if now - self.last_sign > ALONE * self.patience:
            raise ValueError(
                "No worker is left. Start workers, and the chief again; what "
                "is finished is kept. Received: nothing from a worker for "
                f"{now - self.last_sign:.0f} s"
            )
        return False


def _take_back(oracle: Any, worker: str) -> None:
    """Puts the trials of a lost worker where others get theirs."""

    def lose(oracle: Any) -> None:
        mine = [x for x in oracle.tuner_ids if _worker_of(x) == worker]
        for asker in mine:
            oracle.tuner_ids.discard(asker)
            trial = oracle.ongoing_trials.pop(asker, None)
            if trial is not None:
                oracle._retry_queue.append(trial.trial_id)
        oracle.save()

    require_tuner().synchronized(lose)(oracle)


def _worker_of(asker: str) -> str:
    return asker.rpartition("-")[0]


def _servicer(oracle: Any, register: _Register) -> Any:
    from keras_tuner.src.distribute.oracle_chief import OracleServicer

    class Servicer(OracleServicer):
        def CreateTrial(self, request: Any, context: Any) -> Any:  # noqa: N802
            register.note(_worker_of(request.tuner_id))
            answer = super().CreateTrial(request, context)
            register.stopped = register.stopped or self.stop_triggered
            return answer

        def GetSpace(self, request: Any, context: Any) -> Any:  # noqa: N802
            sign = dict(context.invocation_metadata()).get("worker")
            if sign:
                register.note(sign)
            return super().GetSpace(request, context)

    return Servicer(oracle)
