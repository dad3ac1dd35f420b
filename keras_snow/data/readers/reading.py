"""Reading: what a user says of data that does not say it itself."""

import dataclasses
import os
from collections.abc import Sequence

from keras_snow.core.files import PathLike


@dataclasses.dataclass(frozen=True)
class Reading:
    """What a user says of data that does not say it itself.

    Args:
        path_column: Name of the column of a table that names the images; one
            with a common name if None.
        label_column: Name of the column of the labels, or of several, likewise.
        images: Folder that the paths of a table are relative to; the table's
            own, or `images/` and the like beside it, if None.
        multi_label: Whether an image may have several classes, or none.
        part: Which part of a published data set: the domain of PACS, one of the
            ten splits of DTD, ...

    Examples:
        >>> Reading(label_column="breed").label_column
        ('breed',)
    """

    path_column: str | None = None
    label_column: str | Sequence[str] | None = None
    images: PathLike | None = None
    multi_label: bool = False
    part: str | None = None

    def __post_init__(self) -> None:
        given = self.label_column
        if isinstance(given, str):
            given = [given]
        if given is not None:
            object.__setattr__(self, "label_column", tuple(given))

    @property
    def label_columns(self) -> tuple[str, ...]:
        """Names of the columns of the labels; empty if not said."""
        return tuple(self.label_column or ())

    def refuse(self, form: str, *names: str) -> None:
        """Refuses what makes no difference to a form of data.

        Args:
            form: What the data is, with its article.
            *names: Fields that make one.

        Raises:
            ValueError: If another one was given.
        """
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value and field.name not in names:
                shown = os.fspath(value) if field.name == "images" else value
                option = f"--{field.name.replace('_', '-')}"
                raise ValueError(
                    f"`{field.name}` (`{option}`) says nothing of {form}. "
                    f"Leave it out. Received: {field.name}={shown!r}"
                )
