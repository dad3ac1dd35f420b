"""Models that Keras' quantization would leave without a file."""

from typing import Any


class Unquantized:
    """Refuses `quantize`: the model's file could not be loaded.

    A mixin of models whose layers are built again from settings, when a file is
    loaded, and not from layers in it. It stands before `keras.Model`.
    """

    def quantize(self, *args: Any, **kwargs: Any) -> None:
        """Refused.

        Args:
            *args: As of `keras.Model.quantize`.
            **kwargs: As of `keras.Model.quantize`.

        Raises:
            ValueError: Always; says what to do instead.
        """
        mode = [*args, *kwargs.values()][:1]
        raise ValueError(
            "Keras quantizes dense layers alone, and this model has little "
            "but convolutions; its file could not be loaded afterwards. For a "
            "small and fast form put its delta into a bundle, which keeps 16 "
            "bits, and export that: `keras-snow bundle`, `keras-snow export`. "
            f"Received: mode={mode[0] if mode else None!r}, "
            f"model={type(self).__name__}"
        )
