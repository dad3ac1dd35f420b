"""pretrain: a network is trained, and kept as a source for others."""

from typing import Any

from keras_snow.core.files import PathLike
from keras_snow.data.task import Task
from keras_snow.pretraining.pretext import Pretext
from keras_snow.recipes.recipe import Recipe
from keras_snow.training.options import TrainingOptions
from keras_snow.training.train import carry_out
from keras_snow.training.train import plan


def pretrain(
    pretext: Pretext,
    task: Task,
    recipe: Recipe | None = None,
    *,
    out: PathLike | None = None,
    image_size: int = 32,
    seed: int = 0,
    config: TrainingOptions | None = None,
) -> dict[str, Any]:
    """Makes a source: trains a network from random weights, as `train` does.

    The run leaves what a run of `train` leaves and, in its folder,
    `source.keras`: the network from raw RGB to maps. `load_source(out)` makes
    a source of it.

    Args:
        pretext: The network, and what it is trained on.
        task: Its images.
        recipe: How. The pretext's own if None.
        out: As of `train`, and so are the others.
        image_size: Pixels of a side.
        seed: Seed of everything that is drawn.
        config: Device, caches, what to keep.

    Returns:
        The record, see `keras_snow.training.record`.

    Raises:
        ValueError: As of `train`.
        OSError: As of `train`.

    Examples:
        >>> from keras_snow.pretraining import Labels
        >>> images = np.random.default_rng(0).integers(0, 255, (20, 16, 16, 3))
        >>> task = Task.from_arrays(images.astype("uint8"), [0, 1] * 10)
        >>> recipe = Labels.recipe.replace(epochs=1, batch_size=8)
        >>> quiet = TrainingOptions(verbose=False)
        >>> record = pretrain(
        ...     Labels("conv4"), task, recipe, image_size=16, config=quiet
        ... )
        >>> record["method"]
        'labels'
    """
    pretext.check(task)
    chosen = pretext.fit_recipe(recipe or pretext.recipe)
    config = config or TrainingOptions()
    config = config.replace(
        method=pretext.name,
        source=None,
        weights=None,
        notes={**config.notes, **pretext.to_dict()},
    )
    return carry_out(
        lambda config: plan(
            lambda: pretext.build(task, chosen, seed),
            task,
            chosen,
            image_size,
            seed,
            config,
            pretext.session,
        ),
        out,
        config,
    )
