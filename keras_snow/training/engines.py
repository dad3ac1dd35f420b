"""How the frozen sources of a run are run."""

import keras

from keras_snow.core.registry import nearest_names
from keras_snow.recipes.traversal import layers_of
from keras_snow.sources.engines import ENGINES
from keras_snow.sources.engines import multiplies_bfloat16
from keras_snow.sources.source import Source


def choose_engine(asked: str | None, replicas: int = 1) -> str | None:
    """Decides how sources are run.

    Args:
        asked: One of `ENGINES`, or None or `"auto"`.
        replicas: TensorFlow replicas that share a batch. Several run the
            network as it is: what is folded lies on one device.

    Returns:
        The engine; None leaves each source its own, which is `"float32"`
        unless it was set.

    Raises:
        ValueError: If the engine is unknown, or does not work here.

    Examples:
        >>> choose_engine("float32")
        'float32'
    """
    if asked in (None, "auto"):
        return "keras" if replicas > 1 else None
    if asked not in ENGINES:
        known = ["auto", *ENGINES]
        raise ValueError(
            f"Unknown engine. {nearest_names(str(asked), known)} "
            f"Received: engine={asked!r}"
        )
    if replicas > 1 and asked != "keras":
        raise ValueError(
            "Several TensorFlow replicas run the source as it is. Leave out "
            "the engine, use one device, or the JAX backend. "
            f"Received: engine={asked!r}, replicas={replicas}"
        )
    if asked == "bfloat16" and not multiplies_bfloat16():
        raise ValueError(
            "This device does not multiply bfloat16 faster than float32, as "
            "far as it says. Use the engine `float32`. "
            f"Received: engine={asked!r}"
        )
    return asked


def sources_of(model: keras.Model) -> list[Source]:
    """Returns the frozen sources in a model.

    Args:
        model: The model.
    """
    return [layer for layer in layers_of(model) if isinstance(layer, Source)]


def set_engine(model: keras.Model, engine: str | None) -> str:
    """Lets the frozen sources of a model be run by an engine.

    Args:
        model: The model.
        engine: One of `ENGINES`; None leaves them as they are.

    Returns:
        The engine of the model's sources; `"keras"` if it has none.

    Raises:
        ValueError: If a source can't be run so.
    """
    sources = sources_of(model)
    for source in sources:
        source.engine = engine or source.engine
    return sources[0].engine if sources else "keras"
