"""SharedReads: each tap is read once for all deltas."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from keras_snow.layers.global_pooling import average
from keras_snow.serving.folding import DEVIATION
from keras_snow.serving.folding import FoldedDelta
from keras_snow.serving.folding import Level
from keras_snow.serving.folding import Reading

# Share of a tap's maps from which on it pays to turn the tap. Measured with
# TensorFlow on a CPU: turning costs as much as taking a quarter to a third.
PLANAR_SHARE = 0.35


class SharedReads:
    """Reads the taps for several folded deltas.

    Chosen maps lie scattered: a choice of an eighth of them touches nearly all
    the memory of a tap. So the choices of all deltas are taken in one go, side
    by side, and handed out as contiguous slices. Where many maps are taken, the
    tap is first turned so that each map is contiguous, which costs as much as
    taking a third of the maps one number at a time. Statistics of maps are
    measured on what was taken, or on the whole tap where that is less.

    Args:
        deltas: Folded deltas by name.
        maps: The maps of each tap; what is taken of them is cast to float32.
    """

    def __init__(
        self, deltas: Mapping[str, FoldedDelta], maps: Mapping[str, Any]
    ) -> None:
        self._maps = maps
        self._cast: dict[str, Any] = {}
        self._places: dict[str, dict[tuple[int, ...], int]] = {}
        self.taken: dict[str, Any] = {}
        """By tap, the maps that were taken."""
        self._axes: dict[str, int] = {}
        self._slices: dict[str, dict[tuple[int, ...], Any]] = {}
        for tap, choices in _choices_of(deltas).items():
            self._take(tap, choices)
        self._offsets: dict[str, int] = {}
        self._statistics: Any = None
        levels = [level for delta in deltas.values() for level in delta.levels]
        if levels:
            self._measure(levels)

    def maps(self, reading: Reading) -> Any:
        """Returns the maps that a reading names, before its product."""
        if reading.channels is None:
            return self._whole(reading.tap)
        return self._slices[reading.tap][tuple(reading.channels)]

    def statistics(self, levels: Sequence[Level]) -> Any:
        """Returns the statistics that a head reads, side by side."""
        places = [
            self._offsets[level.tap]
            + self._columns(level)
            + statistic * self._width
            for level in levels
            for statistic in level.kernels
        ]
        return _take(self._statistics, np.concatenate(places), -1)

    def _whole(self, tap: str) -> Any:
        """Returns all maps of a tap; cast once, whoever asks."""
        self._cast.setdefault(tap, ops.cast(self._maps[tap], "float32"))
        return self._cast[tap]

    def _take(self, tap: str, choices: list[tuple[int, ...]]) -> None:
        every = [channel for choice in choices for channel in choice]
        sizes = [len(choice) for choice in choices]
        maps, axis = self._maps[tap], -1
        if len(every) >= PLANAR_SHARE * maps.shape[-1]:
            maps = ops.transpose(maps, (0, 3, 1, 2))
            axis = 1
        taken = ops.cast(_take(maps, np.asarray(every), axis), "float32")
        parts = split(taken, sizes, axis)
        if axis == 1:
            parts = [ops.transpose(part, (0, 2, 3, 1)) for part in parts]
        self.taken[tap] = taken
        self._axes[tap] = axis
        self._slices[tap] = dict(zip(choices, parts, strict=True))
        starts = np.cumsum([0, *(len(choice) for choice in choices)])
        self._places[tap] = {
            choice: int(start)
            for choice, start in zip(choices, starts, strict=False)
        }

    def _measure(self, levels: list[Level]) -> None:
        """Measures each tap once; `_statistics` holds means, deviations."""
        deviates = any(DEVIATION in level.kernels for level in levels)
        measured = []
        width = 0
        for tap in dict.fromkeys(level.tap for level in levels):
            maps, axis = self._measured(tap, levels)
            self._offsets[tap] = width
            width += maps.shape[axis]
            measured.append((maps, axis))
        self._width = width
        means = _pool(measured)
        if not deviates:
            self._statistics = means
            return
        squares = _pool([(ops.square(maps), axis) for maps, axis in measured])
        # Rounding may leave a constant map with a tiny negative variance.
        variance = ops.maximum(squares - ops.square(means), 0.0)
        deviation = ops.sqrt(variance + 1e-12)
        self._statistics = ops.concatenate([means, deviation], axis=-1)

    def _measured(self, tap: str, levels: list[Level]) -> tuple[Any, int]:
        """Returns what a tap is measured on, and the axis of its maps."""
        whole, known = self._maps[tap], self._places.get(tap, {})
        mine = [level for level in levels if level.tap == tap]
        if sum(map(len, known)) < whole.shape[-1] and all(
            tuple(level.channels) in known for level in mine
        ):
            return self.taken[tap], self._axes[tap]
        self._places.pop(tap, None)
        return self._whole(tap), -1

    def _columns(self, level: Level) -> np.ndarray:
        """Returns where the statistics of a level's maps lie in its tap's."""
        if level.tap not in self._places:
            return np.asarray(level.channels)
        start = self._places[level.tap][tuple(level.channels)]
        return np.arange(start, start + len(level.channels))


def split(x: Any, sizes: Sequence[int], axis: int = -1) -> list[Any]:
    """Returns contiguous slices of an axis."""
    if len(sizes) == 1:
        return [x]
    ends = np.cumsum(sizes)[:-1].tolist()
    parts: list[Any] = ops.split(x, ends, axis=axis)
    return parts


def _choices_of(
    deltas: Mapping[str, FoldedDelta],
) -> dict[str, list[tuple[int, ...]]]:
    """Returns the different lists of channels that blocks read of each tap."""
    found: dict[str, dict[tuple[int, ...], None]] = {}
    for delta in deltas.values():
        for block in delta.blocks:
            if block.reading.channels is not None:
                choices = found.setdefault(block.reading.tap, {})
                choices[tuple(block.reading.channels)] = None
    return {tap: list(choices) for tap, choices in found.items()}


def _take(x: Any, places: np.ndarray, axis: int) -> Any:
    return ops.take(x, places.astype("int32"), axis=axis)


def _pool(measured: Iterable[tuple[Any, int]]) -> Any:
    pooled = [
        ops.mean(maps, axis=(2, 3)) if axis == 1 else average(maps)
        for maps, axis in measured
    ]
    return pooled[0] if len(pooled) == 1 else ops.concatenate(pooled, axis=-1)
