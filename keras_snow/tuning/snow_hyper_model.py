"""SNOWHyperModel: SNOW for KerasTuner's own tuners."""

from typing import Any

from keras_snow.models.snow_model import SNOWModel
from keras_snow.recipes.presets import SMALL
from keras_snow.recipes.recipe import Recipe
from keras_snow.sources.networks import load_source
from keras_snow.tuning.dimension import Space
from keras_snow.tuning.dimension import choose_space
from keras_snow.tuning.extra import require_tuner
from keras_snow.tuning.setting import Setting

SEARCHED = ("k", "sigma", "width", "rate")


class SNOWHyperModel(require_tuner().HyperModel):  # type: ignore[misc]
    """Builds a compiled `SNOWModel` of the values that a tuner proposes.

    For KerasTuner's own tuners, with `keras.Model.fit` and its callbacks.
    `tune` does more: it resumes within a trial, and shares the source's pass.

    Args:
        source: A source's name, the path of its file, or a model.
        num_classes: Classes of the task.
        space: What is searched; K, sigma, width and rate if None.
        recipe: How to train; its learning rate is what `rate` replaces.
        weights: Weights of a source given by name.

    Examples:
        >>> import keras_tuner
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(16, 3, 2, name="first")(image)
        >>> maps = keras.layers.Conv2D(16, 3, 2, name="second")(maps)
        >>> hyper_model = SNOWHyperModel(keras.Model(image, maps), 3)
        >>> model = hyper_model.build(keras_tuner.HyperParameters())
        >>> model.delta.settings.k
        0.0625
    """

    def __init__(
        self,
        source: Any,
        num_classes: int,
        space: Space | None = None,
        recipe: Recipe | None = None,
        weights: str | None = "imagenet",
    ) -> None:
        super().__init__()
        self.source = load_source(source, weights)
        self.num_classes = num_classes
        self.space = choose_space(SEARCHED) if space is None else space
        self.recipe = recipe or SMALL

    def build(self, hp: Any) -> SNOWModel:
        """Returns a model of the proposed values.

        Args:
            hp: KerasTuner's `HyperParameters`.
        """
        values = {
            name: dimension.add_to(hp, name)
            for name, dimension in self.space.items()
        }
        setting = Setting.of(values)
        model = setting.build(self.source, self.num_classes, seed=0)
        model.compile_with(self.recipe.replace(**setting.recipe))
        return model
