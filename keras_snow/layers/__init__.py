"""Subscriptions, and the other layers that a method needs."""

from keras_snow.layers.attention_subscription import AttentionSubscription
from keras_snow.layers.batch_normalization import BatchNormalization
from keras_snow.layers.channel_pooling import ChannelPooling
from keras_snow.layers.feature_selection import FeatureSelection
from keras_snow.layers.full_subscription import FullSubscription
from keras_snow.layers.global_pooling import GlobalPooling
from keras_snow.layers.map_statistics import MapStatistics
from keras_snow.layers.match_size import MatchSize
from keras_snow.layers.pointwise_subscription import PointwiseSubscription
from keras_snow.layers.preprocessing import Preprocessing
from keras_snow.layers.prototypes import Prototypes
from keras_snow.layers.subscribe import Subscribe
from keras_snow.layers.subscribed_conv2d import SubscribedConv2D
from keras_snow.layers.subscribed_dense import SubscribedDense
from keras_snow.layers.subscription import SUBSCRIPTIONS
from keras_snow.layers.subscription import Subscription
from keras_snow.layers.take_channels import TakeChannels
from keras_snow.layers.token_embedding import TokenEmbedding
from keras_snow.layers.token_map import TokenMap

__all__ = [
    "SUBSCRIPTIONS",
    "AttentionSubscription",
    "BatchNormalization",
    "ChannelPooling",
    "FeatureSelection",
    "FullSubscription",
    "GlobalPooling",
    "MapStatistics",
    "MatchSize",
    "PointwiseSubscription",
    "Preprocessing",
    "Prototypes",
    "Subscribe",
    "SubscribedConv2D",
    "SubscribedDense",
    "Subscription",
    "TakeChannels",
    "TokenEmbedding",
    "TokenMap",
]
