"""The part of a model that `Recipe.body_rate` slows down."""

import keras

from keras_snow.baselines.body import Body
from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.traversal import layers_of

NETWORK = "network"  # What `rebuild_network` calls a copy that is trained.


def rate_factors(model: keras.Model, recipe: Recipe) -> list[float]:
    """Returns the factor of the learning rate of each trained variable.

    Args:
        model: A built model.
        recipe: How it is trained.

    Returns:
        Nothing if all learn alike.

    Raises:
        ValueError: If a network below the head is to learn at a rate of its
            own, and there is none.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> network = keras.Model(
        ...     image, keras.layers.Conv2D(4, 3)(image), name="network"
        ... )
        >>> logits = keras.layers.Dense(2)(network(image))
        >>> model = keras.Model(image, logits)
        >>> rate_factors(model, Recipe(body_rate=0.1))
        [0.1, 0.1, 1.0, 1.0]
    """
    if recipe.body_rate == 1.0:
        return []
    slowed = {
        id(variable)
        for layer in layers_of(model)
        if isinstance(layer, Body)
        or (isinstance(layer, keras.Model) and layer.name == NETWORK)
        for variable in layer.trainable_variables
    }
    if not slowed:
        raise ValueError(
            "This method trains no network below its head that could learn "
            "more slowly. Leave out `body_rate`, or use `ft`. Received: "
            f"body_rate={recipe.body_rate}, model={model.name!r}"
        )
    return [
        recipe.body_rate if id(variable) in slowed else 1.0
        for variable in model.trainable_variables
    ]
