"""CompareOptions: what a comparison can be told beside tasks and methods."""

import dataclasses
import math
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from keras_snow.core.checks import check_count
from keras_snow.data.open_image import MAX_PIXELS
from keras_snow.data.value_range import ValueRange
from keras_snow.deltas.settings import DeltaSettings
from keras_snow.recipes.presets import recipe_for
from keras_snow.recipes.presets import recipes
from keras_snow.recipes.recipe import Recipe

# They say where things are computed and kept, not what is computed; and which
# images may be read, of which the data's fingerprint tells the rest.
_FREE = ("max_pixels", "cache", "tap_folder", "cache_limit_gb", "verbose")
# How a task is read, if that is said.
_FURTHER = ("classes", "half", "value_range", "reading")


@dataclasses.dataclass(frozen=True)
class CompareOptions:
    """What a comparison can be told beside tasks and methods.

    Args:
        weights: Weights of a source given by name.
        taps: Layers to tap; the network's own if None.
        input_scale: What the source's owner made of pixels, as of
            `load_source`.
        image_size: Pixels of a side.
        recipe: `"paper"` or `"small"`; by the number of images if None.
        epochs: Passes over the training images; the recipe's if None.
        batch_size: Images a step; the recipe's if None.
        augmentation: As of `Recipe`; the recipe's if None.
        patience: Epochs without a better one after which a run ends, as of
            `Recipe`; the recipe's if None.
        tune_rate: Whether each method's learning rate is chosen on the
            validation split. If not, it is the recipe's for the method.
        tune_epochs: Epochs of a trial of a rate; half of the epochs if None.
        delta_settings: Settings of SNOW's deltas, as of `DeltaSettings`, in
            the place of the defaults.
        validation: Part of the training images to hold out.
        test: Part to test on, where the data has no test split.
        split_seed: Which images are held out.
        classes: Classes of the tasks to keep; all if None.
        half: `"A"` or `"B"`, one half of the classes; both if None.
        skip_bad: Whether to leave out files that can't be read.
        max_pixels: Images with more pixels are refused before decoding.
        value_range: What is black and what is white in images of more than 8
            bits. If None, all of them are looked at to know.
        reading: What the data does not say itself, see `Task.from_csv`.
        cache: Where decoded images are kept: `"auto"`, None, `"memory"` or a
            folder.
        cache_taps: Views of an image whose source maps are kept for methods
            that share the source's pass, see `TrainingOptions`. Their images a
            second are then those without the source, and marked.
        tap_folder: Where these maps are kept for all runs of a task.
        cache_limit_gb: Most that these maps may take, in GB.
        xla: Whether to compile with XLA; by device if None.
        precision: Name of the dtype policy; the default if None.
        engine: How the frozen source is run, see `TrainingOptions`.
        verbose: Whether to say what is being done.

    Raises:
        TypeError: If a number is none.
        ValueError: If a name is unknown or a number out of range.

    Examples:
        >>> CompareOptions(epochs=5).trial_epochs(20)
        3
    """

    weights: str | None = "imagenet"
    taps: tuple[str, ...] | None = None
    input_scale: str | None = None
    image_size: int = 224
    recipe: str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    augmentation: str | None = None
    patience: int | None = None
    tune_rate: bool = True
    tune_epochs: int | None = None
    delta_settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    validation: float = 0.1
    test: float = 0.2
    split_seed: int = 0
    classes: Sequence[str] | None = None
    half: str | None = None
    skip_bad: bool = False
    max_pixels: int = MAX_PIXELS
    value_range: ValueRange | None = None
    reading: Mapping[str, Any] | None = None
    cache: str | None = "auto"
    cache_taps: int = 0
    tap_folder: str | None = None
    cache_limit_gb: float = 8.0
    xla: bool | None = None
    precision: str | None = None
    engine: str | None = None
    verbose: bool = True

    def __post_init__(self) -> None:
        check_count("image_size", self.image_size)
        check_count("max_pixels", self.max_pixels)
        check_count("cache_taps", self.cache_taps, minimum=0)
        if self.tune_epochs is not None:
            check_count("tune_epochs", self.tune_epochs)
        self.recipe_of(1)
        DeltaSettings.from_options(**self.delta_settings)
        for name in ("subscription", "seed"):
            if name in self.delta_settings:
                raise ValueError(
                    f"`{name}s` has an argument of its own in a comparison. "
                    f"Received: delta_settings={dict(self.delta_settings)}"
                )

    def recipe_of(self, num_examples: int) -> Recipe:
        """Returns the recipe for a number of training images.

        Args:
            num_examples: Training images.
        """
        chosen = (
            recipes.get(self.recipe)
            if self.recipe
            else recipe_for(num_examples)
        )
        names = ("epochs", "batch_size", "augmentation", "patience")
        given = {name: getattr(self, name) for name in names}
        return chosen.replace(
            **{name: v for name, v in given.items() if v is not None}
        )

    def trial_epochs(self, epochs: int) -> int:
        """Returns how long a rate is tried.

        Args:
            epochs: Epochs of a run; those of these options have precedence.
        """
        if self.tune_epochs is not None:
            return self.tune_epochs
        return math.ceil((self.epochs or epochs) / 2)

    def data_options(self) -> dict[str, Any]:
        """Returns how a task is read and split, as `load_task` takes it."""
        chosen = {name: getattr(self, name) for name in _FURTHER}
        chosen |= chosen.pop("reading") or {}
        return {
            "validation": self.validation,
            "test": self.test,
            "seed": self.split_seed,
            "skip_bad": self.skip_bad,
            "max_pixels": self.max_pixels,
            **{name: value for name, value in chosen.items() if value},
        }

    def identity(self) -> dict[str, Any]:
        """Returns what results depend on, as plain data."""
        fields = dataclasses.asdict(self)
        for name in ("taps", "value_range"):
            fields[name] = fields[name] and list(fields[name])
        # Older folders know nothing of them.
        for name in ("delta_settings", "engine", "input_scale", *_FURTHER):
            if not fields[name]:
                del fields[name]
        return {name: v for name, v in fields.items() if name not in _FREE}
