"""Entry: one line of a comparison, a method as it is used."""

import dataclasses
import pathlib
from collections.abc import Sequence
from typing import Any

from keras_snow.baselines import METHODS
from keras_snow.core.files import file_name as file_name
from keras_snow.core.registry import nearest_names
from keras_snow.layers.subscription import SUBSCRIPTIONS

SNOW = "snow"
UNTRAINED = "none"
"""In the place of a source: the network of the others with random weights."""
DEFAULT_SUBSCRIPTION = "channel_pooling"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line of a comparison: a method as it is used.

    Args:
        method: Name of the method.
        subscription: What takes maps out of a tap, for SNOW; else None.
        source: Name or path of the source, where several are compared.

    Raises:
        ValueError: If a name is unknown.

    Examples:
        >>> Entry("snow", "attention").label, Entry("fo").label
        ('snow:attention', 'fo')
        >>> Entry("ft", source="runs/byol").label
        'ft@byol'
    """

    method: str
    subscription: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        METHODS.get(self.method)
        known = list(SUBSCRIPTIONS.names())
        if self.subscription is not None and self.subscription not in known:
            raise ValueError(
                "Unknown subscription. "
                f"{nearest_names(self.subscription, known)} "
                f"Received: subscription={self.subscription!r}"
            )

    @property
    def label(self) -> str:
        """What the line is called; channel pooling is SNOW's own."""
        label = self.method
        if self.subscription not in (None, DEFAULT_SUBSCRIPTION):
            label = f"{label}:{self.subscription}"
        if self.source is None:
            return label
        return f"{label}@{pathlib.PurePath(self.source).stem}"

    @property
    def shares_pass(self) -> bool:
        """Whether one pass of the frozen source serves every task."""
        return METHODS.get(self.method).shares_pass

    def settings(self, seed: int) -> dict[str, Any]:
        """Returns what the method's builder is told.

        Args:
            seed: Seed of the run.
        """
        settings: dict[str, Any] = {}
        if METHODS.get(self.method).takes("seed"):
            settings["seed"] = seed
        if self.subscription is not None:
            settings["subscription"] = self.subscription
        return settings


def list_entries(
    methods: Sequence[str],
    subscriptions: Sequence[str],
    sources: Sequence[str | None] = (None,),
) -> list[Entry]:
    """Returns the lines of a comparison in the order of their methods.

    Args:
        methods: Names of methods.
        subscriptions: Subscriptions to train SNOW with.
        sources: Where several are compared. Of a network with random weights,
            `"none"`, all is trained where others are fine-tuned.

    Examples:
        >>> found = list_entries(["snow", "fo"], ["channel_pooling", "all"])
        >>> [entry.label for entry in found]
        ['snow', 'snow:all', 'fo']
    """
    if not methods or not subscriptions:
        raise ValueError(
            "A comparison needs one method and one subscription at least. "
            f"Received: methods={list(methods)}, "
            f"subscriptions={list(subscriptions)}"
        )
    entries = []
    for method in methods:
        taken = subscriptions if method == SNOW else [None]
        entries += [
            Entry(_method_on(method, source), each, source)
            for each in taken
            for source in sources
        ]
    for each in subscriptions:
        Entry(SNOW, each)
    if SNOW not in methods and list(subscriptions) != [DEFAULT_SUBSCRIPTION]:
        raise ValueError(
            "Subscriptions are SNOW's. Add `snow` to the methods. Received: "
            f"methods={list(methods)}, subscriptions={list(subscriptions)}"
        )
    labels = [entry.label for entry in entries]
    for label in labels:
        if labels.count(label) > 1:
            raise ValueError(
                "Each method is compared once, on sources of different names. "
                f"Received: {label!r}, {labels.count(label)} times"
            )
    return entries


def _method_on(method: str, source: str | None) -> str:
    """Fine-tuning keeps statistics, of which an untrained network has none."""
    return "scratch" if (method, source) == ("ft", UNTRAINED) else method
