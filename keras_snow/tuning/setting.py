"""Setting: what one run of a sweep has of its own."""

import collections
import dataclasses
import hashlib
import re
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from keras_snow.core.registry import nearest_names
from keras_snow.deltas.settings import DeltaSettings
from keras_snow.models.snow_model import SNOWModel
from keras_snow.recipes.recipe import Recipe
from keras_snow.sources.source import Source

# They decide what a batch holds or when an epoch ends.
SHARED = ("epochs", "batch_size", "augmentation")
ALIASES = {"rate": "learning_rate"}
LONGEST_NAME = 100
# Digits of a number in a name: enough to read, and to tell all numbers apart.
DIGITS = 4
ALL_DIGITS = 17
_OF_DELTA = [field.name for field in dataclasses.fields(DeltaSettings)]
_OF_RECIPE = [field.name for field in dataclasses.fields(Recipe)]


@dataclasses.dataclass(frozen=True)
class Setting:
    """What one run has of its own: settings of its delta and of its recipe.

    Args:
        delta: Of `DeltaSettings`.
        recipe: Changes to the recipe that all share.
        given: All of them under the names that the user chose.
        digits: Of numbers in the name.

    Examples:
        >>> setting = Setting.of({"k": 0.25, "rate": 0.02})
        >>> setting.recipe, setting.name
        ({'learning_rate': 0.02}, 'k=0.25,rate=0.02')
    """

    delta: Mapping[str, Any]
    recipe: Mapping[str, Any]
    given: Mapping[str, Any]
    digits: int = DIGITS

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Setting":
        """Sorts what a user gave.

        Args:
            given: Settings of `DeltaSettings` or `Recipe` by name; `rate` is
                the recipe's learning rate.
        """
        check_named_once(given)
        named = {field_of(name): given[name] for name in given}
        known = [*_OF_DELTA, *_OF_RECIPE]
        for name in named:
            if name not in known:
                raise ValueError(
                    "Neither a delta nor a recipe has such a setting. "
                    f"{nearest_names(name, [*known, *ALIASES])} "
                    f"Received: {name}={named[name]!r}"
                )
        delta = {name: named[name] for name in named if name in _OF_DELTA}
        DeltaSettings.from_options(**delta)
        recipe = {name: named[name] for name in named if name in _OF_RECIPE}
        Recipe().replace(**recipe)
        return cls(delta, recipe, dict(given))

    @property
    def exact_name(self) -> str:
        """A name that no other setting has."""
        return dataclasses.replace(self, digits=ALL_DIGITS).name

    @property
    def name(self) -> str:
        """A name for files and tables: what differs from the defaults."""
        parts = [
            f"{name}={_short(self.given[name], self.digits)}"
            for name in sorted(self.given)
        ]
        text = re.sub(r"[^\w.,=+-]+", "_", ",".join(parts)) or "default"
        if len(text) <= LONGEST_NAME:
            return text
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        return f"{text[: LONGEST_NAME - 9]}-{digest}"

    def build(self, source: Source, num_classes: int, seed: int) -> SNOWModel:
        """Returns the model, with a new delta.

        Args:
            source: The source that all share.
            num_classes: Classes of the task.
            seed: Of the initial values, unless the setting has one.
        """
        settings = {"seed": seed, **self.delta}
        return SNOWModel.from_source(source, num_classes, **settings)


def tell_apart(settings: Sequence[Setting]) -> list[Setting]:
    """Returns settings of which those named alike have names of more digits.

    Examples:
        >>> near = [Setting.of({"sigma": x}) for x in (0.1, 0.10001, 0.2)]
        >>> [setting.name for setting in tell_apart(near)]
        ['sigma=0.1', 'sigma=0.10001', 'sigma=0.2']
    """
    found = list(settings)
    for digits in range(DIGITS + 1, ALL_DIGITS + 1):
        count = collections.Counter(setting.name for setting in found)
        found = [
            dataclasses.replace(setting, digits=digits)
            if count[setting.name] > 1
            else setting
            for setting in found
        ]
    return found


def field_of(name: str) -> str:
    """Returns the name that a delta or a recipe has for a setting.

    Examples:
        >>> field_of("rate"), field_of("sigma")
        ('learning_rate', 'sigma')
    """
    return ALIASES.get(name, name)


def check_named_once(names: Iterable[str]) -> None:
    """Looks whether no two names mean one setting.

    Examples:
        >>> check_named_once(["rate", "learning_rate"])
        Traceback (most recent call last):
        ...
        ValueError: `rate` and `learning_rate` are one setting. ...
    """
    by_field: dict[str, str] = {}
    for name in names:
        first = by_field.setdefault(field_of(name), name)
        if first != name:
            raise ValueError(
                f"`{first}` and `{name}` are one setting. Give it under one "
                f"name. Received: {first!r} and {name!r}"
            )


def _short(value: Any, digits: int) -> str:
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)
