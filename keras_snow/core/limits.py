"""The most of what is counted: beyond it lies a slip, or no memory."""

from typing import Any

from keras_snow.core.memory import check_memory

ANY = 1 << 24
"""The most of what has no limit of its own."""

MOST = {
    "image_size": 4096,
    "batch_size": 1 << 16,
    "evaluation_batch_size": 1 << 16,
    "max_batch": 1 << 12,
    "epochs": 1_000_000,
    "cache_taps": 10_000,
    "num_classes": 1 << 17,
    "ways": 10_000,
    "test_ways": 10_000,
    "queries": 10_000,
    "rank": 1 << 14,
    "hidden": 1 << 14,
    "projection": 1 << 14,
    "mlp": 1 << 14,
    "side_by_side": 1000,
    "concurrency": 10_000,
    "seeds": 10_000,
    # What random generators take.
    "seed": (1 << 32) - 1,
    "split_seed": (1 << 32) - 1,
    "noise_seed": (1 << 32) - 1,
    "max_pixels": 1 << 30,
    "max_bytes": 1 << 32,
    "images": 1 << 40,  # They are there already.
}
# A pass of ResNet50 takes 980, of a small network less.
_BYTES_PER_PIXEL = 400


def check_most(name: str, value: int) -> None:
    """Looks whether there are not too many of something.

    Examples:
        >>> check_most("image_size", 3_000_000)
        Traceback (most recent call last):
        ...
        ValueError: `image_size` must be at most 4,096. Received: ...
    """
    most = MOST.get(name, ANY)
    if value > most:
        raise ValueError(
            f"`{name}` must be at most {most:,}. Received: {name}={value}"
        )


def check_batch(images: Any, image_size: int, name: str = "batch_size") -> None:
    """Looks whether a batch can fit into memory on its way through a network.

    Examples:
        >>> check_batch(65_000, 4000)
        Traceback (most recent call last):
        ...
        ValueError: It does not fit: a batch takes 416,000.0 GB, ...
    """
    try:
        check_memory("a batch", images * image_size**2 * _BYTES_PER_PIXEL)
    except ValueError as error:
        raise ValueError(
            f"It does not fit: {error}. Lower `{name}` or `image_size`. "
            f"Received: {name}={images}, image_size={image_size}"
        ) from error
