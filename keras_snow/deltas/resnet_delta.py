"""The paper's delta: a thin ResNet whose every block reads a tap."""

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_snow.core.checks import check_count
from keras_snow.core.serialization import serializable
from keras_snow.deltas.delta import Delta
from keras_snow.deltas.delta import inputs_for
from keras_snow.deltas.delta import statistics_of
from keras_snow.deltas.settings import DeltaSettings
from keras_snow.layers.batch_normalization import BatchNormalization
from keras_snow.layers.global_pooling import GlobalPooling
from keras_snow.layers.map_statistics import MapStatistics
from keras_snow.layers.subscribe import Subscribe
from keras_snow.layers.subscribed_conv2d import SubscribedConv2D
from keras_snow.layers.subscribed_dense import SubscribedDense
from keras_snow.layers.subscription import SUBSCRIPTIONS
from keras_snow.layers.subscription import Subscription
from keras_snow.layers.subscription import count_maps
from keras_snow.sources.tap import Tap

_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")
LEAST_CHANNELS = 8  # What 1/8 width leaves of ResNet50's thinnest layer.


@serializable
class ResNetDelta(Delta):
    """A ResNet with `width` times the channels of the source.

    Block `i` reads the maps that it chose from tap `i` beside the output of the
    block before it, and has a projection shortcut that reads both too; its
    output has `width` times the channels of tap `i + 1`, at that tap's stride.
    The first block's local input is a stem of its own on the image. With the 17
    taps of ResNet50 these are the 16 bottleneck blocks whose parameters come
    nearest to the paper's totals.

    Reference:
        [Yoo et al., 2020](https://openreview.net/forum?id=rJxtgJBKDr), Section
        2.1. Which layers are tapped and how shortcuts look is left open there.

    Args:
        taps: Taps of the source, in the order of depth; at least two.
        num_classes: Number of logits, at least two.
        settings: What else can be chosen. The defaults if None. Kept as
            `DeltaSettings.for_task` gives them.
        source_fingerprint: Fingerprint of the source that it is made for.
        input_scale: What that source makes of pixels, as of `load_source`.
        **kwargs: `name` of `keras.Model`.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> taps = [Tap("early", 64, 4), Tap("late", 256, 8)]
        >>> delta = ResNetDelta(taps, num_classes=10)
        >>> delta.tap_names
        ['early', 'late']
    """

    def __init__(
        self,
        taps: Sequence[Tap | dict[str, Any]],
        num_classes: int,
        settings: DeltaSettings | dict[str, Any] | None = None,
        source_fingerprint: str | None = None,
        input_scale: str | None = None,
        **kwargs: Any,
    ) -> None:
        known = [tap if isinstance(tap, Tap) else Tap(**tap) for tap in taps]
        if isinstance(settings, dict):
            settings = DeltaSettings.from_options(**settings)
        _check_taps(known)
        num_classes = check_count("num_classes", num_classes, minimum=2)
        settings = (settings or DeltaSettings()).for_task(
            [tap.channels for tap in known], num_classes
        )
        builder = _Builder(known, settings)
        read = known[:-1] if settings.head == "delta" else known
        inputs = inputs_for(read)
        local = builder.body(inputs)
        logits = builder.head(inputs, local, num_classes)
        try:
            super().__init__(inputs=inputs, outputs=logits, **kwargs)
        except ValueError as error:
            raise _explained(error) from error
        self.taps = tuple(known)
        self.num_classes = num_classes
        self.settings = settings
        self.source_fingerprint = source_fingerprint
        self.input_scale = input_scale

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "taps": [tap.to_dict() for tap in self.taps],
            "num_classes": self.num_classes,
            "settings": dataclasses.asdict(self.settings),
            **self.source_config(),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "ResNetDelta":
        # Files older than `head_k` hold deltas whose head shares the choice.
        config["settings"].setdefault("head_k", None)
        return cls(**config)


class _Builder:
    """Draws the graph; counts the seeds that it hands out.

    Layers that belong to no tap are called `delta_...`, as the names of taps,
    which may be `stem` or `pool`, are taken.
    """

    def __init__(self, taps: list[Tap], settings: DeltaSettings) -> None:
        self.taps = taps
        self.settings = settings
        self.seeds = 1000 * settings.seed
        self.chosen: dict[str, tuple[Subscription, Any]] = {}

    def body(self, inputs):
        """Returns the last block's output, `(batch, height, width, c)`."""
        local = self._stem(inputs[Delta.IMAGE])
        for tap, following in zip(self.taps, self.taps[1:], strict=False):
            self._subscribe(tap, inputs[tap.name])
            local = self._block(local, tap, following)
        return local

    def head(self, inputs, local, num_classes):
        """Returns the logits."""
        settings = self.settings
        pooled = GlobalPooling(name="delta_pool")(local)
        pooled = layers.Dropout(
            settings.dropout, seed=self._seed(), name="delta_dropout"
        )(pooled)
        own = layers.Dense(
            num_classes,
            kernel_initializer=self._initial(
                keras.initializers.GlorotUniform
                if settings.head == "delta"
                else keras.initializers.Zeros
            ),
            name="delta_logits",
        )(pooled)
        read = {"delta": [], "last": self.taps[-1:], "levels": self.taps}
        parts = [
            self._level(inputs[tap.name], tap, num_classes)
            for tap in read[settings.head]
        ]
        return layers.Add(name="delta_sum")([own, *parts]) if parts else own

    def _subscribe(self, tap, maps):
        """Chooses among the maps of a tap, for its block and the head."""
        subscription = self._subscription(
            tap, "choice", self.settings.normalise_taps
        )
        chosen = Subscribe(subscription, name=f"{tap.name}_subscription")(maps)
        self.chosen[tap.name] = subscription, chosen

    def _level(self, maps, tap, num_classes):
        settings = self.settings
        subscription, chosen = self._for_head(tap, maps)
        return SubscribedDense(
            num_classes,
            subscription,
            kernel_regularizer=keras.regularizers.L2(settings.head_decay),
            gain=settings.head_gain * self._weight_of_head(tap),
            dropout=settings.dropout,
            seed=self._seed(),
            name=f"{tap.name}_head",
        )(chosen)

    def _for_head(self, tap, maps):
        """Returns the subscription of a level of the head, and what it reads.

        A block's choice is shared, unless `head_k` asks for another, which is
        made among the statistics. Products of maps can't be shared either: the
        head standardises what it reads.
        """
        subscription, chosen = self.chosen.get(tap.name, (None, None))
        shares = self.settings.head_k is None
        if shares and subscription is not None and subscription.selects:
            return subscription, chosen
        if self.settings.head == "last":
            # As the paper's totals ask for: the mean of each map, no more.
            maps = GlobalPooling(name=f"{tap.name}_pooled")(maps)
        if not shares:
            maps = MapStatistics(name=statistics_of(tap.name))(maps)
        chosen = self._subscription(tap, "head_choice", k=self.settings.head_k)
        chosen.for_head = True
        return chosen, maps

    def _weight_of_head(self, tap):
        """Keeps the squared norm of a head's own features at that of an eighth.

        The gain is meant for that many; the blocks' `k` has no say in it.
        """
        head_k = self.settings.head_k
        if head_k is None or isinstance(head_k, str):
            return 1.0
        read = count_maps(head_k, tap.channels, tap.name)
        return (tap.channels / 8 / read) ** 0.5

    def _stem(self, image):
        stride = self.taps[0].stride
        filters = self._thin(min(64, self.taps[0].channels))
        # Near zero mean and unit deviation for photographs.
        x = layers.Rescaling(1 / 64, offset=-2.0, name="delta_rescaling")(image)
        size, step = (7, 2) if stride > 1 else (3, 1)
        x = self._conv(filters, size, step, "delta_stem")(x)
        x = self._normalised(x, "delta_stem", relu=True)
        if stride > 2:
            x = layers.MaxPooling2D(
                3, max(2, stride // 2), "same", name="delta_stem_pool"
            )(x)
        return x

    def _block(self, local, tap, following):
        name = f"{tap.name}_block"
        strides = max(1, round(following.stride / tap.stride))
        filters = self._thin(following.channels)
        middle = max(LEAST_CHANNELS, filters // 4)
        x, shortcut = self._enter(local, tap, (middle, filters), strides)
        x = layers.ReLU(name=f"{name}_1_relu")(x)
        x = self._conv(middle, 3, strides, f"{name}_2")(x)
        x = self._normalised(x, f"{name}_2", relu=True)
        x = self._conv(filters, 1, 1, f"{name}_3")(x)
        x = self._normalised(x, f"{name}_3")
        x = layers.Add(name=f"{name}_add")([x, shortcut])
        return layers.ReLU(name=f"{name}_out")(x)

    def _enter(self, local, tap, filters, strides):
        """Returns the first convolution's and the shortcut's output."""
        name = f"{tap.name}_block"
        subscription, chosen = self.chosen[tap.name]
        read, shortcut = SubscribedConv2D(
            filters[0],
            filters[1],
            strides=strides,
            subscription=subscription,
            kernel_initializer=self._initial(keras.initializers.HeNormal),
            name=f"{name}_1",
        )(chosen, local)
        return (
            self._normalised(read, f"{name}_1"),
            self._normalised(shortcut, f"{name}_0"),
        )

    def _conv(self, filters, size, strides, name):
        return layers.Conv2D(
            filters,
            size,
            strides,
            padding="same",
            use_bias=False,
            kernel_initializer=self._initial(keras.initializers.HeNormal),
            name=name,
        )

    def _normalised(self, x, name, relu=False):
        x = BatchNormalization(name=f"{name}_bn")(x)
        return layers.ReLU(name=f"{name}_relu")(x) if relu else x

    def _subscription(self, tap, name, normalise=False, k=None):
        settings = self.settings
        made = SUBSCRIPTIONS.get(settings.subscription).from_settings(
            k=settings.k if k is None else k,
            sigma=settings.sigma,
            binding=settings.binding,
            speed=settings.speed,
            normalise=normalise,
            seed=self._seed(),
            name=f"{tap.name}_{name}",
        )
        made.tap = tap.name
        return made

    def _thin(self, channels):
        return max(LEAST_CHANNELS, round(channels * self.settings.width))

    def _initial(self, initializer):
        if initializer is keras.initializers.Zeros:
            return initializer()
        return initializer(seed=self._seed())

    def _seed(self):
        self.seeds += 1
        return self.seeds


def _check_taps(taps):
    if len(taps) < 2:
        raise ValueError(
            "A delta needs at least two taps: a block reads one and has the "
            f"size of the next. Received: taps={[tap.name for tap in taps]}"
        )
    if Delta.IMAGE in [tap.name for tap in taps]:
        raise ValueError(
            f"A tap can't be called {Delta.IMAGE!r}, as the delta's other "
            "input is. Rename the layer. "
            f"Received: taps={[tap.name for tap in taps]}"
        )
    _check_names([tap.name for tap in taps])
    strides = [tap.stride for tap in taps]
    if strides != sorted(strides):
        raise ValueError(
            "Taps must be in the order of depth, maps getting smaller. "
            f"Received: strides={strides}"
        )


def _check_names(names):
    """A delta's parts are called after its taps, which are inputs of it."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(
                "A delta's parts are called after its taps, and TensorFlow "
                "takes no name like this one: letters (a to z), digits, dots, "
                "dashes, slashes and underscores. Rename the layer. Received: "
                f"tap={name!r}"
            )


def _explained(error):
    """Says what Keras means by a name that is there twice: a tap's."""
    found = re.search(r'The name "(.+)" is used', str(error))
    if found is None:
        return error
    return ValueError(
        "A part of the delta has the name of a tap, which is an input of it. "
        "Rename the layer, or tap another. "
        f"Received: tap={found[1]!r} beside a part of that name"
    )
