"""Makes a source of a name, a file or a model."""

import os
import pathlib
import re
import warnings
from collections.abc import Sequence

import keras

from keras_snow.layers.preprocessing import Preprocessing
from keras_snow.sources.flat import call_anew
from keras_snow.sources.forms import check_spec
from keras_snow.sources.known import NETWORKS as NETWORKS
from keras_snow.sources.known import Network as Network
from keras_snow.sources.origin import IMAGENET
from keras_snow.sources.origin import absolute
from keras_snow.sources.origin import is_file_name
from keras_snow.sources.origin import origin_of
from keras_snow.sources.source import Source


def load_source(
    spec: "str | os.PathLike[str] | keras.Model",
    weights: str | os.PathLike[str] | None = "imagenet",
    taps: Sequence[str] | None = None,
) -> Source:
    """Makes a source from a name, a `.keras` file or a model.

    Args:
        spec: A name such as `"resnet50"`, the path of a `.keras` file or of a
            whole model in an older `.h5` file, a functional `keras.Model` that
            takes raw RGB, or a `Source`.
        weights: For a name: `"imagenet"` (downloaded by Keras, or found in its
            cache), None (random) or the path of a `.weights.h5` or `.h5` file.
            A file or a model has its own, and takes none.
        taps: Names of the layers to tap. The network's own if None.

    Returns:
        The source.

    Raises:
        ValueError: If the name is unknown, the file is none of a model (says
            what it is), or a tap is not in the network.
        OSError: If there is no such file, or the weights cannot be had.

    Examples:
        >>> load_source("mobilenetv2", weights=None).taps[0].stride
        4
    """
    if isinstance(spec, Source):
        return spec if taps is None else spec.select(taps)
    if isinstance(spec, keras.Model):
        return Source(spec, taps)
    if not isinstance(spec, (str, os.PathLike)):
        raise TypeError(
            "A source is a name, the path of a file or a model. "
            f"Received: spec={spec!r}"
        )
    check_spec(spec, weights)
    if is_file_name(spec):
        loaded = Source.from_file(spec, taps)
        loaded.origin = origin_of(spec, weights)
        return loaded
    spec = os.fspath(spec)
    named = _from_name(spec.lower(), weights, taps)
    named.origin = origin_of(spec, weights)
    return named


def _from_name(name, weights, taps):
    known = NETWORKS.get(name)
    base = _build(known, name, weights)
    image = keras.Input((None, None, 3), name="image")
    scaled = Preprocessing(known.preprocessing, name="preprocessing")(image)
    network = keras.Model(image, call_anew(base, scaled), name=name)
    if taps is None and known.taps:
        pattern = re.compile(known.taps)
        taps = [
            layer.name
            for layer in network.layers
            if pattern.fullmatch(layer.name)
        ]
    return Source(network, taps, name=name)


def _build(known, name, weights):
    build = getattr(keras.applications, known.application)
    if weights not in (IMAGENET, None):
        weights = pathlib.Path(absolute(weights))
        return _build_from_file(build, weights)
    try:
        with warnings.catch_warnings():
            # MobileNetV2 says that its weights are those for 224 px.
            warnings.filterwarnings("ignore", "`input_shape` is undefined")
            return build(
                include_top=False, weights=weights, input_shape=(None, None, 3)
            )
    except (ValueError, TypeError):
        raise
    except Exception as error:
        cache = pathlib.Path(os.environ.get("KERAS_HOME", "~/.keras"), "models")
        raise OSError(
            f"The ImageNet weights of `{name}` could not be downloaded "
            f"({str(error).splitlines()[0]}). Either put the file into "
            f"`{cache}` or hand over a path: `weights='file.weights.h5'`, or a "
            "whole model as source: `'model.keras'`"
        ) from error


def _build_from_file(build, weights):
    try:
        return build(
            include_top=False,
            weights=str(weights),
            input_shape=(None, None, 3),
        )
    except Exception as error:
        raise ValueError(
            "These weights do not fit the network or the file is damaged "
            f"({str(error).splitlines()[0]}). Received: weights='{weights}'"
        ) from error
