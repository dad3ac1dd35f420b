"""TokenMap: the tokens of a transformer as a stack of maps."""

from typing import Any

from keras import layers
from keras import ops

from keras_snow.core.checks import check_count
from keras_snow.core.serialization import serializable


@serializable
class TokenMap(layers.Layer):
    """Lays tokens out on the grid of patches that they were made of.

    What comes before the tokens of the patches (a class token, registers) is
    left out.

    Args:
        grid: Rows and columns of patches.
        **kwargs: `name`, `dtype`, ... of `keras.layers.Layer`.

    Call arguments:
        - `tokens`: Tokens of patches, row by row.

    Input shape:
        `(batch, tokens, channels)`, at least `rows * columns` tokens

    Output shape:
        `(batch, rows, columns, channels)`

    Examples:
        >>> tokens = np.random.rand(2, 50, 8)
        >>> TokenMap((7, 7))(tokens).shape
        TensorShape([2, 7, 7, 8])
    """

    def __init__(self, grid: tuple[int, int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        rows, columns = (check_count("grid", side) for side in grid)
        self.grid = (rows, columns)
        self.built = True

    def call(self, tokens):
        # Counted from the end: a layer's own word on the number of its tokens
        # may be wrong, as that of keras-hub's SigLIP is.
        rows, columns = self.grid
        patches = tokens[:, -rows * columns :]
        return ops.reshape(patches, (-1, *self.grid, tokens.shape[-1]))

    def compute_output_shape(self, tokens_shape):
        return (tokens_shape[0], *self.grid, tokens_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "grid": list(self.grid)}
