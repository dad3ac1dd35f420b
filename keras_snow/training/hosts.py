"""Hosts: this process among those that train one model together."""

import contextlib
import dataclasses
import io
import json
import math
import os
import sys
from typing import Any

import keras
import numpy as np

from keras_snow.training.fingerprint import differences
from keras_snow.training.host_plan import ADDRESSES
from keras_snow.training.host_plan import COUNT
from keras_snow.training.host_plan import INDEX
from keras_snow.training.host_plan import HostPlan
from keras_snow.training.host_plan import find_plan

PATIENCE = 300.0  # Seconds, as JAX has it.
_HEARTBEAT = 30  # Seconds after which a silent process is lost.

Arrays = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Hosts:
    """This process among those that train one model together.

    Made by `join_hosts`; a process that never joined is alone. The first
    process alone writes files, and tells the others what it read.

    Args:
        index: The number of this process, from 0.
        count: How many processes there are.
        coordinator: Where the first process listens, if variables said so.

    Examples:
        >>> Hosts().share({"epochs_done": 3})
        {'epochs_done': 3}
    """

    index: int = 0
    count: int = 1
    coordinator: str | None = None

    def __str__(self) -> str:
        task = "writes the run's files" if self.first else "writes nothing"
        return (
            f"process {self.index} of {self.count} (coordinator "
            f"{self.coordinator}): {task}"
        )

    @property
    def first(self) -> bool:
        """Whether this is the process that writes files."""
        return self.index == 0

    def share(self, value: Any) -> Any:
        """Returns on each process what the first one hands in.

        All processes must call it, in the same order.

        Args:
            value: Plain data; of the first process.
        """
        if self.count == 1:
            return value
        return json.loads(self._broadcast(json.dumps(value).encode()))

    def share_arrays(self, arrays: Arrays) -> Arrays:
        """Returns on each process the arrays that the first one hands in.

        Args:
            arrays: Values by name; of the first process.
        """
        if self.count == 1:
            return arrays
        file = io.BytesIO()
        np.savez(file, **arrays)  # type: ignore[arg-type]
        with np.load(io.BytesIO(self._broadcast(file.getvalue()))) as found:
            return {name: found[name] for name in found.files}

    def check_alike(self, identity: dict[str, Any]) -> None:
        """Looks whether all processes were given the same run.

        Args:
            identity: What makes the run, as JSON holds it.

        Raises:
            ValueError: If this process was given another than the first.
        """
        found = differences(self.share(identity), identity)
        if found:
            raise ValueError(
                "All processes must train the same run: give the same command "
                "and the same data on each host. They differ in: "
                f"{'; '.join(found[:4])}. Received: process {self.index} of "
                f"{self.count}"
            )

    def _broadcast(self, content: bytes) -> bytes:
        from jax.experimental import multihost_utils

        size = multihost_utils.broadcast_one_to_all(np.int32(len(content)))
        values = np.zeros(int(size), "uint8")
        if self.first:
            values[:] = np.frombuffer(content, "uint8")
        return multihost_utils.broadcast_one_to_all(values).tobytes()


ALONE = Hosts()
_joined: list[Hosts] = []


def this_host() -> Hosts:
    """Returns this process among those that it joined; `ALONE` if none."""
    return _joined[0] if _joined else ALONE


def asks_for_hosts(strategy: str) -> bool:
    """Tells whether a strategy means several hosts.

    `"auto"` does where Keras' variables or `TF_CONFIG` name several processes.
    Slurm's don't count: the shell of any job has them.

    Args:
        strategy: As of `TrainingOptions`.

    Raises:
        ValueError: If the variables are nonsense.

    Examples:
        >>> asks_for_hosts("multi_host"), asks_for_hosts("one_device")
        (True, False)
    """
    wanted = strategy.lower().replace("-", "_")
    if wanted != "auto":
        return wanted == "multi_host"
    if not {ADDRESSES, "TF_CONFIG"} & os.environ.keys():
        return False
    return find_plan(os.environ).count != 1


def join_hosts(patience: float = PATIENCE) -> Hosts:
    """Joins the processes that the launcher started for one run.

    Which they are is read from Keras' variables (`KERAS_DISTRIBUTION_...`) or
    `TF_CONFIG`; else JAX asks Slurm, Open MPI or Kubernetes. `train` does it
    for `strategy="multi_host"`; a script calls it itself if it computes
    anything before.

    Args:
        patience: Seconds to wait for the others.

    Returns:
        This process among them.

    Raises:
        ConnectionError: If they don't come in time.
        ValueError: If nothing says which they are, the backend is not JAX, or
            it has computed something already.

    Examples:
        >>> this_host().count
        1
    """
    if _joined:
        return _joined[0]
    if keras.backend.backend() != "jax":
        raise ValueError(
            "Several hosts train on the JAX backend. Set KERAS_BACKEND=jax. "
            f"Received: backend={keras.backend.backend()!r}"
        )
    plan = find_plan(os.environ)
    hosts = ALONE if plan.count == 1 else _join(plan, patience)
    _joined.append(hosts)
    return hosts


def _join(plan: HostPlan, patience: float) -> Hosts:
    import jax

    sys.stderr.write("waits for the other processes of the run\n")
    # It would catch SIGTERM, with which launchers end a job.
    with contextlib.suppress(AttributeError):
        jax.config.update("jax_enable_preemption_service", False)
    try:
        jax.distributed.initialize(
            plan.coordinator,
            plan.count,
            plan.index,
            initialization_timeout=math.ceil(patience),
            heartbeat_timeout_seconds=_HEARTBEAT,
        )
    except jax.errors.JaxRuntimeError as error:
        raise ConnectionError(
            "The processes of the run did not find each other. Look whether "
            "all were started, and whether they reach the coordinator "
            f"({error}). Received: patience={patience:g}, {plan}"
        ) from error
    except ValueError as error:
        raise ValueError(
            "Nothing says which processes the run has. Start it with `srun`, "
            f"or set {ADDRESSES}=HOST:PORT of the first process, {COUNT} and "
            f"{INDEX} for each process ({error}). Received: {plan}"
        ) from error
    except RuntimeError as error:
        raise ValueError(
            "JAX has computed something before this process joined the "
            "others. Call `keras_snow.training.join_hosts()` first, and hand "
            f"over a function that builds the model ({error}). Received: "
            f"{plan}"
        ) from error
    hosts = Hosts(jax.process_index(), jax.process_count(), plan.coordinator)
    own, total = jax.local_device_count(), jax.device_count()
    if own * hosts.count != total:
        raise ValueError(
            "Each process must have the same number of devices. Received: "
            f"{own} of {total} devices in process {hosts.index} of "
            f"{hosts.count}"
        )
    return hosts
