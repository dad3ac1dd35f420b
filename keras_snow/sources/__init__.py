"""Sources: frozen networks whose feature maps are shared."""

from keras_snow.sources.candidates import find_block_ends
from keras_snow.sources.candidates import find_candidates
from keras_snow.sources.networks import NETWORKS
from keras_snow.sources.networks import load_source
from keras_snow.sources.rescaled import rescale_pixels
from keras_snow.sources.source import Source
from keras_snow.sources.tap import Tap

__all__ = [
    "NETWORKS",
    "Source",
    "Tap",
    "find_block_ends",
    "find_candidates",
    "load_source",
    "rescale_pixels",
]
