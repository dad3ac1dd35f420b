"""The figure of a run's selections."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_snow.callbacks.selection_history import SelectionHistory
from keras_snow.core.registry import nearest_names
from keras_snow.visualization.selections import draw_selections

PANELS = 3


def draw_history(
    history: SelectionHistory,
    taps: Sequence[str] | None = None,
    title: str = "Selected channels over training",
) -> Any:
    """Draws a history.

    Args:
        history: The history, with at least one moment.
        taps: Names of the taps to draw. Three from the first to the last if
            None.
        title: What to write above.

    Returns:
        A matplotlib figure.

    Examples:
        >>> history = SelectionHistory.of({"early": 4, "late": 8})
        >>> for epoch in range(3):
        ...     history.add(epoch, [np.array([0]), np.array([epoch, 7])])
        >>> [len(axis.images) for axis in draw_history(history).axes]
        [1, 1, 0]
    """
    known = list(history.channels)
    for tap in taps or ():
        if tap not in known:
            raise ValueError(
                f"Nothing was chosen of such a tap. {nearest_names(tap, known)}"
                f" Received: tap={tap!r}"
            )
    if taps is None:
        last = len(known) - 1
        count = min(PANELS, len(known))
        places = {round(i * last / max(1, count - 1)) for i in range(count)}
        taps = [known[place] for place in sorted(places)]
    return draw_selections(
        np.asarray(history.moments),
        {tap: history.array(tap) for tap in taps},
        history.channels,
        history.changes() if len(history.moments) > 1 else None,
        title,
    )
