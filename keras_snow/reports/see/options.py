"""PlotOptions: what a figure can be told."""

import dataclasses
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from keras_snow.core.checks import check_count
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.data.value_range import ValueRange


@dataclasses.dataclass(frozen=True)
class PlotOptions:
    """What a figure can be told beside the run; each takes some of it.

    Args:
        taps: Names of the taps to draw. The figure's own choice if None.
        label: Name or number of the class that a heat map explains. The one
            that the run answers if None.
        count: Maps to draw of a tap, or mistakes to draw.
        source: The source, if it is no longer where it was.
        split: Images to count answers on.
        validation: Part of the training images that was held out. As the run
            had it if None, and so are the next two.
        test: Part that was tested on, where the data has no test split.
        split_seed: Which images were held out.
        classes: Classes of the task to keep; all if None.
        half: `"A"` or `"B"`, one half of the classes; both if None.
        skip_bad: Whether files that can't be read are left out.
        max_pixels: Images of the task with more pixels are refused before
            decoding.
        value_range: What is black and what is white in the task's images of
            more than 8 bits. As the run had it if None.
        reading: What the data does not say itself, see `Task.from_csv`.

    Raises:
        ValueError: If `count` or `max_pixels` is not positive.

    Examples:
        >>> PlotOptions(taps=("conv4_block6_out",)).count
        16
    """

    taps: tuple[str, ...] | None = None
    label: str | None = None
    count: int = 16
    source: str | None = None
    split: str = "test"
    validation: float | None = None
    test: float | None = None
    split_seed: int | None = None
    classes: Sequence[str] | None = None
    half: str | None = None
    skip_bad: bool = False
    max_pixels: int = MAX_PIXELS
    value_range: ValueRange | None = None
    reading: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        check_count("count", self.count)
        check_count("max_pixels", self.max_pixels)

    @property
    def given(self) -> list[str]:
        """Names of what differs from its default."""
        return [
            field.name
            for field in dataclasses.fields(self)
            if getattr(self, field.name) not in (field.default, {})
        ]
