"""Brings the maps of a delta to the size of the maps of a source."""

from keras import layers
from keras import ops

from keras_snow.core.serialization import serializable


@serializable
class MatchSize(layers.Layer):
    """Crops or pads maps by the pixel that a source rounds otherwise.

    Call arguments:
        - `local`: Maps of a delta, `(batch, height, width, channels)`.
        - `maps`: Maps of the source, whose size is taken.

    Output shape:
        That of `local` with height and width of `maps`.

    Examples:
        >>> local, maps = np.ones((1, 4, 4, 2)), np.ones((1, 3, 3, 8))
        >>> tuple(MatchSize()(local, maps).shape)
        (1, 3, 3, 2)
    """

    def call(self, local, maps):
        return match_size(local, maps)

    def compute_output_shape(self, local_shape, maps_shape):
        return (local_shape[0], *maps_shape[1:3], local_shape[-1])


def match_size(local, maps):
    """Crops or pads the local maps where a source rounds its sizes down.

    Args:
        local: Maps of a delta, channels last.
        maps: Maps of the source, at most a pixel larger.
    """
    if tuple(local.shape[1:3]) == tuple(maps.shape[1:3]) != (None, None):
        return local
    # In a graph for images of any size the sizes are known when it runs. A
    # source that rounds up more than the delta does is one pixel ahead.
    height, width = ops.shape(maps)[1:3]
    missing = [1, 1]
    if None not in (*local.shape[1:3], *maps.shape[1:3]):
        missing = [
            max(0, want - have)
            for want, have in zip(
                maps.shape[1:3], local.shape[1:3], strict=True
            )
        ]
    padding = [(0, side) for side in missing]
    local = ops.pad(local, [(0, 0), *padding, (0, 0)])
    return local[:, :height, :width]
