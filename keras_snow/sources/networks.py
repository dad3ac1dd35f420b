"""Makes a source of a name, a file or a model."""

import os
import pathlib
import re
import warnings
from collections.abc import Sequence

import keras

from keras_snow.layers.preprocessing import Preprocessing
from keras_snow.sources import small
from keras_snow.sources.available import weights_cache
from keras_snow.sources.flat import call_anew
from keras_snow.sources.forms import check_spec
from keras_snow.sources.handles import is_handle
from keras_snow.sources.image_size import image_input
from keras_snow.sources.input_scale import LAYER
from keras_snow.sources.input_scale import scale_input
from keras_snow.sources.known import NETWORKS as NETWORKS
from keras_snow.sources.known import Network as Network
from keras_snow.sources.origin import IMAGENET
from keras_snow.sources.origin import absolute
from keras_snow.sources.origin import is_file_name
from keras_snow.sources.origin import is_run
from keras_snow.sources.origin import origin_of
from keras_snow.sources.published import load_published
from keras_snow.sources.random_weights import redrawn
from keras_snow.sources.run import read_run
from keras_snow.sources.source import Source
from keras_snow.sources.source import load_network
from keras_snow.sources.tap_choice import choose_taps


def load_source(
    spec: "str | os.PathLike[str] | keras.Model",
    weights: str | os.PathLike[str] | None = "imagenet",
    taps: Sequence[str | int] | None = None,
    input_scale: str | float | None = None,
    tokens: tuple[int, int] | None = None,
) -> Source:
    """Makes a source from a name, a `.keras` file, a run or a model.

    Args:
        spec: A name such as `"resnet50"`, a handle such as
            `"keras_hub:PRESET"` or `"hf://USER/MODEL"`, the path of a
            `.keras` file, of a whole model in an older `.h5` file or of a
            finished run, a functional `keras.Model` that takes raw RGB, or a
            `Source`.
        weights: For a name: `"imagenet"` (downloaded by Keras, or found in its
            cache), None (random) or the path of a `.weights.h5` or `.h5` file.
            A file or a model has its own, and takes none. A run has its own,
            too; with None its network gets new, random ones.
        taps: Names of the layers to tap, or places among the network's own:
            `"last:4"`, `"every:2"`, -1. All of its own if None.
        input_scale: What the network's owner made of pixels before they reached
            it: a range of what 0 to 255 became, `"0..1"` or `"-1..1"`, a factor
            such as `"1/64"`, or the preprocessing of a family of networks,
            `"caffe"`, `"tf"` or `"torch"`. The source then does it. None if the
            network takes raw RGB, as every source known by name does unless
            its `weights` are your own.
        tokens: Rows and columns of the patches of a transformer, see `Source`.

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
    if tokens is not None:
        network = spec if isinstance(spec, keras.Model) else load_network(spec)
        network = getattr(network, "network", network)
        return Source(scale_input(network, input_scale), taps, tokens=tokens)
    if isinstance(spec, Source):
        return spec.tuned(taps, input_scale)
    if isinstance(spec, keras.Model):
        return Source(scale_input(spec, input_scale), taps)
    if not isinstance(spec, (str, os.PathLike)):
        raise TypeError(
            "A source is a name, the path of a file or a model. "
            f"Received: spec={spec!r}"
        )
    check_spec(spec, weights)
    loaded = _load(os.fspath(spec), weights, taps, input_scale)
    loaded.origin = origin_of(spec, weights, loaded.input_scale)
    return loaded


def _load(spec, weights, taps, input_scale):
    if is_handle(spec):
        network = load_published(spec, weights)
        return load_source(network, taps=taps, input_scale=input_scale)
    if is_file_name(spec):
        return Source.from_file(spec, taps, input_scale)
    if is_run(spec):
        return _from_run(spec, weights, taps, input_scale)
    return _from_name(spec.lower(), weights, taps, input_scale)


def _from_run(folder, weights, taps, input_scale):
    run = read_run(folder)
    taps = _among(taps, run.taps)
    if run.origin is not None:
        origin = run.origin
        source = load_source(
            origin.spec, origin.weights, taps, origin.input_scale
        )
    else:
        source = Source(run.network, taps)
    source = source.tuned(None, input_scale)
    if weights is None:
        names = [tap.name for tap in source.taps]
        source = Source(redrawn(source.network), names, name=source.name)
    return source


def _from_name(name, weights, taps, input_scale):
    known = NETWORKS.get(name)
    if input_scale is not None and (
        known.preprocessing == "none" or weights in (IMAGENET, None)
    ):
        raise ValueError(
            "This source takes raw pixels and scales them itself. Leave out "
            "the input scale; it is for weights of your own. "
            f"Received: source={name!r}, input_scale={input_scale!r}"
        )
    network = _build(known, name, weights)
    if not known.small:
        _name_by_place(network)
        image = image_input(network)
        scale = (
            Preprocessing(known.preprocessing, name="preprocessing")
            if input_scale is None
            else Preprocessing(str(input_scale), name=LAYER)
        )
        scaled = scale(image)
        network = keras.Model(image, call_anew(network, scaled), name=name)
    own = known.taps_among(layer.name for layer in network.layers)
    return Source(network, _among(taps, own), name=name)


def _among(taps, own):
    """Returns what is tapped where a network has taps of its own, or none."""
    if taps is None:
        return own
    return taps if own is None else choose_taps(taps, own)


def _name_by_place(network):
    """Names layers that Keras has named by its counters, which go on."""
    counts: dict[str, int] = {}
    for layer in network.layers:
        kind = re.sub(r"_\d+$", "", layer.name)
        if kind.replace("_", "") == type(layer).__name__.lower():
            counts[kind] = counts.get(kind, 0) + 1
            layer.name = f"{kind}{counts[kind]}"


def _build(known, name, weights):
    if weights not in (IMAGENET, None):
        return _build_from_file(known, pathlib.Path(absolute(weights)))
    if known.small:
        return getattr(small, known.application)()
    try:
        return _build_application(known, weights)
    except (ValueError, TypeError):
        raise
    except Exception as error:
        cache = weights_cache()
        raise OSError(
            f"The ImageNet weights of `{name}` could not be downloaded "
            f"({str(error).splitlines()[0]}). Either put the file into "
            f"`{cache}` or hand over a path: `weights='file.weights.h5'`, or a "
            "whole model as source: `'model.keras'`"
        ) from error


def _build_application(known, weights):
    build = getattr(keras.applications, known.application)
    size = known.image_size
    with warnings.catch_warnings():
        # MobileNetV2 says that its weights are those for 224 px.
        warnings.filterwarnings("ignore", "`input_shape` is undefined")
        return build(
            include_top=False, weights=weights, input_shape=(size, size, 3)
        )


def _build_from_file(known, weights):
    try:
        if not known.small:
            return _build_application(known, str(weights))
        network = getattr(small, known.application)()
        if weights.suffix == ".npz":
            small.read_arrays(network, weights)
        else:
            network.load_weights(weights)
        return network
    except Exception as error:
        raise ValueError(
            "These weights do not fit the network or the file is damaged "
            f"({str(error).splitlines()[0]}). Received: weights='{weights}'"
        ) from error
