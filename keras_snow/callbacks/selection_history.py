"""SelectionHistory: which channels were chosen while a task was learned."""

import dataclasses
import pathlib
from collections.abc import Sequence

import numpy as np

from keras_snow.callbacks.model_state import load_state
from keras_snow.callbacks.model_state import save_state
from keras_snow.callbacks.selection_churn import set_change
from keras_snow.callbacks.selection_churn import slot_change

FORMAT = 1
CHANGES = {"set": set_change, "slots": slot_change}


@dataclasses.dataclass
class SelectionHistory:
    """The chosen channels of each tap at some moments of a run.

    In its file a choice takes two bytes a channel: a run of 60 epochs on
    ResNet50 with an eighth of the channels about 240 kB.

    Args:
        channels: Tap -> how many channels it has.
        moments: Epochs that were done, not always whole, rising.
        chosen: Tap -> one array `(k,)` a moment, in the order of output.

    Examples:
        >>> history = SelectionHistory.of({"late": 4})
        >>> history.add(0.0, [np.array([0, 1])])
        >>> history.add(1.0, [np.array([0, 3])])
        >>> history.array("late").tolist()
        [[0, 1], [0, 3]]
        >>> history.changes()["set"].tolist()
        [0.5]
    """

    channels: dict[str, int]
    moments: list[float]
    chosen: dict[str, list[np.ndarray]]

    @classmethod
    def of(cls, channels: dict[str, int]) -> "SelectionHistory":
        """Returns a history without a moment.

        Args:
            channels: Tap -> how many channels it has.
        """
        return cls(dict(channels), [], {tap: [] for tap in channels})

    @classmethod
    def load(cls, path: pathlib.Path) -> "SelectionHistory":
        """Reads what `save` wrote.

        Args:
            path: The file.

        Raises:
            ValueError: If it is damaged.
        """
        try:
            arrays, state = load_state(path)
            return cls(
                state["channels"],
                state["moments"],
                {
                    tap: list(arrays[f"chosen_{number:04d}"])
                    for number, tap in enumerate(state["channels"])
                },
            )
        except (ValueError, KeyError) as error:
            raise ValueError(
                "The recorded selections of this run are damaged; nothing "
                "else of it is. "
                f"Received: path={str(path)!r}"
            ) from error

    def save(self, path: pathlib.Path) -> None:
        """Writes the history, whole or not at all.

        Args:
            path: A `.npz` file.

        Raises:
            OSError: If there is no space left; the old file is kept.
        """
        arrays = {
            f"chosen_{number:04d}": self.array(tap)
            for number, tap in enumerate(self.channels)
        }
        state = {
            "format": FORMAT,
            "channels": self.channels,
            "moments": self.moments,
        }
        save_state(path, arrays, state)

    def add(self, moment: float, chosen: Sequence[np.ndarray]) -> None:
        """Appends what is chosen at a moment.

        Args:
            moment: Epochs that are done.
            chosen: For each tap, in order, the numbers of its channels.
        """
        self.moments.append(float(moment))
        for (tap, count), indices in zip(
            self.channels.items(), chosen, strict=True
        ):
            kind = "uint16" if count <= 1 << 16 else "uint32"
            self.chosen[tap].append(np.asarray(indices, kind))

    def until(self, moment: float) -> "SelectionHistory":
        """Returns the part that does not lie behind a moment.

        Args:
            moment: Epochs.
        """
        count = sum(each <= moment for each in self.moments)
        chosen = {tap: parts[:count] for tap, parts in self.chosen.items()}
        return SelectionHistory(self.channels, self.moments[:count], chosen)

    def array(self, tap: str) -> np.ndarray:
        """Returns the chosen channels of a tap, `(moments, k)`.

        Args:
            tap: Its name.
        """
        return np.stack(self.chosen[tap])

    def changes(self) -> dict[str, np.ndarray]:
        """Returns how much changed from moment to moment, over all taps.

        Returns:
            `"set"` and `"slots"`, each `(moments - 1,)`: the shares that
            `SelectionChurn` counts.
        """
        return {
            name: np.array(
                [
                    np.mean(
                        [
                            change(parts[place], parts[place + 1])
                            for parts in self.chosen.values()
                        ]
                    )
                    for place in range(len(self.moments) - 1)
                ]
            )
            for name, change in CHANGES.items()
        }
