"""Figures of what a source and a delta make of images."""

import pathlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_snow.baselines.body import Body
from keras_snow.core.files import PathLike
from keras_snow.core.registry import nearest_names
from keras_snow.data.augmentation import evaluation_image
from keras_snow.data.value_range import check_value_range
from keras_snow.evaluation.activations import activations
from keras_snow.evaluation.activations import first_filters
from keras_snow.evaluation.heat_map import ALL
from keras_snow.evaluation.heat_map import heat_maps
from keras_snow.evaluation.task_selections import TaskSelections
from keras_snow.models.snow_model import SNOWModel
from keras_snow.recipes.traversal import layers_of
from keras_snow.reports.see.kinds import FIGURES
from keras_snow.reports.see.kinds import FigureKind
from keras_snow.reports.see.options import PlotOptions
from keras_snow.sources.flat import flattened
from keras_snow.sources.source import Source
from keras_snow.training.saved_run import load_run
from keras_snow.visualization.activation_maps import draw_activations
from keras_snow.visualization.activation_maps import draw_chosen_maps
from keras_snow.visualization.canvas import shorten
from keras_snow.visualization.filters import draw_filters
from keras_snow.visualization.heat_maps import draw_heat_maps


def _draw_filters(run: PathLike, _: Sequence[str], options: PlotOptions) -> Any:
    model, _settings = load_run(run, options.source)
    kernel = first_filters(_network_of(model))
    return draw_filters(
        kernel, f"{kernel.shape[-1]} filters of the first layer"
    )


def _draw_activations(
    run: PathLike, inputs: Sequence[str], options: PlotOptions
) -> Any:
    images = _read_images(run, inputs, options)
    network = _network_of(images.model)
    default = _taps_of(images.model)[:1] or [_first_maps(network)]
    tap = _one_tap(options, default[0])
    found = activations(network, images.pixels[0], tap)
    shown = _evenly(np.arange(found.after.shape[-1]), options.count)
    return draw_activations(
        found.before[..., shown],
        found.after[..., shown],
        shown,
        f"{found.layer}: {len(shown)} of {found.after.shape[-1]} maps, each "
        "at its own scale",
    )


def _draw_chosen(
    run: PathLike, inputs: Sequence[str], options: PlotOptions
) -> Any:
    images = _read_images(run, inputs, options)
    model = _snow_of(images.model)
    task = TaskSelections.of(model, pathlib.Path(run).name)
    known = list(task.chosen)
    tap = _one_tap(options, known[len(known) // 2])
    if tap not in known:
        raise ValueError(
            "The task chose nothing of such a tap. "
            f"{nearest_names(tap, known)} Received: tap={tap!r}"
        )
    pixels = images.pixels[0][None].astype("float32")
    maps = keras.ops.convert_to_numpy(model.source(pixels)[tap])[0]
    weights = task.importances[tap]
    chosen = sorted(task.chosen[tap], key=lambda channel: -weights[channel])
    left = np.setdiff1d(np.arange(maps.shape[-1]), chosen)
    title = f"{tap}: {len(chosen)} of {maps.shape[-1]} maps chosen"
    return draw_chosen_maps(
        images.pixels[0],
        {int(each): maps[..., each] for each in chosen[: options.count]},
        {int(x): maps[..., x] for x in _evenly(left, options.count)},
        title,
    )


def _draw_heat(
    run: PathLike, inputs: Sequence[str], options: PlotOptions
) -> Any:
    images = _read_images(run, inputs, options)
    model = _snow_of(images.model)
    names = images.class_names
    label = None if options.label is None else _class(options.label, names)
    place = _one_tap(options, ALL)
    found = heat_maps(model, np.stack(images.pixels), label, place)
    labels = [
        f"{shorten(names[each.label], 22)} {each.probability:.0%}"
        for each in found
    ]
    what = "all taps" if place == ALL else place
    return draw_heat_maps(
        images.pixels,
        [each.heat for each in found],
        labels,
        f"What speaks for the answer, seen from {what}",
    )


class _Images:
    """Images, read as evaluation does, and the model that looks at them."""

    def __init__(
        self, model: keras.Model, names: Sequence[str], pixels: list[np.ndarray]
    ) -> None:
        self.model = model
        self.class_names = names
        self.pixels = pixels


def _read_images(
    run: PathLike, inputs: Sequence[str], options: PlotOptions
) -> _Images:
    model, settings = load_run(run, options.source)
    size = settings["image_size"]
    value_range = check_value_range(settings.get("value_range"))
    pixels = [
        evaluation_image(path, size, value_range=value_range) for path in inputs
    ]
    return _Images(model, settings["class_names"], pixels)


def _network_of(model: keras.Model) -> keras.Model:
    for layer in layers_of(model):
        if isinstance(layer, (Source, Body)):
            return layer.network
    if not getattr(model, "inputs", None):
        raise ValueError(
            "This model is no graph of layers, so that it has no maps to draw. "
            f"Received: model={model.name!r}"
        )
    return flattened(model)


def _snow_of(model: keras.Model) -> SNOWModel:
    if isinstance(model, SNOWModel):
        return model
    raise ValueError(
        "This figure is of a delta and the taps that it reads; only the "
        f"method snow has them. Received: model={model.name!r}"
    )


def _taps_of(model: keras.Model) -> list[str]:
    if isinstance(model, SNOWModel):
        return [tap.name for tap in model.source.taps]
    return []


def _first_maps(network: keras.Model) -> str:
    """The first convolution, of a network without taps."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D):
            return str(layer.name)
    raise ValueError(
        "This network has no convolution; name a layer with `taps`. "
        f"Received: network={network.name!r}"
    )


def _one_tap(options: PlotOptions, default: str) -> str:
    if options.taps is None:
        return default
    if len(options.taps) != 1:
        raise ValueError(
            "This figure is of one tap. "
            f"Received: taps={','.join(options.taps)}"
        )
    return options.taps[0]


def _class(label: str, names: Sequence[str]) -> int:
    """A class is known by its name, or by its number from 0."""
    if label in names:
        return list(names).index(label)
    if str(label).isdecimal() and int(label) < len(names):
        return int(label)
    raise ValueError(
        f"The run knows no such class. {nearest_names(label, list(names))} "
        f"Received: class={label!r}"
    )


def _evenly(channels: np.ndarray, count: int) -> np.ndarray:
    """Takes so many, the first and the last among them."""
    if len(channels) <= count:
        return channels
    places = np.linspace(0, len(channels) - 1, count).round().astype("int64")
    taken: np.ndarray = channels[places]
    return taken


_OPTIONS = ("taps", "count", "source")
for _name, _kind in {
    "filters": FigureKind(_draw_filters, options=("source",)),
    "activations": FigureKind(_draw_activations, "one image", 1, 1, _OPTIONS),
    "chosen": FigureKind(_draw_chosen, "one image", 1, 1, _OPTIONS),
    "heat": FigureKind(
        _draw_heat, "images", 1, None, ("taps", "label", "source")
    ),
}.items():
    FIGURES.register(_name)(_kind)
