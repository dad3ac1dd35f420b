"""Which processes a run on several hosts has, where variables say so."""

import dataclasses
import json
from collections.abc import Mapping

ADDRESSES = "KERAS_DISTRIBUTION_JOB_ADDRESSES"
COUNT = "KERAS_DISTRIBUTION_NUM_PROCESSES"
INDEX = "KERAS_DISTRIBUTION_PROCESS_ID"


@dataclasses.dataclass(frozen=True)
class HostPlan:
    """The processes of a run; JAX asks the launcher for what is None.

    Args:
        coordinator: Where the first process listens: `"host:port"`.
        count: How many processes there are.
        index: The number of this one, from 0.
    """

    coordinator: str | None = None
    count: int | None = None
    index: int | None = None


def find_plan(environment: Mapping[str, str]) -> HostPlan:
    """Reads Keras' own variables, or `TF_CONFIG`.

    Examples:
        >>> find_plan({ADDRESSES: "10.0.0.1:61000", COUNT: "2", INDEX: "1"})
        HostPlan(coordinator='10.0.0.1:61000', count=2, index=1)
        >>> find_plan({}).coordinator
    """
    if addresses := environment.get(ADDRESSES):
        listed = addresses.split(",")
        count = _number(environment, COUNT)
        if count is None and len(listed) > 1:
            count = len(listed)
        return HostPlan(listed[0].strip(), count, _number(environment, INDEX))
    if text := environment.get("TF_CONFIG"):
        return _of_tensorflow(text)
    return HostPlan()


def _of_tensorflow(text: str) -> HostPlan:
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
        return HostPlan(count=1)
    index += len(chief) if kind == "worker" else 0
    return HostPlan(addresses[0], len(addresses), index)


def _number(environment: Mapping[str, str], name: str) -> int | None:
    text = environment.get(name)
    if text is not None and not text.isdecimal():
        raise ValueError(
            f"{name} must be a whole number. Received: {name}={text!r}"
        )
    return None if text is None else int(text)
