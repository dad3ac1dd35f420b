"""Choosing a learning rate on the validation split, from a small grid."""

from collections.abc import Callable
from typing import Any

from keras_snow.core.checks import check_count
from keras_snow.core.measures import main_measure
from keras_snow.training.verdict import DIVERGED
from keras_snow.training.verdict import FINISHED

# Half a decade: a rate that is off by less costs little.
STEP = 10**0.5
GRID = 3  # Rates that are tried in any case.
EXTENSIONS = 2

Trial = dict[str, Any]


def choose_rate(
    default: float,
    try_rate: Callable[[float], Trial],
    extensions: int = EXTENSIONS,
) -> dict[str, Any]:
    """Finds the learning rate with the highest validation accuracy.

    Three rates are tried, half a decade apart, the default in the middle. As
    long as the best lies at the edge one more beyond it is tried.

    Args:
        default: The method's own learning rate.
        try_rate: Trains with a rate and returns `status`, `problem`, and if it
            finished `top1` and `loss` on the validation split.
        extensions: How many rates beyond the grid may be tried.

    Returns:
        `learning_rate` (None if no trial finished), `at_edge` (whether a
        better one may lie beyond), `trials` in the order of their rates,
        `status` and `problem`.

    Examples:
        >>> def try_rate(rate):
        ...     return {"status": "finished", "top1": 0.5, "loss": rate}
        >>> choose_rate(0.1, try_rate)["learning_rate"]
        0.0032
    """
    check_count("extensions", extensions, minimum=0)
    grid = (_rounded(default / STEP), default, _rounded(default * STEP))
    trials = {rate: try_rate(rate) for rate in grid}
    for _ in range(extensions):
        rate = _beyond(trials)
        if rate is None:
            break
        trials[rate] = try_rate(rate)
    best = _best(trials)
    return {
        "learning_rate": best,
        "at_edge": _beyond(trials) is not None,
        "trials": [
            {"learning_rate": rate, **trials[rate]} for rate in sorted(trials)
        ],
        **_judge(trials),
    }


def _rounded(rate: float) -> float:
    return float(f"{rate:.2g}")


def _best(trials: dict[float, Trial]) -> float | None:
    finished = [
        rate for rate, trial in trials.items() if trial["status"] == FINISHED
    ]
    if not finished:
        return None
    measure = main_measure(trials[finished[0]])
    return max(
        finished,
        key=lambda rate: (trials[rate][measure], -trials[rate]["loss"]),
    )


def _beyond(trials: dict[float, Trial]) -> float | None:
    """The rate next to the best one, if that is the last of its side."""
    best = _best(trials)
    if best is None:
        return None
    if best == min(trials):
        return _rounded(best / STEP)
    if best == max(trials):
        return _rounded(best * STEP)
    return None


def _judge(trials: dict[float, Trial]) -> dict[str, Any]:
    if _best(trials) is not None:
        return {"status": FINISHED, "problem": None}
    rates = ", ".join(f"{rate:g}" for rate in sorted(trials))
    if all(trial["status"] == DIVERGED for trial in trials.values()):
        return {
            "status": DIVERGED,
            "problem": f"It diverged at every learning rate of {rates}.",
        }
    first = next(x for x in trials.values() if x["status"] != DIVERGED)
    return {"status": first["status"], "problem": first["problem"]}
