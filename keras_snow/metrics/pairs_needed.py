"""How many pairs of runs tell a difference."""

import math
import statistics


def pairs_needed(
    deviation: float,
    difference: float,
    level: float = 0.95,
    power: float = 0.8,
) -> int:
    """Returns how many pairs find a difference between two ways to train.

    Args:
        deviation: Standard deviation of the paired differences.
        difference: What is to be found, in the same unit.
        level: Probability of finding none where there is none.
        power: Probability of finding it where it is.

    Returns:
        Two or more.

    Raises:
        ValueError: If `difference` is not above 0.

    Examples:
        >>> pairs_needed(deviation=1.4, difference=1.0)
        16
    """
    if difference <= 0:
        raise ValueError(
            f"`difference` must be above 0. Received: difference={difference}"
        )
    normal = statistics.NormalDist()
    reach = normal.inv_cdf((1 + level) / 2) + normal.inv_cdf(power)
    return max(2, math.ceil((reach * deviation / difference) ** 2))
