"""CrossValidationOptions: what a cross-validation can be told besides."""

import dataclasses
from typing import Any

from keras_snow.core.checks import check_count
from keras_snow.core.registry import nearest_names
from keras_snow.recipes.recipe import Recipe
from keras_snow.training.hosts import asks_for_hosts
from keras_snow.training.options import TrainingOptions

NORMALISATIONS = ["source", "data"]
_COMPUTED = TrainingOptions(cache="auto", tensorboard=False)


@dataclasses.dataclass(frozen=True)
class CrossValidationOptions:
    """What a cross-validation can be told beside task, method and rates.

    Args:
        weights: Weights of a source given by name.
        taps: Layers to tap; the network's own if None.
        input_scale: What the source's owner made of pixels, as of
            `load_source`.
        image_size: Pixels of a side.
        epochs: Passes over the training images, the last epoch that training
            may stop at.
        batch_size: Images a step.
        momentum: Of SGD.
        weight_decay: Of SGD.
        augmentation: As of `Recipe`.
        normalise: `"source"`: pixels are preprocessed as the source's weights
            expect them. `"data"`: before that, the training images' mean and
            deviation are brought to ImageNet's.
        seed: Seed of initial weights, order and augmentation.
        pictures: Mistakes to draw at most.
        training: Device, precision and caches. `cache="auto"` keeps decoded
            images in memory if they fit.

    Raises:
        TypeError: If a number is none.
        ValueError: If a name is unknown, a number out of range, or several
            hosts are asked for.

    Examples:
        >>> CrossValidationOptions(epochs=5).recipe(0.01).learning_rate_at(4.9)
        0.01
    """

    weights: str | None = "imagenet"
    taps: tuple[str, ...] | None = None
    input_scale: str | None = None
    image_size: int = 224
    epochs: int = 50
    batch_size: int = 8
    momentum: float = 0.0
    weight_decay: float = 0.0
    augmentation: str = "none"
    normalise: str = "source"
    seed: int = 42
    pictures: int = 12
    training: TrainingOptions = _COMPUTED

    def __post_init__(self) -> None:
        check_count("image_size", self.image_size)
        check_count("seed", self.seed, minimum=0)
        check_count("pictures", self.pictures)
        if self.normalise not in NORMALISATIONS:
            raise ValueError(
                "Unknown normalisation. "
                f"{nearest_names(self.normalise, NORMALISATIONS)} "
                f"Received: normalise={self.normalise!r}"
            )
        if asks_for_hosts(self.training.strategy):
            raise ValueError(
                "A cross-validation runs on one host. Use `one_device`, or "
                "train on several hosts with `train`. Received: strategy="
                f"{self.training.strategy!r}"
            )
        self.recipe(1.0)

    def recipe(self, rate: float) -> Recipe:
        """Returns SGD at a constant learning rate, best epoch kept.

        Args:
            rate: The learning rate.
        """
        return Recipe(
            name="constant",
            learning_rate=rate,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            epochs=self.epochs,
            batch_size=self.batch_size,
            reference_batch=None,
            schedule="constant",
            warmup_epochs=0.0,
            augmentation=self.augmentation,
            keep="best",
        )

    def identity(self) -> dict[str, Any]:
        """Returns what results depend on, as plain data."""
        fields = dataclasses.asdict(self)
        training = fields.pop("training")
        del fields["pictures"]  # How many are drawn changes no result.
        return {
            **fields,
            "taps": None if self.taps is None else list(self.taps),
            "cache_taps": training["cache_taps"],
            "settle_after": training["settle_after"],
            "precision": training["precision"],
            # Older folders know of no engine.
            **({"engine": training["engine"]} if training["engine"] else {}),
        }
