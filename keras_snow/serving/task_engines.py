"""On which form of the source the tasks of a bundle learned."""

from collections.abc import Iterable

from keras_snow.serving.bundled_task import BundledTask
from keras_snow.sources.engines import multiplies_bfloat16

_HALF = "bfloat16"


def engine_of(task: BundledTask) -> str | None:
    """Returns how the source is run for a task, so that it answers as trained.

    Returns:
        `"bfloat16"` if it learned on that and the device multiplies it; None
        for the source's own engine. Those others are equal up to rounding.

    Examples:
        >>> engine_of(BundledTask("birds", 1, 2, ("late",))) is None
        True
    """
    learned_so = task.engine == _HALF
    return _HALF if learned_so and multiplies_bfloat16() else None


def common_engine(tasks: Iterable[BundledTask]) -> str | None:
    """Returns how the source is run for tasks that share a pass.

    Returns:
        As of `engine_of`; None if they differ.
    """
    engines = {engine_of(task) for task in tasks}
    return engines.pop() if len(engines) == 1 else None


def remark_on_engines(tasks: Iterable[BundledTask]) -> str | None:
    """Says what is to be known before these tasks share a pass.

    Returns:
        A sentence; None if there is nothing.

    Examples:
        >>> birds = BundledTask("birds", 1, 2, ("late",), engine="bfloat16")
        >>> cars = BundledTask("cars", 1, 2, ("late",), engine="float32")
        >>> remark_on_engines([birds, cars])
        'birds learned on maps in bfloat16, cars in float32: ...'
    """
    half: list[str] = []
    full: list[str] = []
    for task in tasks:
        (half if task.engine == _HALF else full).append(task.name)
    if not half:
        return None
    if full:
        return (
            f"{', '.join(half)} learned on maps in bfloat16, "
            f"{', '.join(full)} in float32: one pass for all is in float32, "
            "and the logits of the former move by about a hundredth."
        )
    if multiplies_bfloat16():
        return None
    return (
        f"{', '.join(half)} learned on maps in bfloat16, which this device "
        "does not multiply: the source runs in float32, and logits move by "
        "about a hundredth."
    )
