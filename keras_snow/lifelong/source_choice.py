"""SourceChoice: which source a sequence starts from."""

import dataclasses
import os
import pathlib
from typing import TypeAlias

import keras

from keras_snow.sources.networks import load_source
from keras_snow.sources.source import Source

SourceSpec: TypeAlias = str | os.PathLike[str] | keras.Model


@dataclasses.dataclass(frozen=True)
class SourceChoice:
    """Which source a sequence starts from.

    Args:
        spec: A name, the path of a `.keras` file, or a model.
        weights: Weights of a source given by name.
        taps: Layers to tap; the network's own if None.
        input_scale: What the source's owner made of pixels, as of
            `load_source`.
    """

    spec: SourceSpec
    weights: str | None = "imagenet"
    taps: tuple[str, ...] | None = None
    input_scale: str | None = None

    def load(self) -> Source:
        """Returns the source."""
        return load_source(self.spec, self.weights, self.taps, self.input_scale)

    @property
    def name(self) -> str | None:
        """Where to have it again; None if it is a model in memory."""
        if isinstance(self.spec, keras.Model):
            return None
        return os.fspath(self.spec)

    @property
    def label(self) -> str:
        """What to call it, wherever its file lies."""
        return pathlib.Path(self.name).stem if self.name else "a model"
