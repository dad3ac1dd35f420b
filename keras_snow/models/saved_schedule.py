"""What a saved model keeps of the recipe that `fit` schedules."""

from typing import Any

from keras_snow.recipes.recipe import Recipe


def schedule_config(
    recipe: Recipe | None, chooses: bool
) -> dict[str, Any] | None:
    """Returns a recipe as plain data for a model's configuration.

    Args:
        recipe: What `fit` schedules; None if the user compiled.
        chooses: Whether `fit` still chooses by the number of images.

    Examples:
        >>> schedule_config(Recipe(name="mine"), chooses=True)["recipe"]["name"]
        'mine'
    """
    if recipe is None:
        return None
    return {"recipe": recipe.to_dict(), "chooses": chooses}


def read_schedule(config: dict[str, Any] | None) -> tuple[Recipe | None, bool]:
    """Returns what `schedule_config` was given.

    Args:
        config: What it returned.

    Examples:
        >>> read_schedule(None)
        (None, False)
    """
    if config is None:
        return None, False
    return Recipe.from_dict(config["recipe"]), config["chooses"]
