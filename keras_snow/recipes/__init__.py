"""How a method is trained: recipes, their optimizers, loss and schedules."""

from keras_snow.recipes.presets import PAPER
from keras_snow.recipes.presets import SMALL
from keras_snow.recipes.presets import recipe_for
from keras_snow.recipes.presets import recipes
from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.schedule import Schedule

__all__ = ["PAPER", "SMALL", "Recipe", "Schedule", "recipe_for", "recipes"]
