"""What a model of logits looks at before Keras does anything."""

import inspect
from typing import TYPE_CHECKING
from typing import Any

import keras
import numpy as np

from keras_snow.core.checks import check_labels
from keras_snow.core.checks import check_pixels
from keras_snow.core.host_values import on_this_host
from keras_snow.core.host_values import replicas_of
from keras_snow.core.host_values import value_of
from keras_snow.core.warn_user import warn_user
from keras_snow.models.first_batch import check_data
from keras_snow.models.fit_arguments import COMPILE
from keras_snow.models.fit_arguments import EVALUATE
from keras_snow.models.fit_arguments import FIT
from keras_snow.models.fit_arguments import check_fit
from keras_snow.models.fit_arguments import named
from keras_snow.models.fit_arguments import num_labels
from keras_snow.models.logits import of_logits
from keras_snow.models.one_device import evaluate_on_one_device
from keras_snow.models.one_device import predict_on_one_device
from keras_snow.sources.image_size import fixed_size

TRAIN_ON_BATCH = inspect.signature(keras.Model.train_on_batch)
TEST_ON_BATCH = inspect.signature(keras.Model.test_on_batch)


UNMEASURED = (
    "These batches can be read only once, so the constants of the head were "
    "not measured. Call `calibrate` with some images before `fit`."
)
UNMEASURED_IN_LOOP = (
    "This training loop is traced or compiled, so the constants of the head "
    "could not be measured in it. Call `model.calibrate(images)` before it."
)
SCHEDULE = "fit_schedule"
"""Of a compile's configuration, what a `SNOWModel` schedules."""


# A mixin at run time: Keras puts other bases into classes of graphs, and some
# of those that are guarded are no graphs.
_Base: Any = keras.Model if TYPE_CHECKING else object


class Guarded(_Base):
    """Looks at losses, pixels and labels before Keras does anything.

    A mixin of models from raw RGB to logits; it stands before `keras.Model`.
    """

    @property
    def calibrated(self) -> bool:
        """Whether nothing has to be measured before training."""
        return True

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """As `keras.Model.compile`; losses and metrics read logits.

        What expects probabilities, as Keras' losses do unless they are told, is
        told of logits, with a warning; or refused, with the line to write.

        Args:
            *args: As of `keras.Model.compile`, in its order.
            **kwargs: As of `keras.Model.compile`.

        Raises:
            ValueError: If a loss or metric expects probabilities and can't be
                told.
        """
        super().compile(**of_logits(named(COMPILE, *args, **kwargs)))

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles as a saved model was.

        Args:
            config: What `get_compile_config` returned.
        """
        config = {x: config[x] for x in config if x != SCHEDULE}
        # Keras' own refuses a class with a `compile` of its own.
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)

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
        found = check_fit(options, self.num_labels, self.check_image_size)
        self.measure(x, options.get("y"))
        self.prepare_fit(options, *found)
        return super().fit(**options)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """As `keras.Model.predict`, after a look at the first batch.

        Each of several hosts answers what it has; Keras' own fails there, since
        it hands out values of other hosts, and with several replicas if a batch
        leaves one of them without an image: one device answers then, batch by
        batch.

        Args:
            x: Images (raw RGB 0-255), as of `fit`.
            batch_size: Images a batch, if `x` is an array.
            verbose: As of `keras.Model.predict`.
            steps: Batches at most; all if None.
            **kwargs: As of `keras.Model.predict`.

        Returns:
            Logits, `(images, classes)`.

        Raises:
            ValueError: If pixels are not what they should be.
        """
        check_data(x, None, batch_size, None, self.check_image_size, 1)
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
        """As `keras.Model.evaluate`, after a look at the first batch.

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

        Raises:
            ValueError: If pixels or labels are not what they should be.
        """
        options = named(EVALUATE, x, y, batch_size, *more, **kwargs)
        look = batch_size, self.num_labels, self.check_image_size
        check_data(x, y, *look, 1)
        if replicas_of(self) == 1:
            return super().evaluate(**options)
        return evaluate_on_one_device(self, **options)

    def train_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.train_on_batch`, after a look at the batch.

        What `fit` measures on the first images is measured on the first batch.

        Args:
            x: Images (raw RGB 0-255).
            *args: As of `keras.Model.train_on_batch`, in its order.
            **kwargs: As of `keras.Model.train_on_batch`.

        Raises:
            ValueError: If pixels or labels are not what they should be.
        """
        options = named(TRAIN_ON_BATCH, x, *args, **kwargs)
        self._look_at(x, options.get("y"))
        self.measure(x, options.get("y"))
        return super().train_on_batch(**options)

    def test_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.test_on_batch`, after a look at the batch.

        Args:
            x: Images (raw RGB 0-255).
            *args: As of `keras.Model.test_on_batch`, in its order.
            **kwargs: As of `keras.Model.test_on_batch`.

        Raises:
            ValueError: If pixels or labels are not what they should be.
        """
        options = named(TEST_ON_BATCH, x, *args, **kwargs)
        self._look_at(x, options.get("y"))
        return super().test_on_batch(**options)

    def predict_on_batch(self, x: Any) -> Any:
        """As `keras.Model.predict_on_batch`, after a look at the batch.

        Args:
            x: Images (raw RGB 0-255).

        Raises:
            ValueError: If pixels are not what they should be.
        """
        self._look_at(x)
        return super().predict_on_batch(x)

    def measure(self, x: Any, y: Any = None) -> None:
        """Calibrates on the first images, or warns where that can't be.

        Args:
            x: Images, or batches of images and labels.
            y: Labels, if `x` is an array.
        """
        if not self.calibrated:
            self.calibrate_with(x, y)
        if not self.calibrated:
            self._tell(UNMEASURED)

    def measure_in_loop(self, images: Any) -> None:
        """Calibrates on a batch of a training loop, or warns if it is traced.

        Args:
            images: What the model was called on.
        """
        pixels = value_of(images)
        if pixels is None:
            self._tell(UNMEASURED_IN_LOOP)
        else:
            check_pixels(pixels)
            self.calibrate_with(pixels, None)

    def calibrate_with(self, x: Any, y: Any) -> None:
        """Measures what training has to know of images beforehand: nothing.

        Args:
            x: Images, or batches of images and labels.
            y: Labels, if `x` is an array.
        """

    def prepare_fit(
        self, options: dict[str, Any], batch_size: int | None, seen: int
    ) -> None:
        """Changes what `fit` was asked for: nothing.

        Args:
            options: Arguments of `fit`.
            batch_size: Images a step, if that could be seen.
            seen: Images that were looked at.
        """

    def check_image_size(self, height: int, width: int) -> None:
        """Looks whether the model can read images of a size; here any will do.

        Args:
            height: Pixels.
            width: Pixels.
        """

    @property
    def num_labels(self) -> int | None:
        """How many labels there are; None if they are no class numbers."""
        outputs = getattr(self, "outputs", None)
        if outputs:
            return num_labels(self.loss, outputs[0].shape[-1])
        shape = self.compute_output_shape((None, *fixed_size(self), 3))
        return num_labels(self.loss, shape[-1])

    def _tell(self, warning: str) -> None:
        """Warns, unless it has been done."""
        if not getattr(self, "_told", False):
            warn_user(warning)
        self._told = True

    def _look_at(self, x: Any, y: Any = None) -> None:
        check_pixels(keras.ops.convert_to_numpy(x))
        if y is not None and self.num_labels:
            labels = np.asarray(keras.ops.convert_to_numpy(y))
            check_labels(labels, self.num_labels)
