"""Deltas: the small trained networks of single tasks."""

from typing import TYPE_CHECKING

from keras_snow.core.on_use import load_on_use

if TYPE_CHECKING:
    from keras_snow.deltas.delta import Delta as Delta
    from keras_snow.deltas.prototype_delta import (
        PrototypeDelta as PrototypeDelta,
    )
    from keras_snow.deltas.resnet_delta import ResNetDelta as ResNetDelta
    from keras_snow.deltas.settings import DeltaSettings as DeltaSettings
    from keras_snow.deltas.source_filters import (
        start_from_source as start_from_source,
    )

_HOMES = {
    "Delta": "delta",
    "PrototypeDelta": "prototype_delta",
    "ResNetDelta": "resnet_delta",
    "DeltaSettings": "settings",
    "start_from_source": "source_filters",
}

__all__ = [*_HOMES]

__getattr__, __dir__ = load_on_use(__name__, _HOMES)
