"""SNOWModel: a source and a delta in one Keras model."""

import os
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_snow.core.dtype_policy import dtype_policy
from keras_snow.core.files import replace_atomically
from keras_snow.core.serialization import serializable
from keras_snow.core.unquantized import Unquantized
from keras_snow.deltas.compact import compact
from keras_snow.deltas.delta import Delta
from keras_snow.deltas.resnet_delta import ResNetDelta
from keras_snow.deltas.saved_delta import check_fingerprint
from keras_snow.deltas.saved_delta import load_delta
from keras_snow.deltas.settings import DeltaSettings
from keras_snow.deltas.solved_head import check_solvable
from keras_snow.deltas.solved_head import solve_head
from keras_snow.deltas.source_filters import start_from_source
from keras_snow.metrics.ridge import Ridge
from keras_snow.models.classifier import Classifier
from keras_snow.models.fit_arguments import add_schedule
from keras_snow.models.fit_plan import FitPlan
from keras_snow.models.guarded import SCHEDULE
from keras_snow.models.guarded import Guarded
from keras_snow.models.shared_pass import parts_of
from keras_snow.models.taps import are_measured
from keras_snow.models.taps import check_deepest_tap
from keras_snow.models.taps import check_taps
from keras_snow.models.taps import labelled_statistics
from keras_snow.models.taps import tap_statistics
from keras_snow.recipes.presets import PAPER
from keras_snow.recipes.presets import recipe_for
from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.schedule import end_schedule
from keras_snow.recipes.yielding_schedule import current_rate
from keras_snow.sources.image_size import image_input
from keras_snow.sources.networks import load_source
from keras_snow.sources.source import Source


@serializable
class SNOWModel(Guarded, Unquantized, keras.Model):
    """Answers one task with a frozen source and a small trained delta.

    Made with `from_source` it is compiled and ready: `fit` chooses the recipe
    that suits the number of images, schedules learning rate and noise, and
    measures the constants of the head on the first images. After a `compile` of
    your own, `fit` leaves optimizer and schedule to you, and explores with the
    whole `sigma` again.

    Reference:
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr)

    Args:
        source: The frozen source.
        delta: The delta; it reads some of the source's taps.
        **kwargs: `name` of `keras.Model`.

    Call arguments:
        - `inputs`: Raw RGB, `(batch, height, width, 3)`, values 0 to 255.

    Output shape:
        `(batch, num_classes)`, logits

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> x = keras.layers.Conv2D(16, 3, 2, "same", name="early")(image)
        >>> x = keras.layers.Conv2D(32, 3, 2, "same", name="late")(x)
        >>> model = SNOWModel.from_source(keras.Model(image, x), num_classes=5)
        >>> model(np.zeros((1, 32, 32, 3))).shape[-1]
        5
    """

    def __new__(cls, *parts: Any, **kwargs: Any) -> Any:
        # `clone_model` may have changed the layers.
        drawn = isinstance(parts[-1] if parts else None, keras.KerasTensor)
        if drawn and parts_of(parts[-1]) is None:
            return Classifier(*parts, **kwargs)
        return super().__new__(cls)

    def __init__(
        self, source: Source, delta: Delta, *_: Any, **kwargs: Any
    ) -> None:
        # Keras' `clone_model` hands over a graph, if there may be more (`*_`).
        if isinstance(delta, keras.KerasTensor):
            image, logits = source, delta
            source, delta = parts_of(logits)  # type: ignore[misc]
        else:
            source = source.select(delta.tap_names)
            image = image_input(source)
            logits = delta({Delta.IMAGE: image, **source(image)})
        super().__init__(inputs=image, outputs=logits, **kwargs)
        self.source = source
        self.delta = delta
        delta.sign(source)
        self._plan = FitPlan()
        self._calibrated = not delta.calibrated

    @classmethod
    def from_source(
        cls,
        source: "str | os.PathLike[str] | keras.Model",
        num_classes: int,
        weights: str | os.PathLike[str] | None = "imagenet",
        taps: Sequence[str] | None = None,
        recipe: Recipe | None = None,
        input_scale: str | float | None = None,
        **settings: Any,
    ) -> "SNOWModel":
        """Makes a compiled model with a new delta.

        Args:
            source: A name such as `"resnet50"`, the path of a `.keras` file, a
                functional model that takes raw RGB, or a `Source`.
            num_classes: Number of classes of the task.
            weights: Weights of a source given by name, see `load_source`.
            taps: Names of the layers to tap. The source's own if None.
            recipe: How to train. The one that suits the number of images,
                chosen when `fit` starts, if None.
            input_scale: What the source's owner made of pixels outside of it:
                `"0..1"`, `"torch"`, ..., see `load_source`.
            **settings: `k`, `sigma`, `width`, `binding`, ... of
                `DeltaSettings`.

        Raises:
            ValueError: If an argument is out of range.
            OSError: If the weights cannot be had.
        """
        frozen = load_source(source, weights, taps, input_scale)
        delta = ResNetDelta(
            frozen.taps,
            num_classes,
            DeltaSettings.from_options(**settings),
            name="delta",
        )
        if delta.settings.start == "source":
            start_from_source(delta, frozen)
        model = cls(frozen, delta)
        model.compile_with(recipe or PAPER)
        model._plan.chooses = recipe is None
        return model

    @classmethod
    def from_delta(
        cls,
        source: "str | os.PathLike[str] | keras.Model",
        path: str | os.PathLike[str],
        weights: str | os.PathLike[str] | None = "imagenet",
    ) -> "SNOWModel":
        """Joins a saved delta to its source.

        Args:
            source: The source that the delta was trained on.
            path: What `save_delta` wrote.
            weights: Weights of a source given by name.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the file is damaged, or made for another source.
        """
        delta = load_delta(path)
        check_taps(source, delta)
        frozen = load_source(
            source, weights, delta.tap_names, delta.input_scale
        )
        check_fingerprint(delta, frozen)
        model = cls(frozen, delta)
        model._calibrated = True
        model.compile_with(PAPER)
        model._plan.chooses = True
        return model

    def with_delta(self, path: str | os.PathLike[str]) -> "SNOWModel":
        """Returns a model of this source with a delta from a file.

        Args:
            path: What `save_delta` wrote.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the file is damaged, or made for another source.
        """
        return type(self).from_delta(self.source, path)

    def save_delta(self, path: str | os.PathLike[str]) -> None:
        """Writes the delta in its compact form, without the source.

        Args:
            path: A `.keras` file. It is replaced as a whole or not at all.
        """
        # A clone of a model may have got another source.
        self.delta.source_fingerprint = self.source.fingerprint
        with replace_atomically(path) as temporary:
            compact(self.delta).save(temporary)

    def compile_with(self, recipe: Recipe) -> None:
        """Compiles with a recipe, which `fit` then schedules.

        A model that runs eagerly goes on so.

        Args:
            recipe: How to train.
        """
        self.compile(
            optimizer=recipe.build_optimizer(),
            loss=recipe.build_loss(),
            metrics=["accuracy"],
            run_eagerly=self.run_eagerly,
        )
        # Else a model that is saved before `fit` would not load its optimizer.
        self.optimizer.build(self.trainable_variables)
        self._plan = FitPlan(recipe, rate=current_rate(self))

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """As `keras.Model.compile`; `fit` then schedules nothing.

        Losses and metrics read logits. What expects probabilities, as Keras'
        losses do unless they are told, is told of logits, with a warning; or
        refused, with the line to write.

        Args:
            *args: As of `keras.Model.compile`, in its order.
            **kwargs: As of `keras.Model.compile`.

        Raises:
            ValueError: If a loss or metric expects probabilities and can't be
                told.
        """
        super().compile(*args, **kwargs)
        self._plan = FitPlan()

    @property
    def recipe(self) -> Recipe | None:
        """The recipe that `fit` schedules; None after a `compile` of yours."""
        return self._plan.recipe if self.compiled else None

    def prepare_fit(
        self, options: dict[str, Any], batch_size: int | None, seen: int
    ) -> None:
        """Chooses the recipe, and adds what schedules it to the callbacks.

        Args:
            options: Arguments of `fit`.
            batch_size: Images a step, if that could be seen.
            seen: Images that were looked at.
        """
        recipe = self.recipe
        if recipe is None:
            end_schedule(self)
            return
        rate = self._plan.assigned_rate(self)
        if self._plan.chooses and seen:
            recipe = recipe_for(seen)
            self.compile_with(recipe)
        if rate is not None:
            recipe = recipe.replace(learning_rate=rate, reference_batch=None)
        self._plan.recipe = recipe
        self._plan.schedule = add_schedule(options, recipe, batch_size)

    def call(self, inputs, training=None, mask=None):
        if training and not self.calibrated:
            self.measure_in_loop(inputs)
        return super().call(inputs, training=training, mask=mask)

    def calibrate_with(self, x: Any, y: Any) -> None:
        """Calibrates on images.

        Args:
            x: Images, or batches of them.
            y: Nobody asks for labels.
        """
        self.calibrate(x)

    def calibrate(self, x: Any, force: bool = False) -> None:
        """Measures the constants that standardise the source's maps, once.

        `fit` and `train_on_batch` do so on their first images, and so does a
        training loop of yours where it runs eagerly. One that is traced or
        compiled can't; call this before it.

        Args:
            x: Images, or batches of them, as of `fit`.
            force: Whether to measure again what was measured already.
        """
        if self.calibrated and not force:
            return
        self.adapt(tap_statistics(self.source, x))

    def adapt(self, statistics: dict[str, np.ndarray]) -> None:
        """Sets the constants that standardise the source's maps.

        Args:
            statistics: What `tap_statistics` gave for the source's taps.
        """
        readers = self.delta.calibrated
        for name, measured in statistics.items():
            for reader in readers.get(name, []):
                reader.adapt(measured)
        self._calibrated = self._calibrated or bool(statistics)

    def solve_head(self, x: Any, y: Any = None, views: int = 1) -> Ridge:
        """Sets the head to a ridge regression of all images, and holds it.

        `fit` then trains the blocks, whose share of the logits begins at zero.
        Compile again if the model was compiled by you.

        Args:
            x: Images, or batches of images and class numbers, as of `fit`.
            y: Class numbers, if `x` is an array.
            views: Views of an image, one after the other, that `x` holds.

        Returns:
            The regression; its `accuracy` is of left-out images.

        Raises:
            ValueError: If the head is none that can be solved, or there are no
                labels.
        """
        check_solvable(self.delta)
        found, labels = labelled_statistics(self.source, x, y)
        self.adapt(found)
        return solve_head(self.delta, found, labels, views)

    @property
    def calibrated(self) -> bool:
        """Whether the constants that standardise the maps are measured."""
        # Weights that were loaded bring them.
        if not self._calibrated and are_measured(self.delta):
            self._calibrated = True
        return self._calibrated

    def split_at_source(self) -> tuple[Source, Delta]:
        """Returns the source, and the delta that learns from its maps."""
        return self.source, self.delta

    def check_image_size(self, height: int, width: int) -> None:
        """Looks whether the deepest tap leaves anything of an image.

        Args:
            height: Pixels.
            width: Pixels.

        Raises:
            ValueError: If it does not.
        """
        check_deepest_tap(self.source, height, width)

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        return {
            "name": self.name,
            "source": serialize(self.source),
            "delta": serialize(self.delta),
            "calibrated": self.calibrated,
            "dtype": self.dtype_policy.name,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "SNOWModel":
        calibrated = config.pop("calibrated")
        # Files older than it in `get_compile_config` have it here.
        schedule = config.pop("schedule", None)
        with dtype_policy(config.pop("dtype", None)):
            for name in ("source", "delta"):
                config[name] = keras.saving.deserialize_keras_object(
                    config[name], custom_objects=custom_objects
                )
            model = cls(**config)
        model._calibrated = calibrated
        model._plan = FitPlan.from_dict(schedule)
        return model

    def get_compile_config(self) -> dict[str, Any]:
        """Returns how the model is compiled, and what `fit` schedules."""
        config: dict[str, Any] = super().get_compile_config()
        return {**config, SCHEDULE: self._plan.to_dict()} if config else config

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as a saved or cloned model was, with its recipe.

        Args:
            config: What `get_compile_config` returned.
        """
        is_new, plan = not self.compiled, self._plan
        if SCHEDULE in config:
            config = dict(config)
            plan = FitPlan.from_dict(config.pop(SCHEDULE))
        super().compile_from_config(config)
        if is_new:
            self._plan = plan
