"""Recipe: everything that says how a method is trained, as plain data."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING
from typing import Any

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_not_negative
from keras_snow.core.registry import nearest_names

if TYPE_CHECKING:
    import keras

CHOICES = {
    "optimizer": ["sgd", "adamw", "lars"],
    "schedule": ["step", "cosine", "constant"],
    "sigma_schedule": ["constant", "anneal"],
    "keep": ["best", "last"],
    "augmentation": [
        "none",
        "flip",
        "near",
        "crop",
        "strong",
        "varied",
        "views",
    ],
}
# A warm-up never takes more than this share of a short run.
LONGEST_WARMUP = 0.25
# Selections settle in the last third of an annealed run.
ANNEAL_FROM = 2.0 / 3.0


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a method is trained.

    Schedules are pure functions of the epoch (a float: 2.5 is the middle of the
    third) and stretch when another number of epochs is asked for.

    Args:
        name: Name, for records.
        optimizer: `"sgd"` (coupled L2 decay, as the paper's), `"adamw"` or
            `"lars"`.
        learning_rate: Peak learning rate at `reference_batch`.
        momentum: Momentum of `"sgd"`.
        weight_decay: Weight decay. Biases, scales of normalisations and
            importances are left alone.
        epochs: Passes over the training images.
        batch_size: Images a step.
        reference_batch: The batch that `learning_rate` is meant for; it scales
            linearly with `batch_size`. `None`: it does not scale.
        schedule: `"step"`, `"cosine"` (to 0) or `"constant"`.
        warmup_epochs: Epochs of a linear rise from 0, a quarter of the run at
            most.
        decay_every: Epochs between the cuts of `"step"`.
        decay_factor: What a cut multiplies the learning rate with.
        label_smoothing: Share of the probability spread over all classes.
        augmentation: `"none"`, `"flip"`, `"near"`, `"crop"`, `"strong"`,
            `"varied"`, or `"views"`, two of each image, for BYOL.
        sigma_schedule: Noise of channel pooling: `"constant"`, or `"anneal"`:
            linearly to 0 over the last third of the epochs.
        clip_norm: Largest global norm of the gradients, if any.
        keep: Which epoch's weights are the result: the `"best"` on the
            validation split, or the `"last"`, where a schedule ends at its best
            and a small validation split could not tell.
        body_rate: Factor of the learning rate of a network that a method
            copies from its source, below a new head.
        patience: Epochs without a better one on the validation split after
            which `train` ends a run, and keeps the best; None trains all
            `epochs`. Schedules are those of the whole run nevertheless.

    Examples:
        >>> recipe = Recipe(learning_rate=1.0, batch_size=64, epochs=60)
        >>> recipe.peak_learning_rate
        0.25
        >>> recipe.learning_rate_at(30.0)
        0.025
    """

    name: str = "custom"
    optimizer: str = "sgd"
    learning_rate: float = 1.0
    momentum: float = 0.9
    weight_decay: float = 1e-4
    epochs: int = 60
    batch_size: int = 256
    reference_batch: int | None = 256
    schedule: str = "step"
    warmup_epochs: float = 5.0
    decay_every: float = 30.0
    decay_factor: float = 0.1
    label_smoothing: float = 0.0
    augmentation: str = "crop"
    sigma_schedule: str = "constant"
    clip_norm: float | None = None
    keep: str = "best"
    body_rate: float = 1.0
    patience: int | None = None

    def __post_init__(self) -> None:
        for field, known in CHOICES.items():
            value = getattr(self, field)
            if value not in known:
                raise ValueError(
                    f"Unknown {field}. {nearest_names(value, known)} "
                    f"Received: {field}={value!r}"
                )
        for field in ("epochs", "batch_size"):
            check_count(field, getattr(self, field))
        for field in ("learning_rate", "weight_decay", "warmup_epochs"):
            check_not_negative(field, getattr(self, field))
        self._check_bounds()

    def _check_bounds(self) -> None:
        for field in ("momentum", "label_smoothing"):
            value = check_not_negative(field, getattr(self, field))
            if value >= 1.0:
                raise ValueError(
                    f"`{field}` must be at least 0 and below 1. "
                    f"Received: {field}={value}"
                )
        for field in (
            "learning_rate",
            "decay_every",
            "decay_factor",
            "body_rate",
        ):
            if not check_not_negative(field, getattr(self, field)):
                raise ValueError(
                    f"`{field}` must be above 0. Received: {field}=0"
                )
        self._check_patience()
        if self.reference_batch is not None:
            check_count("reference_batch", self.reference_batch)
        if self.clip_norm is not None and not check_not_negative(
            "clip_norm", self.clip_norm
        ):
            raise ValueError(
                "`clip_norm` must be above 0. Received: clip_norm=0"
            )

    def _check_patience(self) -> None:
        if self.patience is None:
            return
        check_count("patience", self.patience)
        if self.keep != "best":
            raise ValueError(
                "A run that ends for lack of a better epoch keeps the best "
                "one. Set `keep='best'`, or leave out `patience`. "
                f"Received: patience={self.patience}, keep={self.keep!r}"
            )

    @property
    def peak_learning_rate(self) -> float:
        """The learning rate after the warm-up, scaled to the batch."""
        if self.reference_batch is None:
            return self.learning_rate
        return self.learning_rate * self.batch_size / self.reference_batch

    def learning_rate_at(
        self, epoch: float, epochs: int | None = None
    ) -> float:
        """Returns the learning rate at a moment of the run.

        Args:
            epoch: Epochs that are over; 2.5 is the middle of the third.
            epochs: Length of the run, if not the recipe's.
        """
        epochs = epochs or self.epochs
        warmup = min(self.warmup_epochs, LONGEST_WARMUP * epochs)
        if epoch < warmup:
            return self.peak_learning_rate * epoch / warmup
        if self.schedule == "cosine":
            done = min((epoch - warmup) / (epochs - warmup), 1.0)
            return (
                self.peak_learning_rate * 0.5 * (1 + math.cos(math.pi * done))
            )
        if self.schedule == "step":
            every = self.decay_every * epochs / self.epochs
            cuts = math.floor(epoch / every + 1e-9)
            return self.peak_learning_rate * self.decay_factor**cuts
        return self.peak_learning_rate

    def sigma_scale_at(self, epoch: float, epochs: int | None = None) -> float:
        """Returns what sigma is multiplied with at a moment of the run.

        Args:
            epoch: Epochs that are over.
            epochs: Length of the run, if not the recipe's.
        """
        epochs = epochs or self.epochs
        # Fewer than three epochs leave no time to explore before settling.
        if self.sigma_schedule == "constant" or epochs < 3:
            return 1.0
        left = (1.0 - epoch / epochs) / (1.0 - ANNEAL_FROM)
        return min(max(left, 0.0), 1.0)

    def build_optimizer(self) -> keras.optimizers.Optimizer:
        """Returns a new optimizer at the peak learning rate."""
        from keras_snow.recipes.coupled_sgd import CoupledSGD
        from keras_snow.recipes.lars import LARS
        from keras_snow.recipes.selective_adam import SelectiveAdam

        if self.optimizer == "adamw":
            return SelectiveAdam(
                self.peak_learning_rate,
                decoupled_decay=self.weight_decay,
                global_clipnorm=self.clip_norm,
            )
        kind = LARS if self.optimizer == "lars" else CoupledSGD
        return kind(
            self.peak_learning_rate,
            momentum=float(self.momentum),
            coupled_decay=self.weight_decay,
            global_clipnorm=self.clip_norm,
        )

    def build_loss(self, multi_label: bool = False) -> keras.losses.Loss:
        """Returns the loss of logits and labels.

        Args:
            multi_label: Whether labels are rows of zeros and ones instead of
                class numbers.
        """
        if multi_label:
            from keras_snow.recipes.sigmoid_cross_entropy import (
                SigmoidCrossEntropy,
            )

            return SigmoidCrossEntropy(self.label_smoothing)
        from keras_snow.recipes.smoothed_cross_entropy import (
            SmoothedCrossEntropy,
        )

        return SmoothedCrossEntropy(self.label_smoothing)

    def replace(self, **changes: Any) -> Recipe:
        """Returns a copy with some fields changed.

        Args:
            **changes: Fields and their new values. With `patience` the best
                epoch is kept, unless `keep` is given, too.

        Raises:
            ValueError: If a field is unknown.

        Examples:
            >>> Recipe(keep="last").replace(patience=5).keep
            'best'
        """
        if changes.get("patience") is not None:
            changes.setdefault("keep", "best")
        return Recipe.from_dict(self.to_dict() | changes)

    def to_dict(self) -> dict[str, Any]:
        """Returns the fields as plain data, for JSON."""
        fields = dataclasses.asdict(self)
        if self.body_rate == 1.0:
            del fields["body_rate"]  # Older folders know nothing of it.
        return fields

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Recipe:
        """Makes a recipe from what `to_dict` returned.

        Args:
            fields: Fields and their values.

        Raises:
            ValueError: If a field is unknown.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        for field in fields:
            if field not in known:
                raise ValueError(
                    f"A recipe has no such field. "
                    f"{nearest_names(field, known)} Received: field={field!r}"
                )
        return cls(**fields)
