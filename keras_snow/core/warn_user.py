"""Warnings that point at the line that the user wrote."""

import sys
import warnings

_INSIDE = ("keras_snow.", "keras.")


def warn_user(text: str) -> None:
    """Warns as of the nearest line outside of this package and of Keras.

    Examples:
        >>> import warnings
        >>> with warnings.catch_warnings(record=True) as found:
        ...     warnings.simplefilter("always")
        ...     warn_user("Look out.")
        >>> str(found[0].message)
        'Look out.'
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get(
        "__name__", ""
    ).startswith(_INSIDE):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, stacklevel=level)
