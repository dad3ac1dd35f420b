"""What a run is fitted on once its choice of maps is fixed."""

import dataclasses
import pathlib
import shutil
from typing import Any

import keras

from keras_snow.core.files import read_json
from keras_snow.core.files import write_json
from keras_snow.deltas.delta import statistics_of
from keras_snow.layers.map_statistics import MapStatistics
from keras_snow.layers.take_channels import TakeChannels
from keras_snow.sources.image_size import image_input
from keras_snow.sources.source import Source
from keras_snow.training.settled_model import SettledModel
from keras_snow.training.tap_cache import TapLayout
from keras_snow.training.tap_feed import TapFeed


class SettledFeed(TapFeed):
    """Feeds images and the chosen maps, cached, to a delta that has settled.

    As `TapFeed`, but of each tap the chosen maps alone are kept and read, and
    for a head with a choice of its own the statistics of those. What they take
    is known, and refused, before anything is trained.

    Args:
        *args: Of `ImageFeed`; the model is one of SNOW with channel pooling.
        folder: Where to keep the maps; `None` keeps them in memory.

    Raises:
        ValueError: If the maps take more than `cache_limit_gb`.
        OSError: If the disk has no room for them.
    """

    def __init__(self, *args: Any, folder: pathlib.Path | None) -> None:
        super().__init__(*args, folder=folder)
        self.model = SettledModel(self.model)

    def settle(self) -> None:
        """Fixes the choice, as the importances are."""
        chosen = self.model.settle()
        self.source = _narrowed(self.source, chosen)
        self._forget_others(chosen)

    def close(self) -> None:
        """Lets go of the maps, and gives the choice back."""
        super().close()
        self.model.unsettle()

    def _find_layout(self) -> TapLayout:
        whole = super()._find_layout()
        known = dict(whole.shapes)
        for name, shape in whole.shapes.items():
            known[statistics_of(name)] = (2, shape[-1])
        shapes = {
            name: (*known[name][:-1], pooling.num_maps(known[name][-1]))
            for name, pooling in self.model.readings.items()
        }
        return dataclasses.replace(whole, shapes=shapes)

    def _forget_others(self, chosen: dict[str, list[int]]) -> None:
        """A run whose checkpoints were removed may choose other maps."""
        if self.folder is None:
            return
        choice = self.folder / "choice.json"
        if choice.is_file() and read_json(choice) == chosen:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        write_json(choice, chosen)


def _narrowed(source: Source, chosen: dict[str, list[int]]) -> keras.Model:
    """Returns a model from images to what is chosen of each tap."""
    image = image_input(source)
    known = source(image)
    for name in list(known):
        if statistics_of(name) in chosen:
            known[statistics_of(name)] = MapStatistics()(known[name])
    # In float32 whatever the policy: the maps are handed on as they come.
    taken = {
        name: TakeChannels(channels, dtype="float32")(known[name])
        for name, channels in chosen.items()
    }
    return keras.Model(image, taken, name=f"{source.name}_chosen")
