"""How a method is trained: recipes, their optimizers, loss and schedules."""

from typing import TYPE_CHECKING

from keras_snow.core.on_use import load_on_use

if TYPE_CHECKING:
    from keras_snow.recipes.presets import PAPER as PAPER
    from keras_snow.recipes.presets import SMALL as SMALL
    from keras_snow.recipes.presets import recipe_for as recipe_for
    from keras_snow.recipes.presets import recipes as recipes
    from keras_snow.recipes.recipe import Recipe as Recipe
    from keras_snow.recipes.schedule import Schedule as Schedule

_HOMES = {
    "PAPER": "presets",
    "SMALL": "presets",
    "recipe_for": "presets",
    "recipes": "presets",
    "Recipe": "recipe",
    "Schedule": "schedule",
}

__all__ = [*_HOMES]

__getattr__, __dir__ = load_on_use(__name__, _HOMES)
