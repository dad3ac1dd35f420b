"""Pretext: what a network is trained on to become a source."""

import abc
import dataclasses
from typing import Any
from typing import ClassVar

import keras

from keras_snow.baselines.graphs import draw_weights
from keras_snow.baselines.graphs import rebuild_network
from keras_snow.core.registry import Registry
from keras_snow.core.registry import nearest_names
from keras_snow.data.task import Task
from keras_snow.data.task_checks import check_one_class_each
from keras_snow.data.unlabelled import Unlabelled
from keras_snow.pretraining.source_session import SourceSession
from keras_snow.recipes.recipe import Recipe
from keras_snow.sources.networks import load_source
from keras_snow.sources.origin import without_download


@dataclasses.dataclass(frozen=True)
class Pretext(abc.ABC):
    """What a network is trained on to become a source, and its settings.

    Args:
        network: The network that is trained from random weights: a name, the
            path of a `.keras` file or of a run.

    Examples:
        >>> PRETEXTS.get("labels")("conv4").to_dict()
        {'network': 'conv4'}
    """

    network: str = "resnet18_small"

    name: ClassVar[str]
    """Its short name, the method of the record."""

    session: ClassVar[type[SourceSession]] = SourceSession
    """What trains it."""

    recipe: ClassVar[Recipe]
    """How it is trained unless another recipe is given."""

    learns_classes: ClassVar[bool] = True
    """Whether the images must have classes."""

    @abc.abstractmethod
    def build(self, task: Task, recipe: Recipe, seed: int) -> keras.Model:
        """Returns the model that is trained.

        Args:
            task: The images.
            recipe: How it is trained.
            seed: Seed of its weights.
        """

    def check(self, task: Task) -> None:
        """Looks whether it can be learned from these images.

        Args:
            task: The images.

        Raises:
            ValueError: If they have no classes and need some, or too few.
        """
        if self.name != "labels":
            what = f"Learning by {self.name}"
            check_one_class_each(task.multi_label, what)
        if self.learns_classes and isinstance(task, Unlabelled):
            raise ValueError(
                f"`{self.name}` learns the classes of images, and these have "
                f"none. Use `byol`. Received: task={task.name!r}"
            )

    def fit_recipe(self, recipe: Recipe) -> Recipe:
        """Returns a recipe as this pretext needs it.

        Args:
            recipe: How to train.
        """
        return recipe

    def start(self, seed: int) -> tuple[keras.Model, tuple[str, ...]]:
        """Returns the network with random weights, and where it is tapped.

        Args:
            seed: Seed of the weights.
        """
        source = load_source(self.network, without_download(self.network))
        body = rebuild_network(source)
        draw_weights(body.layers, seed)
        return body, tuple(tap.name for tap in source.taps)

    def to_dict(self) -> dict[str, Any]:
        """Returns the settings as plain data."""
        return dataclasses.asdict(self)


PRETEXTS: Registry[type[Pretext]] = Registry("pretext")
"""What networks can be trained on, by name."""


def make_pretext(name: str, **settings: Any) -> Pretext:
    """Returns a pretext by its name.

    Args:
        name: `"labels"`, ...; `PRETEXTS.names()` lists them.
        **settings: Its fields.

    Raises:
        ValueError: If there is no such pretext or setting, or a value is out
            of range.

    Examples:
        >>> make_pretext("labels", network="conv4")
        Labels(network='conv4')
    """
    kind = PRETEXTS.get(name)
    known = [field.name for field in dataclasses.fields(kind)]
    for setting in settings:
        if setting not in known:
            raise ValueError(
                f"`{name}` has no such setting. "
                f"{nearest_names(setting, known)} Received: "
                f"{setting}={settings[setting]!r}"
            )
    return kind(**settings)
