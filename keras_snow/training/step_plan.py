"""What XLA plans to take for one training step of a model."""

import dataclasses
from typing import Any

import keras
import numpy as np

from keras_snow.recipes.recipe import Recipe


@dataclasses.dataclass(frozen=True)
class StepPlan:
    """What a compiled step takes, by XLA's own analysis.

    Args:
        bytes: Memory: what goes in, out, and between. Buffers that are reused
            count once.
        flops: Floating-point operations, a multiplication and an addition
            counted apart.

    Examples:
        >>> StepPlan(bytes=8_000_000, flops=4e9).flops
        4000000000.0
    """

    bytes: int
    flops: float


def plan_step(
    model: keras.Model, recipe: Recipe, image_size: int
) -> StepPlan | None:
    """Returns the plan of a compiled step, without anything being run.

    A step is forward and backward pass and the optimizer's update.

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
        >>> plan = plan_step(model, Recipe(), image_size=8)
        >>> plan is None or plan.bytes > 4 * model.count_params()
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
    lowered = jax.jit(step, donate_argnums=(0, 1, 2)).lower(
        [variable.value for variable in model.trainable_variables],
        [variable.value for variable in model.non_trainable_variables],
        [variable.value for variable in optimizer.variables],
        np.zeros((size, image_size, image_size, 3), "float32"),
        np.zeros(size, "int32"),
    )
    plan, cost = lowered.compile().memory_analysis(), lowered.cost_analysis()
    if plan is None or not cost:
        return None
    taken = (
        plan.argument_size_in_bytes
        + plan.output_size_in_bytes
        + plan.temp_size_in_bytes
        - plan.alias_size_in_bytes
    )
    return StepPlan(int(taken), float(cost["flops"]))
