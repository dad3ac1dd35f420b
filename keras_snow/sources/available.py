"""Which sources are known by name, and which need no download."""

import os
import pathlib
import re

from keras_snow.sources.known import NETWORKS
from keras_snow.sources.known import Network


def list_sources(available: bool = False) -> list[str]:
    """Returns the names of the networks that `load_source` knows.

    Args:
        available: Only those whose ImageNet weights are in Keras' cache, so
            that they load without a network.

    Examples:
        >>> "resnet50" in list_sources()
        True
    """
    names = NETWORKS.names()
    if not available:
        return names
    files = _cached_files()
    return [name for name in names if _has_weights(NETWORKS.get(name), files)]


def weights_cache() -> pathlib.Path:
    """Returns the folder in which Keras keeps what it has downloaded."""
    home = os.environ.get("KERAS_HOME") or pathlib.Path.home() / ".keras"
    return pathlib.Path(home, "models")


def _cached_files() -> list[str]:
    folder = weights_cache()
    if not folder.is_dir():
        return []
    return [_plain(path.name) for path in folder.iterdir()]


def _has_weights(network: Network, files: list[str]) -> bool:
    # `resnet50_weights_..._notop.h5`, `efficientnetv2-b0_notop.h5`,
    # `weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5`.
    rule = rf"(weights)?{_plain(network.application)}(weights|notop|\d)"
    return not network.small and any(
        re.match(rule, file) and "notop" in file for file in files
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
