"""Where the mean of few measurements lies."""

import math
import statistics
from collections.abc import Sequence


def confidence_interval(
    values: Sequence[float], level: float = 0.95
) -> tuple[float, float]:
    """Returns Student's interval of the mean of independent measurements.

    Few seeds give wide intervals: with two, 12.7 standard errors to each side.

    Reference:
        Student, 1908, The probable error of a mean.

    Args:
        values: Two measurements or more, in any unit.
        level: Probability that such an interval holds the mean.

    Returns:
        Its lower and upper end, in the unit of `values`.

    Raises:
        ValueError: If there are fewer than two values, one is not finite, or
            `level` is not between 0 and 1.

    Examples:
        >>> low, high = confidence_interval([0.70, 0.72, 0.74])
        >>> round(low, 4), round(high, 4)
        (0.6703, 0.7697)
    """
    if len(values) < 2:
        raise ValueError(
            "An interval needs two measurements or more. "
            f"Received: values={list(values)}"
        )
    if not all(math.isfinite(value) for value in values):
        raise ValueError(
            "An interval needs finite measurements. "
            f"Received: values={list(values)}"
        )
    mean = statistics.fmean(values)
    error = statistics.stdev(values) / math.sqrt(len(values))
    half = student_t(level, len(values) - 1) * error
    return mean - half, mean + half


def student_t(level: float, degrees: int) -> float:
    """Returns how far Student's t strays from 0 with a given probability.

    Args:
        level: Probability of staying within the returned distance.
        degrees: Degrees of freedom, 1 or more.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> round(student_t(0.95, 2), 3)
        4.303
    """
    if not 0.0 < level < 1.0:
        raise ValueError(
            f"`level` must lie between 0 and 1. Received: level={level}"
        )
    if degrees < 1:
        raise ValueError(
            f"`degrees` must be at least 1. Received: degrees={degrees}"
        )
    low, high = 0.0, math.pi / 2
    for _ in range(100):  # Halved as often as the precision of floats allows.
        middle = (low + high) / 2
        if _probability_within(middle, degrees) < level:
            low = middle
        else:
            high = middle
    return math.sqrt(degrees) * math.tan(low)


def _probability_within(angle: float, degrees: int) -> float:
    """Abramowitz and Stegun, 26.7.3 and 26.7.4, with t = sqrt(n) tan(angle)."""
    odd = degrees % 2
    cosine = math.cos(angle)
    term = cosine if odd else 1.0
    total = term if degrees > 1 else 0.0
    for power in range(2 + odd, degrees - 1, 2):
        term *= (power - 1) / power * cosine**2
        total += term
    inner = math.sin(angle) * total
    return (angle + inner) * 2 / math.pi if odd else inner
