"""The frozen network whose feature maps are shared."""

import contextlib
import os
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_snow.core.files import expand_home
from keras_snow.core.load_model import load_model
from keras_snow.core.near_path import did_you_mean
from keras_snow.core.registry import nearest_names
from keras_snow.core.serialization import PACKAGE
from keras_snow.core.serialization import serializable
from keras_snow.sources.block_ends import find_block_ends
from keras_snow.sources.candidates import check_functional
from keras_snow.sources.candidates import maps_of
from keras_snow.sources.candidates import measure_taps
from keras_snow.sources.engines.engine import make_pass
from keras_snow.sources.flat import flattened
from keras_snow.sources.graph import outputs_of
from keras_snow.sources.identity import describe_preprocessing
from keras_snow.sources.identity import fingerprint_of
from keras_snow.sources.image_size import fixed_size
from keras_snow.sources.input_scale import input_scale_of
from keras_snow.sources.input_scale import scale_input
from keras_snow.sources.origin import Origin
from keras_snow.sources.tap import Tap
from keras_snow.sources.tap_choice import choose_taps
from keras_snow.sources.tap_choice import is_place
from keras_snow.sources.tap_table import tap_table


@serializable
class Source(keras.Model):
    """Gives the maps of its taps for raw RGB images, and never changes.

    The network is cut behind its last tap, runs in inference mode even while a
    delta is trained, and no gradient enters it. `origin` tells where it was
    loaded from, if it can be had again from there.

    Args:
        network: A functional model from images to anything, or a built
            `keras.Sequential`. Models in it are opened, so that their layers
            can be tapped.
        taps: Names of the layers to tap, or their places among all block
            ends: `"last:4"`, `"every:2"`, -1. All block ends if None; of a
            transformer, four of them.
        engine: How the network is run: `"float32"` (batch normalizations
            folded into kernels, equal up to rounding), `"bfloat16"` (folded,
            products in bfloat16) or `"keras"` (as it is).
        tokens: Rows and columns of patches that the tokens of a transformer
            were made of. If None: what its layers say, or square patches. The
            tokens before them (class token, registers) are left out of the
            maps.
        **kwargs: `name`, ... of `keras.Model`.

    Call arguments:
        - `images`: Raw RGB, values 0 to 255.

    Input shape:
        `(batch, height, width, 3)`

    Output shape:
        A dict: tap name -> `(batch, height / stride, width / stride,
        channels)`, in bfloat16 where the engine computes so.

    Raises:
        ValueError: If the network is not functional, or has no such layer or
            engine.

    Examples:
        >>> image = keras.Input((32, 32, 3))
        >>> maps = keras.layers.Conv2D(8, 3, 2, name="first")(image)
        >>> source = Source(keras.Model(image, maps))
        >>> [(tap.name, tap.channels, tap.stride) for tap in source.taps]
        [('first', 8, 2)]
    """

    def __init__(
        self,
        network: keras.Model,
        taps: Sequence[str | int] | None = None,
        engine: str = "float32",
        tokens: tuple[int, int] | None = None,
        **kwargs: Any,
    ) -> None:
        check_functional(network)
        network = flattened(network)
        taps = [taps] if isinstance(taps, (str, int)) else taps
        found = _find_taps(network, taps, tokens)
        super().__init__(**kwargs)
        self.network = keras.Model(
            network.inputs[0],
            maps_of(network, found, tokens),
            name=f"{network.name.removesuffix('_cut')}_cut",
        )
        self._taps = tuple(found)
        _freeze(self.network)
        self.input_spec = self.network.input_spec
        self._given_pass: Callable[[Any], Any] | None = None
        self.engine = engine
        self.origin = None
        self.built = True

    def call(self, images, training=None):
        # Inference mode whatever `training` says: dropout and batch
        # normalisation of the source must not depend on the task.
        maps = (self._given_pass or self._pass)(images)
        return {name: ops.stop_gradient(maps[name]) for name in maps}

    def compute_output_spec(self, images, training=None):
        # Without running an engine, which folds weights that may be loaded yet.
        # A network of one size, such as a transformer, may know no other.
        size = zip(fixed_size(self.network), images.shape[1:3], strict=True)
        shape = (images.shape[0], *(own or given for own, given in size), 3)
        return self.network.compute_output_spec(
            keras.KerasTensor(shape, images.dtype)
        )

    def compute_output_shape(self, input_shape):
        return self.network.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "network": keras.saving.serialize_keras_object(self.network),
            "taps": [tap.name for tap in self._taps],
            "engine": self.engine,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "Source":
        network = keras.saving.deserialize_keras_object(
            config.pop("network"), custom_objects=custom_objects
        )
        return cls(network, **config)

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        taps: Sequence[str | int] | None = None,
        input_scale: str | float | None = None,
    ) -> "Source":
        """Makes a source from a `.keras` file.

        It is loaded in Keras' safe mode: a file that carries code is refused.

        Args:
            path: The file, of a network or of a source.
            taps: As of the class; a source keeps its own if None.
            input_scale: As of `load_source`.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If it is damaged, unsafe or no functional model.
        """
        loaded = load_network(path)
        if not isinstance(loaded, Source):
            return cls(scale_input(loaded, input_scale), taps)
        return loaded.tuned(taps, input_scale)

    @property
    def taps(self) -> tuple[Tap, ...]:
        """The taps in the order of depth."""
        return self._taps

    @property
    def trainable(self) -> bool:
        """Always False: a source is frozen."""
        return False

    @trainable.setter
    def trainable(self, value: bool) -> None:
        # Set by a model around it that is thawed as a whole.
        del value

    @property
    def engine(self) -> str:
        """How the network is run; set it to change that.

        What was traced before, such as a model's compiled step, keeps the
        engine that it was traced with.
        """
        return self._pass.engine

    @engine.setter
    def engine(self, engine: str) -> None:
        self._pass = make_pass(self.network, engine)

    def refresh(self) -> bool:
        """Lets the engine take up weights that were changed.

        Returns:
            Whether functions that were traced before hold outdated ones.
        """
        return self._pass.refresh()

    @property
    def fingerprint(self) -> str:
        """SHA-256 over weights, preprocessing and layers of the cut network.

        A delta carries the fingerprint of the source that it was trained on.
        Names of layers don't count; they may come from Keras' counters.
        """
        # Not kept: Keras reads every property of a model that it loads before
        # the weights are there.
        return fingerprint_of(self.network)

    @property
    def origin(self) -> Origin | None:
        """Where it was loaded from; None if it can't be had again from there.

        That is so if its weights have been changed since, too.
        """
        if self._origin is None or self._loaded != self.fingerprint:
            return None
        return self._origin

    @origin.setter
    def origin(self, origin: Origin | None) -> None:
        self._origin = origin
        self._loaded = None if origin is None else self.fingerprint

    @property
    def preprocessing(self) -> list[str]:
        """What the network's own layers do to the raw pixels, in words."""
        return describe_preprocessing(self.network)

    @property
    def input_scale(self) -> str | None:
        """How it scales raw pixels, as `load_source` was told; else None."""
        return input_scale_of(self.network)

    def run_by(self, function: Callable[[Any], Any] | None) -> None:
        """Lets a function give the maps, which the network does otherwise.

        It must give what `network` gives, and is not saved. `engine` is the
        usual way.

        Args:
            function: From images to `{tap name: maps}`; a form of the network
                that suits where it runs. None for the engine's.
        """
        self._given_pass = function

    @contextlib.contextmanager
    def as_constants(self) -> Iterator[None]:
        """Puts the kernels into what is traced as numbers, for an export.

        Yields:
            Nothing.
        """
        self.run_by(self._pass.as_constants())
        try:
            yield
        finally:
            self.run_by(None)

    def select(self, names: Sequence[str | int]) -> "Source":
        """Returns a source with some of the taps, cut behind the last of them.

        Args:
            names: Names of taps or of other layers, or places among the taps:
                `"last:4"`, `"every:2"`, -1.
        """
        names = choose_taps(names, [tap.name for tap in self.taps])
        part = Source(self.network, names, self.engine, name=self.name)
        part.origin = self.origin
        return part

    def tuned(
        self, names: Sequence[str | int] | None, input_scale: str | float | None
    ) -> "Source":
        """Returns a source with other taps, or pixels scaled; or this one.

        Args:
            names: As of `select`; its own if None.
            input_scale: As of `load_source`.
        """
        network = scale_input(self.network, input_scale)
        if network is not self.network:
            own = [tap.name for tap in self.taps]
            chosen = own if names is None else choose_taps(names, own)
            return Source(network, chosen, self.engine, name=self.name)
        return self if names is None else self.select(names)

    def __str__(self) -> str:
        return f"{self!r}\n{tap_table(self.taps)}"

    def missing(self, names: Sequence[str]) -> list[str]:
        """Returns the names that no layer of the network has.

        Args:
            names: Names of taps.
        """
        known = outputs_of(self.network)
        return [name for name in names if name not in known]


_NOT_A_SOURCE = (
    "This file holds a model that keras_snow has trained, not the network that "
    "it was trained on. Give the file or the name of the source. "
    "Received: path={path!r}"
)


def load_network(path: str | os.PathLike[str]) -> keras.Model:
    """Loads a functional model or a `Source` from a file, in safe mode.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is damaged, unsafe or no functional model.
    """
    path = expand_home(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no such file. {did_you_mean(path)}Received: {path}"
        )
    try:
        loaded = load_model(path)
    except ValueError as error:
        held = str(error.__cause__)
        if f"{PACKAGE}>" in held and f"{PACKAGE}>Source" not in held:
            raise ValueError(_NOT_A_SOURCE.format(path=str(path))) from error
        raise ValueError(
            "This file could not be loaded as a Keras model; it may be "
            f"damaged, or hold code, which is never run ({error}). "
            f"Received: path={str(path)!r}"
        ) from error
    if isinstance(loaded, Source):
        return loaded
    ours = keras.saving.get_registered_name(type(loaded)).startswith(PACKAGE)
    if ours and not getattr(loaded, "is_network", False):
        raise ValueError(_NOT_A_SOURCE.format(path=str(path)))
    return loaded


def _freeze(network):
    for layer in network._flatten_layers():
        # One by one: on TensorFlow nothing happens, not even to the layers in
        # it, where a layer that was loaded as frozen is frozen again.
        layer.trainable = False
    for weight in network.weights:
        weight.trainable = False


def _find_taps(network, names, tokens):
    if names is None:
        found = find_block_ends(network, tokens)
        if not found:
            raise ValueError(
                "No block ends were found to tap. Name the layers: "
                "`taps=[...]`; `find_candidates(network)` lists them. Of a "
                "transformer, say the grid of its patches: `tokens=(6, 8)`. "
                f"Received: network={network.name!r}"
            )
        return found
    if not names:
        raise ValueError("A source needs at least one tap. Received: taps=[]")
    if any(is_place(name) for name in names):
        ends = find_block_ends(network, tokens, depths=None)
        names = choose_taps(names, [tap.name for tap in ends])
    known = list(outputs_of(network))
    for name in names:
        if name not in known:
            raise ValueError(
                f"The source has no such layer. {_near(name, known)} "
                f"Received: tap={name!r}"
            )
    return measure_taps(network, sorted(names, key=known.index), tokens)


def _near(name, known):
    text = nearest_names(name, known)
    return text if len(known) <= 20 else text.split(" Known:")[0]
