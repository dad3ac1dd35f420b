"""LF: one body for all tasks, which must answer the old ones as before."""

import os
from collections.abc import Mapping
from typing import Any

import keras
from keras import layers
from keras import ops

from keras_snow.baselines.body import Body
from keras_snow.baselines.graphs import clone_network
from keras_snow.baselines.graphs import copy_network
from keras_snow.baselines.methods import register_method
from keras_snow.core.checks import check_not_negative
from keras_snow.core.load_model import load_model
from keras_snow.core.registry import nearest_names
from keras_snow.core.serialization import serializable
from keras_snow.core.unquantized import Unquantized
from keras_snow.models.classifier import Classifier
from keras_snow.models.guarded import Guarded
from keras_snow.sources.image_size import image_input
from keras_snow.sources.source import Source


@serializable
class LearningWithoutForgetting(Guarded, Unquantized, keras.Model):
    """Learns one more task with a body that others share.

    Body and all heads are trained on the new task's images alone. A frozen copy
    of body and old heads, taken before, answers the old tasks on these images,
    and the distance of the trained heads' answers from its is part of the loss.
    Nothing else keeps the old tasks from being forgotten, and much is.

    Reference:
        [Li and Hoiem, 2018](https://arxiv.org/abs/1606.09282), without its
        warm-up of the new head.

    Args:
        body: The shared body; it is trained.
        tasks: Number of classes of each task by its name, in the order of
            learning; the last is the one to learn.
        temperature: What logits are divided by before they are compared.
        distillation: Weight of the old tasks' loss, the original's lambda.
        **kwargs: `name` of `keras.Model`.

    Call arguments:
        - `inputs`: Raw RGB, `(batch, height, width, 3)`, values 0 to 255.
        - `training`: Whether to compare the old tasks' answers.

    Output shape:
        `(batch, num_classes)`, logits of the last task

    Raises:
        ValueError: If there is no task, or a number is out of range.

    Examples:
        >>> image = keras.Input((None, None, 3))
        >>> maps = keras.layers.Conv2D(8, 3, 2, name="maps")(image)
        >>> body = Body(keras.Model(image, maps), trained=["maps"])
        >>> model = LearningWithoutForgetting(body, {"birds": 5})
        >>> after = model.with_task("cars", 3)
        >>> after.for_task("birds").output_shape
        (None, 5)
    """

    def __init__(
        self,
        body: Body,
        tasks: Mapping[str, int],
        temperature: float = 2.0,
        distillation: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if not tasks:
            raise ValueError("There is no task to learn. Received: tasks={}")
        if not check_not_negative("temperature", temperature):
            raise ValueError(
                "`temperature` must be above 0. Received: temperature=0"
            )
        super().__init__(**kwargs)
        self.body = body
        self.tasks = dict(tasks)
        self.temperature = float(temperature)
        self.distillation = check_not_negative("distillation", distillation)
        *old, self.task = self.tasks
        channels = body.network.output_shape[-1]
        self.heads = [self._head(task, channels) for task in self.tasks]
        self.teacher = self._teach() if old else None
        self.teacher_heads = [
            self._head(task, channels, "teacher_") for task in old
        ]
        self.built = True

    def call(self, images, training=None):
        features = _pool(self.body(images))
        if training and self.teacher is not None:
            taught = ops.stop_gradient(_pool(self.teacher(images)))
            self.add_loss(self.distillation * self._distance(taught, features))
        return self.heads[-1](features)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.tasks[self.task])

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "body": keras.saving.serialize_keras_object(self.body),
            # As pairs: JSON may sort the names.
            "tasks": list(self.tasks.items()),
            "temperature": self.temperature,
            "distillation": self.distillation,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "LearningWithoutForgetting":
        body = keras.saving.deserialize_keras_object(
            config.pop("body"), custom_objects=custom_objects
        )
        return cls(body, dict(config.pop("tasks")), **config)

    def with_task(
        self, task: str, num_classes: int
    ) -> "LearningWithoutForgetting":
        """Returns a model that learns one more task; this one is left alone.

        Args:
            task: Name of the task.
            num_classes: Number of its classes.

        Raises:
            ValueError: If a task of this name was learned before.
        """
        if task in self.tasks:
            raise ValueError(
                "A task of this name was learned before. Choose another name. "
                f"Received: task={task!r}, learned: {', '.join(self.tasks)}"
            )
        body = Body(clone_network(self.body.network), self.body.trained)
        after = type(self)(
            body,
            {**self.tasks, task: num_classes},
            self.temperature,
            self.distillation,
            name=self.name,
        )
        for copies in (after.heads, after.teacher_heads):
            for head, copy in zip(self.heads, copies, strict=False):
                copy.set_weights(head.get_weights())
        return after

    def for_task(self, task: str) -> keras.Model:
        """Returns the model of one task, which shares body and head.

        Args:
            task: Name of a task that was learned.

        Raises:
            ValueError: If there is no such task.
        """
        known = list(self.tasks)
        if task not in known:
            raise ValueError(
                f"No such task was learned. {nearest_names(task, known)} "
                f"Received: task={task!r}"
            )
        image = image_input(self.body)
        maps = self.body(image)
        features = layers.GlobalAveragePooling2D(name="pool")(maps)
        return Classifier(image, self.heads[known.index(task)](features))

    def _distance(self, taught, features):
        """Returns the cross-entropy of the old tasks' softened answers."""
        total = 0.0
        for head, teacher in zip(self.heads, self.teacher_heads, strict=False):
            target = ops.softmax(self._soften(teacher(taught)))
            answer = ops.log_softmax(self._soften(head(features)))
            total -= ops.mean(ops.sum(target * answer, axis=-1))
        return total

    def _soften(self, logits):
        return ops.cast(logits, "float32") / self.temperature

    def _teach(self):
        network = clone_network(self.body.network)
        return Body(network, trained=[], name="teacher")

    def _head(self, task, channels, prefix=""):
        head = layers.Dense(
            self.tasks[task],
            trainable=not prefix,
            name=f"{prefix}logits{list(self.tasks).index(task)}",
        )
        head.build((None, channels))
        return head


@register_method("lf", small_rate=0.001, paper_rate=0.01)
def learning_without_forgetting(
    source: Source,
    num_classes: int,
    previous: "str | os.PathLike[str] | keras.Model | None" = None,
    task: str | None = None,
    temperature: float = 2.0,
    distillation: float = 1.0,
) -> keras.Model:
    """A copy of the source that learns one task after another.

    The paper's learning rate is 0.005 at 128 images a step (its Table 9).

    Args:
        source: The source that the first task starts from; it is left as it is.
        num_classes: Number of classes of the new task.
        previous: The model of the tasks before, or the file that it was saved
            in. None for the first task, which is fine-tuning.
        task: Name of the new task. Its number if None.
        temperature: As of `LearningWithoutForgetting`.
        distillation: As of `LearningWithoutForgetting`.

    Raises:
        ValueError: If `previous` is no model of this method.
    """
    if previous is not None:
        before = _load(previous)
        after = before.with_task(
            task or f"task{len(before.tasks) + 1}", num_classes
        )
        after.temperature = float(temperature)
        after.distillation = float(distillation)
        return after
    network = copy_network(source)
    trained = [x.name for x in network.layers if x.trainable_weights]
    return LearningWithoutForgetting(
        Body(network, trained, name="body"),
        {task or "task1": num_classes},
        temperature,
        distillation,
    )


def _load(previous):
    model = previous
    if not isinstance(previous, keras.Model):
        if not os.path.isfile(previous):
            raise FileNotFoundError(
                f"There is no such file. Received: previous={str(previous)!r}"
            )
        model = load_model(previous)
    if not isinstance(model, LearningWithoutForgetting):
        raise ValueError(
            "`previous` must be a model that learned by this method. "
            f"Received: previous={type(model).__name__}"
        )
    return model


def _pool(maps):
    return ops.mean(maps, axis=(1, 2))
