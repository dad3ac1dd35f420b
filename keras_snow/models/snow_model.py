"""SNOWModel: a source and a delta in one Keras model."""

import os
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_snow.core.checks import check_labels
from keras_snow.core.files import replace_atomically
from keras_snow.core.host_values import on_this_host
from keras_snow.core.host_values import replicas_of
from keras_snow.core.serialization import serializable
from keras_snow.deltas.compact import compact
from keras_snow.deltas.delta import Delta
from keras_snow.deltas.resnet_delta import ResNetDelta
from keras_snow.deltas.saved_delta import check_fingerprint
from keras_snow.deltas.saved_delta import load_delta
from keras_snow.deltas.settings import DeltaSettings
from keras_snow.deltas.source_filters import start_from_source
from keras_snow.models.fit_arguments import EVALUATE
from keras_snow.models.fit_arguments import FIT
from keras_snow.models.fit_arguments import add_schedule
from keras_snow.models.fit_arguments import check_fit
from keras_snow.models.fit_arguments import named
from keras_snow.models.fit_arguments import num_labels
from keras_snow.models.one_device import evaluate_on_one_device
from keras_snow.models.one_device import predict_on_one_device
from keras_snow.models.saved_schedule import read_schedule
from keras_snow.models.saved_schedule import schedule_config
from keras_snow.models.taps import UNMEASURED
from keras_snow.models.taps import check_deepest_tap
from keras_snow.models.taps import check_taps
from keras_snow.models.taps import tap_statistics
from keras_snow.recipes.presets import PAPER
from keras_snow.recipes.presets import recipe_for
from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.schedule import end_schedule
from keras_snow.sources.networks import load_source
from keras_snow.sources.source import Source


@serializable
class SNOWModel(keras.Model):
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

    def __init__(self, source: Source, delta: Delta, **kwargs: Any) -> None:
        source = source.select(delta.tap_names)
        image = keras.Input((None, None, 3), name=Delta.IMAGE)
        logits = delta({Delta.IMAGE: image, **source(image)})
        super().__init__(inputs=image, outputs=logits, **kwargs)
        self.source = source
        self.delta = delta
        delta.sign(source)
        self._recipe: Recipe | None = None
        self._chooses_recipe = False
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
        model._chooses_recipe = recipe is None
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
        model._chooses_recipe = True
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
        self._recipe = recipe

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """As `keras.Model.compile`; `fit` then schedules nothing.

        Args:
            *args: As of `keras.Model.compile`, in its order.
            **kwargs: As of `keras.Model.compile`.
        """
        super().compile(*args, **kwargs)
        self._recipe, self._chooses_recipe = None, False

    @property
    def recipe(self) -> Recipe | None:
        """The recipe that `fit` schedules; None after a `compile` of yours."""
        return self._recipe if self.compiled else None

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        *more: Any,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """As `keras.Model.fit`, after a look at the data.

        Pixels and labels are read once before the first step, those of up to
        20,000 images: a wrong label behind them would end training in NaN.
        With `steps_per_epoch` those of the steps; an epoch of batches that
        never end counts as all images.
        Labels are class numbers, unless a `compile` of yours has a loss that
        takes others.

        Args:
            x: Images (raw RGB 0-255) as an array, or images with labels as a
                `tf.data.Dataset` or `keras.utils.PyDataset`.
            y: Labels, if `x` is an array.
            batch_size: Images a step, if `x` is an array.
            epochs: Passes over the images.
            *more: As of `keras.Model.fit`, in its order.
            **kwargs: As of `keras.Model.fit`.

        Raises:
            TypeError: If an argument is unknown or given twice.
            ValueError: If pixels or labels are not what they should be, those
                of `validation_data`, too.
        """
        options = named(FIT, x, y, batch_size, epochs, *more, **kwargs)
        classes = num_labels(self.loss, self.delta.num_classes)
        size, seen = check_fit(options, classes, self.check_image_size)
        self.calibrate(x)
        if not self._calibrated:
            warnings.warn(UNMEASURED, stacklevel=2)
        if self.recipe is None:
            end_schedule(self)
        else:
            if self._chooses_recipe and seen:
                self.compile_with(recipe_for(seen))
            add_schedule(options, self.recipe, size)
        return super().fit(**options)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """As `keras.Model.predict`; each of several hosts answers what it has.

        Keras' own fails there, since it hands out values of other hosts, and
        with several replicas if a batch leaves one of them without an image:
        one device answers then, batch by batch.

        Args:
            x: Images (raw RGB 0-255), as of `fit`.
            batch_size: Images a batch, if `x` is an array.
            verbose: As of `keras.Model.predict`.
            steps: Batches at most; all if None.
            **kwargs: As of `keras.Model.predict`.

        Returns:
            Logits, `(images, classes)`.
        """
        if replicas_of(self) > 1:
            return predict_on_one_device(self, x, batch_size, steps)
        with on_this_host(self):
            return super().predict(x, batch_size, verbose, steps, **kwargs)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        *more: Any,
        **kwargs: Any,
    ) -> Any:
        """As `keras.Model.evaluate`, with any number of images.

        Keras' own fails with several replicas if a batch can't be divided
        evenly: one device evaluates then, batch by batch.

        Args:
            x: Images (raw RGB 0-255), as of `fit`.
            y: Labels, if `x` is an array.
            batch_size: Images a batch, if `x` is an array.
            *more: As of `keras.Model.evaluate`, in its order.
            **kwargs: As of `keras.Model.evaluate`; with several replicas
                `steps` and `return_dict` alone count.

        Returns:
            The loss, or a list of loss and metrics, or a dict of them, as of
            `keras.Model.evaluate`.
        """
        options = named(EVALUATE, x, y, batch_size, *more, **kwargs)
        classes = num_labels(self.loss, self.delta.num_classes)
        if y is not None and classes:
            check_labels(y, classes)
        if replicas_of(self) == 1:
            return super().evaluate(**options)
        return evaluate_on_one_device(self, **options)

    def calibrate(self, x: Any, force: bool = False) -> None:
        """Measures the constants that standardise the source's maps, once.

        Args:
            x: Images, or batches of them, as of `fit`.
            force: Whether to measure again what was measured already.
        """
        if self._calibrated and not force:
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
            "calibrated": self._calibrated,
            # Not of `get_compile_config`: a clone is a plain functional model.
            "schedule": schedule_config(self.recipe, self._chooses_recipe),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "SNOWModel":
        calibrated = config.pop("calibrated")
        schedule = config.pop("schedule", None)
        for name in ("source", "delta"):
            config[name] = keras.saving.deserialize_keras_object(
                config[name], custom_objects=custom_objects
            )
        model = cls(**config)
        model._calibrated = calibrated
        # Holds once `compile_from_config` has compiled.
        model._recipe, model._chooses_recipe = read_schedule(schedule)
        return model

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as a saved model was, with its recipe.

        Args:
            config: What `get_compile_config` returned.
        """
        is_new, saved = not self.compiled, (self._recipe, self._chooses_recipe)
        # Keras' own refuses a class with a `compile` of its own.
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)
        if is_new:
            self._recipe, self._chooses_recipe = saved
