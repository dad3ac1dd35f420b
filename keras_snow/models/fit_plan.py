"""FitPlan: what a model's `fit` schedules."""

import dataclasses
from typing import Any

import keras

from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.yielding_schedule import YieldingSchedule
from keras_snow.recipes.yielding_schedule import current_rate
from keras_snow.recipes.yielding_schedule import differs


@dataclasses.dataclass
class FitPlan:
    """What a model's `fit` schedules.

    Args:
        recipe: The recipe; None if the user compiled.
        chooses: Whether the number of images still chooses it.
        rate: The learning rate that was set last, by the plan itself.
        schedule: What runs, or has run; it sets rates of its own.

    Examples:
        >>> FitPlan(Recipe(name="mine")).to_dict()["recipe"]["name"]
        'mine'
    """

    recipe: Recipe | None = None
    chooses: bool = False
    rate: float | None = None
    schedule: YieldingSchedule | None = None

    def assigned_rate(self, model: keras.Model) -> float | None:
        """Returns the learning rate that the user has assigned since, if any.

        Args:
            model: The model.
        """
        known, found = self._last_rate(), current_rate(model)
        if known is None or not differs(found, known):
            return None
        return found

    def to_dict(self) -> dict[str, Any] | None:
        """Returns the plan as plain data, for a model's file."""
        if self.recipe is None:
            return None
        return {
            "recipe": self.recipe.to_dict(),
            "chooses": self.chooses,
            "rate": self._last_rate(),
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any] | None) -> "FitPlan":
        """Makes a plan of what `to_dict` returned.

        Args:
            fields: What it returned.
        """
        if fields is None:
            return cls()
        recipe = Recipe.from_dict(fields["recipe"])
        return cls(recipe, fields["chooses"], fields.get("rate"))

    def _last_rate(self) -> float | None:
        if self.schedule is None or self.schedule.rate is None:
            return self.rate
        return self.schedule.rate
