"""Which processes a run on several hosts has, as its launcher says."""

import dataclasses
import json
import re
from collections.abc import Mapping

ADDRESSES = "KERAS_DISTRIBUTION_JOB_ADDRESSES"
COUNT = "KERAS_DISTRIBUTION_NUM_PROCESSES"
INDEX = "KERAS_DISTRIBUTION_PROCESS_ID"
# Ports that neither the system nor most services hand out.
_FIRST_PORT, _PORTS = 61000, 4000
# What launchers call the number of processes and a process' own: Slurm, Open
# MPI, MPICH, an indexed Job of Kubernetes.
_COUNTS = (COUNT, "SLURM_NTASKS", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
_INDICES = (
    INDEX,
    "SLURM_PROCID",
    "OMPI_COMM_WORLD_RANK",
    "PMI_RANK",
    "JOB_COMPLETION_INDEX",
)


@dataclasses.dataclass(frozen=True)
class HostPlan:
    """The processes of a run on several hosts.

    Args:
        coordinator: Where the first process listens: `"host:port"`.
        count: How many processes there are.
        index: The number of this one, from 0.

    Raises:
        ValueError: If they don't fit together.

    Examples:
        >>> HostPlan("10.0.0.1:61000", count=2, index=1).port
        61000
    """

    coordinator: str
    count: int
    index: int

    def __post_init__(self) -> None:
        if not re.fullmatch(r".+:\d+", self.coordinator):
            raise ValueError(
                "The coordinator is the first process' host and a free port, "
                "`10.0.0.1:61000`. Received: coordinator="
                f"{self.coordinator!r}"
            )
        if not 0 <= self.index < self.count:
            raise ValueError(
                "The processes of a run are numbered from 0. Received: "
                f"process {self.index} of {self.count}"
            )

    @property
    def host(self) -> str:
        """The host of the first process."""
        return self.coordinator.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port on which the first process listens."""
        return int(self.coordinator.rpartition(":")[2])


def find_plan(environment: Mapping[str, str]) -> HostPlan | None:
    """Reads the plan where a launcher leaves it; None if there is none.

    Keras' own variables come first, then `TF_CONFIG`, then Slurm's. Number and
    index may come from Open MPI, MPICH or Kubernetes where Keras' variables
    only name the address.

    Args:
        environment: Variables, as of `os.environ`.

    Raises:
        ValueError: If it is there and says too little, or nonsense.

    Examples:
        >>> find_plan({"SLURM_JOB_ID": "7", "SLURM_STEP_NODELIST": "n[03-04]",
        ...            "SLURM_NTASKS": "2", "SLURM_PROCID": "1"})
        HostPlan(coordinator='n03:61007', count=2, index=1)
        >>> find_plan({})
    """
    if addresses := environment.get(ADDRESSES):
        return _of_keras(addresses.split(","), environment)
    if text := environment.get("TF_CONFIG"):
        return _of_tensorflow(text)
    if "SLURM_JOB_ID" in environment and "SLURM_PROCID" in environment:
        return _of_slurm(environment)
    return None


def _of_keras(addresses: list[str], environment: Mapping[str, str]) -> HostPlan:
    count = _number(environment, _COUNTS)
    if count is None and len(addresses) > 1:
        count = len(addresses)
    index = _number(environment, _INDICES)
    if count is None or index is None:
        raise ValueError(
            f"{ADDRESSES} is set, but not how many processes there are or "
            f"which one this is. Set {COUNT} and {INDEX}. Received: "
            f"{ADDRESSES}={','.join(addresses)!r}"
        )
    if len(addresses) not in (1, count):
        raise ValueError(
            "Give the first process' address, or one for each process. "
            f"Received: {len(addresses)} addresses for {count} processes"
        )
    return HostPlan(addresses[0].strip(), count, index)


def _of_tensorflow(text: str) -> HostPlan | None:
    try:
        config = json.loads(text)
        cluster, task = config["cluster"], config["task"]
        chief = list(cluster.get("chief", cluster.get("master", [])))
        addresses = [*chief, *cluster.get("worker", [])]
        kind, index = task["type"], int(task["index"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            "TF_CONFIG could not be read. It is JSON with `cluster` and "
            f"`task`. Received: TF_CONFIG={text[:80]!r}"
        ) from error
    if kind not in ("chief", "master", "worker"):
        raise ValueError(
            "Each process of a run trains: TF_CONFIG may name a chief and "
            f"workers. Received: a task of type {kind!r}"
        )
    if not addresses:
        return None
    index += len(chief) if kind == "worker" else 0
    return HostPlan(addresses[0], len(addresses), index)


def _of_slurm(environment: Mapping[str, str]) -> HostPlan:
    nodes = environment.get(
        "SLURM_STEP_NODELIST", environment.get("SLURM_JOB_NODELIST", "")
    )
    # `n03`, `n03,n07`, `n[03-04,07]` or `n[03-04]-gpu`: the first of them.
    first = re.match(r"([^\[,]+)(?:\[(\d+)[^\]]*\]([^,]*))?", nodes)
    count = _number(environment, ("SLURM_NTASKS",))
    if first is None or count is None:
        raise ValueError(
            "Slurm names no nodes or tasks for this process. Start it with "
            "`srun`. Received: SLURM_STEP_NODELIST="
            f"{nodes!r}, SLURM_NTASKS={environment.get('SLURM_NTASKS')!r}"
        )
    host = "".join(part or "" for part in first.groups())
    port = _FIRST_PORT + int(environment["SLURM_JOB_ID"]) % _PORTS
    return HostPlan(f"{host}:{port}", count, int(environment["SLURM_PROCID"]))


def _number(
    environment: Mapping[str, str], names: tuple[str, ...]
) -> int | None:
    for name in names:
        text = environment.get(name)
        if text is None:
            continue
        if not text.isdecimal():
            raise ValueError(
                f"{name} must be a whole number. Received: {name}={text!r}"
            )
        return int(text)
    return None
