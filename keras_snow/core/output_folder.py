"""Whether a folder may be written to, known before any work is done."""

import json
import pathlib
from collections.abc import Mapping
from typing import Any

from keras_snow.core.differences import differences
from keras_snow.core.differences import value_at
from keras_snow.core.files import PathLike
from keras_snow.core.files import expand_home
from keras_snow.core.files import read_json
from keras_snow.core.kinds import KINDS
from keras_snow.core.kinds import kind_of


def check_output(
    out: PathLike,
    plan: str,
    what: str,
    asked: Mapping[str, Any] | None = None,
    own: tuple[str, ...] = (),
) -> None:
    """Looks whether a folder is free, or holds the work that is asked for.

    Args:
        out: The folder.
        plan: Name of the file in it that says what the work is.
        what: What the work is called: `"run"`.
        asked: What the work is, as far as it is known: names in the file,
            `"recipe.epochs"` for those inside of others, with their values.
        own: Names of files that may be there before the plan is.
    """
    folder = expand_home(out)
    if not (folder / plan).is_file():
        _refuse_other_files(folder, what, own)
    elif asked is not None:
        kept = read_json(folder / plan)
        # As it was read: tuples are lists then.
        asked = json.loads(json.dumps(dict(asked)))
        kept = {name: value_at(kept, name) for name in asked}
        refuse_other_work(folder, what, kept, asked)


def refuse_other_work(
    folder: pathlib.Path, what: str, kept: Any, asked: Any
) -> None:
    """Looks whether the work in a folder is the one that is asked for."""
    found = differences(kept, asked)
    if found:
        raise ValueError(
            f"The output folder holds another {what}. Choose another folder, "
            f"or remove this one. They differ in: {'; '.join(found[:4])}. "
            f"Received: out={str(folder)!r}"
        )


def _refuse_other_files(
    folder: pathlib.Path, what: str, own: tuple[str, ...]
) -> None:
    if folder.exists() and not folder.is_dir():
        raise ValueError(
            "The output folder is a file. Choose another. "
            f"Received: out={str(folder)!r}"
        )
    found = sorted(x.name for x in folder.iterdir()) if folder.exists() else []
    # A kill may have left hidden files.
    others = [x for x in found if not x.startswith(".") and x not in own]
    if others:
        kind = kind_of(folder)
        held = "other files" if kind == "folder" else KINDS[kind]
        raise ValueError(
            f"The output folder holds {held}, and no {what}. Choose an empty "
            f"or a new folder. Received: out={str(folder)!r} with "
            f"{', '.join(others[:3])}"
        )
