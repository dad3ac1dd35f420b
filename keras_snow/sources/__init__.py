"""Sources: frozen networks whose feature maps are shared."""

from typing import TYPE_CHECKING

from keras_snow.core.on_use import load_on_use

if TYPE_CHECKING:
    from keras_snow.sources.available import list_sources as list_sources
    from keras_snow.sources.block_ends import find_block_ends as find_block_ends
    from keras_snow.sources.candidates import find_candidates as find_candidates
    from keras_snow.sources.networks import NETWORKS as NETWORKS
    from keras_snow.sources.networks import load_source as load_source
    from keras_snow.sources.rescaled import rescale_pixels as rescale_pixels
    from keras_snow.sources.source import Source as Source
    from keras_snow.sources.tap import Tap as Tap

_HOMES = {
    "find_block_ends": "block_ends",
    "find_candidates": "candidates",
    "NETWORKS": "networks",
    "list_sources": "available",
    "load_source": "networks",
    "rescale_pixels": "rescaled",
    "Source": "source",
    "Tap": "tap",
}

__all__ = [*_HOMES]

__getattr__, __dir__ = load_on_use(__name__, _HOMES)
