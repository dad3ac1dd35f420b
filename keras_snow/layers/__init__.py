"""Subscriptions, and the other layers that a method needs."""

from keras_snow.layers.batch_normalization import BatchNormalization
from keras_snow.layers.channel_pooling import ChannelPooling
from keras_snow.layers.global_pooling import GlobalPooling
from keras_snow.layers.preprocessing import Preprocessing
from keras_snow.layers.subscribe import Subscribe
from keras_snow.layers.subscribed_conv2d import SubscribedConv2D
from keras_snow.layers.subscribed_dense import SubscribedDense
from keras_snow.layers.subscription import Subscription

__all__ = [
    "BatchNormalization",
    "ChannelPooling",
    "GlobalPooling",
    "Preprocessing",
    "Subscribe",
    "SubscribedConv2D",
    "SubscribedDense",
    "Subscription",
]
