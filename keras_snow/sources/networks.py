"""The networks of `keras.applications` that are known by name."""

import dataclasses
import os
import pathlib
import re
import warnings
from collections.abc import Sequence

import keras

from keras_snow.core.registry import Registry
from keras_snow.layers.preprocessing import Preprocessing
from keras_snow.sources.flat import call_anew
from keras_snow.sources.origin import IMAGENET
from keras_snow.sources.origin import absolute
from keras_snow.sources.origin import is_file_name
from keras_snow.sources.origin import origin_of
from keras_snow.sources.source import Source

_RESNET_TAPS = r"pool1_pool|conv\d_block\d+_out"


@dataclasses.dataclass(frozen=True)
class Network:
    """A network of `keras.applications`.

    Args:
        application: Its name there.
        preprocessing: Mode of `Preprocessing`; `"none"` if it has its own.
        taps: Regular expression of the names of its taps; all block ends if
            None.
    """

    application: str
    preprocessing: str
    taps: str | None = None


NETWORKS: Registry[Network] = Registry("source")

for _name, _network in {
    "resnet50": Network("ResNet50", "caffe", _RESNET_TAPS),
    "resnet101": Network("ResNet101", "caffe", _RESNET_TAPS),
    "resnet152": Network("ResNet152", "caffe", _RESNET_TAPS),
    "resnet50v2": Network("ResNet50V2", "tf", _RESNET_TAPS),
    "resnet101v2": Network("ResNet101V2", "tf", _RESNET_TAPS),
    "resnet152v2": Network("ResNet152V2", "tf", _RESNET_TAPS),
    "mobilenetv2": Network("MobileNetV2", "tf"),
    "densenet121": Network("DenseNet121", "torch", r"pool1|pool\d_relu|relu"),
    "efficientnetv2b0": Network("EfficientNetV2B0", "none"),
    "convnexttiny": Network("ConvNeXtTiny", "none"),
}.items():
    NETWORKS.register(_name)(_network)


def load_source(
    spec: "str | os.PathLike[str] | keras.Model",
    weights: str | os.PathLike[str] | None = "imagenet",
    taps: Sequence[str] | None = None,
) -> Source:
    """Makes a source from a name, a `.keras` file or a model.

    Args:
        spec: A name such as `"resnet50"`, the path of a `.keras` file, a
            functional `keras.Model` that takes raw RGB, or a `Source`.
        weights: For a name: `"imagenet"` (downloaded by Keras, or found in its
            cache), None (random) or the path of a `.weights.h5` or `.h5` file.
        taps: Names of the layers to tap. The network's own if None.

    Returns:
        The source.

    Raises:
        ValueError: If the name is unknown, or a tap is not in the network.
        OSError: If the weights cannot be had.

    Examples:
        >>> load_source("mobilenetv2", weights=None).taps[0].stride
        4
    """
    if isinstance(spec, Source):
        return spec if taps is None else spec.select(taps)
    if isinstance(spec, keras.Model):
        return Source(spec, taps)
    if isinstance(spec, (str, os.PathLike)) and is_file_name(spec):
        loaded = Source.from_file(spec, taps)
        loaded.origin = origin_of(spec, weights)
        return loaded
    if not isinstance(spec, str):
        raise TypeError(
            "A source is a name, the path of a `.keras` file or a model. "
            f"Received: spec={spec!r}"
        )
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
        if not weights.is_file():
            raise FileNotFoundError(
                f"There is no file with weights at this path. "
                f"Received: weights={str(weights)!r}"
            )
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
    if weights.suffix == ".keras":
        raise ValueError(
            "`weights` takes a `.weights.h5` or `.h5` file. Hand a `.keras` "
            f"file over as the source itself. Received: weights='{weights}'"
        )
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
