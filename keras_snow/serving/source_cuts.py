"""SourceCuts: a source as far as some of its taps."""

from collections.abc import Iterable

from keras_snow.core.dtype_policy import dtype_policy
from keras_snow.sources.source import Source


class SourceCuts:
    """Cuts a source behind the last of some taps, once for each choice.

    Args:
        source: The whole source.

    Examples:
        >>> import keras
        >>> image = keras.Input((None, None, 3))
        >>> x = keras.layers.Conv2D(4, 3, name="early")(image)
        >>> x = keras.layers.Conv2D(8, 3, name="late")(x)
        >>> cuts = SourceCuts(Source(keras.Model(image, x), ["early", "late"]))
        >>> cuts.cut(["early"]).count_params()
        112
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._cuts: dict[tuple[tuple[str, ...], str | None], Source] = {}
        self._fingerprints: dict[tuple[str, ...], str] = {}

    def cut(self, taps: Iterable[str], engine: str | None = None) -> Source:
        """Returns the source with these taps.

        Args:
            taps: Names of taps.
            engine: How it is run; None for the source's own way.
        """
        key = tuple(sorted(taps)), engine
        if key not in self._cuts:
            with dtype_policy("float32"):
                part = self.source.select(key[0])
                if engine is not None:
                    part.engine = engine
            self._cuts[key] = part
        return self._cuts[key]

    def fingerprint(self, taps: Iterable[str]) -> str:
        """Returns the fingerprint of what `cut` returns."""
        key = tuple(sorted(taps))
        if key not in self._fingerprints:
            self._fingerprints[key] = self.cut(key).fingerprint
        return self._fingerprints[key]
