"""What XLA plans to take for one training step of a model."""

from typing import Any

import keras
import numpy as np

from keras_snow.recipes.recipe import Recipe


def planned_step_memory(
    model: keras.Model, recipe: Recipe, image_size: int
) -> int | None:
    """Returns the bytes of a compiled step: what goes in, out, and between.

    It is XLA's own analysis of forward and backward pass and the optimizer's
    update, without anything being run. Buffers that are reused count once.

    Args:
        model: A built model, from images to logits.
        recipe: Gives optimizer, loss and batch size.
        image_size: Pixels of a side.

    Returns:
        None where the backend has no such analysis: other backends than JAX.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> logits = keras.layers.Dense(2)(keras.layers.Flatten()(image))
        >>> model = keras.Model(image, logits)
        >>> planned = planned_step_memory(model, Recipe(), image_size=8)
        >>> planned is None or planned > 4 * model.count_params()
        True
    """
    if keras.backend.backend() != "jax":
        return None
    import jax

    optimizer = recipe.build_optimizer()
    optimizer.build(model.trainable_variables)
    loss = recipe.build_loss()

    def loss_of(trainable: Any, fixed: Any, images: Any, labels: Any) -> Any:
        logits, fixed, losses = model.stateless_call(
            trainable, fixed, images, training=True, return_losses=True
        )
        return loss(labels, logits) + sum(losses), fixed

    def step(
        trainable: Any, fixed: Any, state: Any, images: Any, labels: Any
    ) -> Any:
        gradients, fixed = jax.grad(loss_of, has_aux=True)(
            trainable, fixed, images, labels
        )
        trainable, state = optimizer.stateless_apply(
            state, gradients, trainable
        )
        return trainable, fixed, state

    size = recipe.batch_size
    compiled = (
        jax.jit(step, donate_argnums=(0, 1, 2))
        .lower(
            [variable.value for variable in model.trainable_variables],
            [variable.value for variable in model.non_trainable_variables],
            [variable.value for variable in optimizer.variables],
            np.zeros((size, image_size, image_size, 3), "float32"),
            np.zeros(size, "int32"),
        )
        .compile()
    )
    plan = compiled.memory_analysis()
    if plan is None:
        return None
    return int(
        plan.argument_size_in_bytes
        + plan.output_size_in_bytes
        + plan.temp_size_in_bytes
        - plan.alias_size_in_bytes
    )
