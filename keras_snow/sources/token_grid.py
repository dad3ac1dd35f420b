"""Finds the grid of patches that the tokens of a transformer were made of."""

import dataclasses
from typing import Any

import keras

from keras_snow.layers.token_map import TokenMap
from keras_snow.sources.graph import named_nodes

MOST_BEFORE = 5  # A class token and four registers, as of DINOv2 and DINOv3.
_LEAST = 4  # Fewer tokens are no map.


@dataclasses.dataclass(frozen=True)
class TokenGrid:
    """How tokens lie in an image.

    Args:
        rows: Rows of patches.
        columns: Columns of patches.
        prefix: Number of tokens before those of the patches.
    """

    rows: int
    columns: int
    prefix: int = 0


class TokenGrids:
    """Finds the grid of the tokens of each layer of a network.

    It is what `TokenMap` layers of the network say, or what was told, or the
    size of a stack of maps in the network, or square patches of the image.

    Args:
        network: A functional model.
        told: Rows and columns, where they were told.

    Examples:
        >>> tokens = keras.Input((50, 8))
        >>> TokenGrids(keras.Model(tokens, tokens), (7, 7)).of(tokens)
        TokenGrid(rows=7, columns=7, prefix=1)
    """

    def __init__(
        self, network: keras.Model, told: tuple[int, int] | None = None
    ) -> None:
        self._image = tuple(network.inputs[0].shape[1:3])
        self._told = None if told is None else (int(told[0]), int(told[1]))
        self._known: dict[int, TokenGrid] = {}
        self._sizes: set[tuple[int, int]] = set()
        self._laid_out: dict[int, tuple[TokenGrid, Any]] = {}
        for node in named_nodes(network).values():
            self._look_at(node)

    def of(self, tensor: Any) -> TokenGrid | None:
        """Returns the grid of tokens; None if it can't be told.

        Args:
            tensor: `(batch, tokens, channels)`, of the network.
        """
        count = tensor.shape[1]
        if count is None:
            return None
        if self._told is not None:
            prefix = count - self._told[0] * self._told[1]
            return TokenGrid(*self._told, prefix) if prefix >= 0 else None
        if count in self._known:
            return self._known[count]
        return _largest(self._sizes, count) or _largest(self._patches(), count)

    def lay_out(self, name: str, tensor: Any) -> Any:
        """Returns the maps that tokens make, by a layer that is there or new.

        Args:
            name: Of the layer of the tokens.
            tensor: Its output.

        Raises:
            ValueError: If the grid can't be told.
        """
        grid = self.of(tensor)
        if grid is None:
            raise self.refusal(name, tensor)
        known, maps = self._laid_out.get(id(tensor), (None, None))
        if known == grid:
            return maps
        size = (grid.rows, grid.columns)
        return TokenMap(size, name=f"{name}_map")(tensor)

    def refusal(self, name: str, tensor: Any) -> ValueError:
        """Returns what says why tokens have no grid, and what to do.

        Args:
            name: Of the layer.
            tensor: Its output.
        """
        count = tensor.shape[1]
        height, width = self._image
        if count is None:
            return ValueError(
                "A layer of tokens can be tapped in a network of images of one "
                "size only. Build it with `image_shape=(224, 224, 3)`, for "
                f"example. Received: tap={name!r}, shape={tuple(tensor.shape)}"
            )
        if self._told is not None:
            return ValueError(
                "The layer has fewer tokens than that grid has patches. "
                f"Received: tap={name!r}, tokens={self._told} for {count} "
                "tokens"
            )
        return ValueError(
            f"The {count} tokens of this layer are no grid of square patches "
            f"of {height} x {width} pixels, with up to {MOST_BEFORE} tokens "
            "before them. Say how many rows and columns there are: `source = "
            "load_source(..., tokens=(6, 8))`; `source.save('told.keras')` "
            f"keeps it. Received: tap={name!r}, shape={tuple(tensor.shape)}"
        )

    def _look_at(self, node: Any) -> None:
        layer = node.operation
        if isinstance(layer, TokenMap):
            (given,) = node.input_tensors
            rows, columns = layer.grid
            grid = TokenGrid(rows, columns, given.shape[1] - rows * columns)
            self._laid_out[id(given)] = grid, node.output_tensors[0]
            self._known[given.shape[1]] = grid
            return
        for tensor in node.output_tensors:
            if len(tensor.shape) == 4 and None not in tensor.shape[1:3]:
                self._sizes.add(tuple(tensor.shape[1:3]))

    def _patches(self) -> set[tuple[int, int]]:
        height, width = self._image
        if height is None or width is None:
            return set()
        return {
            (height // side, width // side)
            for side in range(2, min(height, width) + 1)
            if height % side == 0 and width % side == 0
        }


def holds_tokens(tensor: Any) -> bool:
    """Tells whether an output can be the tokens of an image.

    Args:
        tensor: Of a functional model.
    """
    return (
        len(getattr(tensor, "shape", ())) == 3
        and tensor.shape[-1] is not None
        and tensor.shape[-1] > 3
        and (tensor.shape[1] is None or tensor.shape[1] >= _LEAST)
    )


def _largest(sizes: set[tuple[int, int]], count: int) -> TokenGrid | None:
    """Returns the one largest grid with few enough tokens before it."""
    fitting = [
        (rows * columns, rows, columns)
        for rows, columns in sizes
        if min(rows, columns) > 1 and 0 <= count - rows * columns <= MOST_BEFORE
    ]
    if not fitting:
        return None
    most, rows, columns = max(fitting)
    if sum(size[0] == most for size in fitting) > 1:
        return None
    return TokenGrid(rows, columns, count - most)
