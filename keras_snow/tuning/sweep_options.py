"""SweepOptions: what all settings of a sweep share."""

import dataclasses
import functools
import os
from typing import Any

import keras

from keras_snow.core.checks import check_count
from keras_snow.data.task import Task
from keras_snow.recipes.presets import recipe_for
from keras_snow.recipes.recipe import Recipe
from keras_snow.sources.networks import load_source
from keras_snow.sources.source import Source
from keras_snow.training.options import TrainingOptions


@dataclasses.dataclass(frozen=True)
class SweepOptions:
    """What all settings of a sweep share: source, recipe, size, order.

    Args:
        source: A source's name, the path of its `.keras` file, or a model.
        weights: Weights of a source given by name.
        taps: Layers to tap; the network's own if None.
        input_scale: What the source's owner made of pixels, as of
            `load_source`.
        recipe: How to train. The one that suits the number of images if None.
        image_size: Pixels of a side.
        seed: Seed of the images' order and augmentation; of initial weights,
            noise and dropout, too, in settings that name no `seed`.
        training: Device, caches, what to keep.

    Raises:
        TypeError: If a number is none.
        ValueError: If a number is out of range, or a profile is asked for.

    Examples:
        >>> SweepOptions(image_size=128).seed
        0
    """

    source: Any = "resnet50"
    weights: str | None = "imagenet"
    taps: tuple[str, ...] | None = None
    input_scale: str | None = None
    recipe: Recipe | None = None
    image_size: int = 224
    seed: int = 0
    training: TrainingOptions = dataclasses.field(
        default_factory=TrainingOptions
    )

    def __post_init__(self) -> None:
        check_count("image_size", self.image_size)
        check_count("seed", self.seed, minimum=0)
        if self.training.profile is not None:
            raise ValueError(
                "A process profiles one run at a time, and a sweep has many. "
                "Leave out `profile`, and profile a setting with `train`. "
                f"Received: profile={self.training.profile}"
            )

    @functools.cached_property
    def loaded_source(self) -> Source:
        """The source, loaded when it is first asked for.

        Raises:
            OSError: If its weights cannot be had.
            ValueError: If it is unknown.
        """
        return load_source(
            self.source, self.weights, self.taps, self.input_scale
        )

    def recipe_of(self, task: Task) -> Recipe:
        """Returns the recipe that settings start from.

        Args:
            task: What to learn.
        """
        return self.recipe or recipe_for(len(task.labels("train")))

    def for_run(self, notes: dict[str, Any], seed: int) -> TrainingOptions:
        """Returns the options of one setting's run.

        Args:
            notes: The delta's settings.
            seed: The setting's own seed.
        """
        named = not isinstance(self.source, keras.Model)
        taps = None if self.taps is None else list(self.taps)
        return self.training.replace(
            method="snow",
            source=os.fspath(self.source) if named else None,
            weights=self.weights,
            notes={**notes, "taps": taps},
            noise_seed=None if seed == self.seed else seed,
        )
