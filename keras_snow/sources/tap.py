"""A tap: one named intermediate output of a source."""

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Tap:
    """Names an intermediate output of a source.

    Args:
        name: Name of the layer whose output is tapped.
        channels: Number of its feature maps.
        stride: Input pixels to one pixel of the maps, along one side.
        tokens: Number of tokens of a transformer's layer, whose patches make
            the maps; 0 for a layer that gives maps itself.
        prefix: How many of the tokens come before those of the patches (class
            token, registers) and are left out of the maps.

    Examples:
        >>> Tap("conv2_block1_out", channels=256, stride=4).channels
        256
    """

    name: str
    channels: int
    stride: int
    tokens: int = 0
    prefix: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Returns the fields as plain data, of maps as they ever were."""
        fields = dataclasses.asdict(self)
        if not self.tokens:  # Older files know of no tokens.
            del fields["tokens"], fields["prefix"]
        return fields
