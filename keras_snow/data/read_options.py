"""Options of reading a task, by what they are about."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from keras_snow.core.registry import nearest_names
from keras_snow.data.labelled_files import FileRules
from keras_snow.data.readers.reading import Reading
from keras_snow.data.splitting import HeldOut


def sort_options(
    options: Mapping[str, Any],
) -> tuple[HeldOut, FileRules, Reading]:
    """Returns what is held out, what is a bad file, and what is said beside.

    Args:
        options: Fields of `HeldOut`, `FileRules` and `Reading`.

    Raises:
        TypeError: If an option is unknown; names the nearest.
        ValueError: If one is out of range.

    Examples:
        >>> held_out, rules, reading = sort_options({"test": 0.5})
        >>> held_out.test
        0.5
    """
    kinds = (HeldOut, FileRules, Reading)
    fields = [{x.name for x in dataclasses.fields(kind)} for kind in kinds]
    for name in options:
        if not any(name in known for known in fields):
            near = nearest_names(name, sorted(set().union(*fields)))
            raise TypeError(
                f"A task is read without such an option. {near} "
                f"Received: {name}={options[name]!r}"
            )
    held_out, rules, reading = (
        {name: x for name, x in options.items() if name in known}
        for known in fields
    )
    return HeldOut(**held_out), FileRules(**rules), Reading(**reading)
