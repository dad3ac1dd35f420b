"""LifelongOptions: what a sequence can be told besides."""

import dataclasses
from typing import Any

from keras_snow.baselines import METHODS
from keras_snow.core.checks import check_choice
from keras_snow.core.checks import check_count
from keras_snow.lifelong.methods import method_of_one_task
from keras_snow.recipes.presets import recipe_for
from keras_snow.recipes.presets import recipes
from keras_snow.recipes.recipe import Recipe
from keras_snow.training.options import TrainingOptions

STARTS = ["source", "random", "none"]
# The sequence itself says what came before, and what a task is called.
_TAKEN = ("previous", "task")
_COMPUTED = TrainingOptions(cache="auto", tensorboard=False)


@dataclasses.dataclass(frozen=True)
class LifelongOptions:
    """What a sequence can be told beside tasks, method and source.

    Args:
        weights: Weights of a source given by name.
        taps: Layers to tap; the network's own if None.
        input_scale: What the source's owner made of pixels, as of
            `load_source`.
        image_size: Pixels of a side.
        seed: Seed of initial weights, order and augmentation of every task.
        recipe: `"paper"` or `"small"`; by a task's number of images if None.
        changes: Fields of the recipe to change: `{"epochs": 5}`.
        settings: Settings of the method: `{"k": 0.25}`.
        start: What forward transfer starts from: `"source"`, its architecture
            with `"random"` weights, or `"none"`, which leaves it out.
        recheck: Test images of each earlier task on which answers are compared
            bit by bit after each new task; if all are equal the rest is taken
            to be. All of them if None. Methods that share a body are measured
            on all.
        training: Device, precision and caches. `cache="auto"` keeps decoded
            images in memory if they fit.

    Raises:
        TypeError: If a number is none.
        ValueError: If a name is unknown or a number out of range.

    Examples:
        >>> options = LifelongOptions(changes={"epochs": 3})
        >>> options.recipe_of("lf", 800).learning_rate
        0.001
    """

    weights: str | None = "imagenet"
    taps: tuple[str, ...] | None = None
    input_scale: str | None = None
    image_size: int = 224
    seed: int = 0
    recipe: str | None = None
    changes: dict[str, Any] = dataclasses.field(default_factory=dict)
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)
    start: str = "source"
    recheck: int | None = None
    training: TrainingOptions = _COMPUTED

    def __post_init__(self) -> None:
        check_count("image_size", self.image_size)
        check_count("seed", self.seed, minimum=0)
        if self.recheck is not None:
            check_count("recheck", self.recheck)
        check_choice("start", self.start, STARTS)
        for name in _TAKEN:
            if name in self.settings:
                raise ValueError(
                    "The sequence itself sets this. Leave it out. Received: "
                    f"{name}={self.settings[name]!r}"
                )
        self.recipe_of("snow", 1)

    def recipe_of(self, method: str, num_examples: int) -> Recipe:
        """Returns how a method learns a task of so many images.

        Args:
            method: One of `sequence_methods()`.
            num_examples: Training images.

        Raises:
            ValueError: If the method, the recipe or a field is unknown.
        """
        name = self.recipe
        chosen = recipes.get(name) if name else recipe_for(num_examples)
        single = METHODS.get(method_of_one_task(method))
        return single.fit_recipe(chosen).replace(**self.changes)

    def settings_of(self, method: str) -> dict[str, Any]:
        """Returns what a method's builder is told.

        Args:
            method: One of `sequence_methods()`.
        """
        settings = dict(self.settings)
        if METHODS.get(method_of_one_task(method)).takes("seed"):
            settings.setdefault("seed", self.seed)
        return settings

    def identity(self) -> dict[str, Any]:
        """Returns what results depend on, as plain data."""
        fields = dataclasses.asdict(self)
        training = fields.pop("training")
        del fields["recheck"]  # How much is compared changes no accuracy.
        return {
            **fields,
            "taps": None if self.taps is None else list(self.taps),
            "cache_taps": training["cache_taps"],
            "settle_after": training["settle_after"],
            "precision": training["precision"],
            # Older folders know of no engine.
            **({"engine": training["engine"]} if training["engine"] else {}),
        }
