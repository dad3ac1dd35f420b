"""Small networks that are known by name, for pre-training; no weights."""

from keras_snow.sources.small.conv4 import conv4
from keras_snow.sources.small.dense_net import dense_net121
from keras_snow.sources.small.dense_net import dense_net_bc
from keras_snow.sources.small.res_net import res_net18
from keras_snow.sources.small.squeeze_net import read_arrays
from keras_snow.sources.small.squeeze_net import squeeze_net
from keras_snow.sources.small.vit import vit
from keras_snow.sources.small.wide_res_net import wide_res_net

__all__ = [
    "conv4",
    "dense_net121",
    "dense_net_bc",
    "read_arrays",
    "res_net18",
    "squeeze_net",
    "vit",
    "wide_res_net",
]
