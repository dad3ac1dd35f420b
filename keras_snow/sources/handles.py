"""Handles of published networks, looked at without Keras."""

import importlib.util

HUB = "keras_hub:"
_NEEDS = {
    HUB: ("keras_hub", "keras-hub"),
    "kaggle://": ("keras_hub", "keras-hub"),
    "hf://": ("huggingface_hub", "huggingface_hub"),
}


def is_handle(spec: str) -> bool:
    """Tells whether a source is given by the handle of a published network.

    Args:
        spec: What the user typed.

    Examples:
        >>> is_handle("keras_hub:dinov2_small"), is_handle("resnet50")
        (True, False)
    """
    return spec.startswith(tuple(_NEEDS))


def check_handle(spec: str) -> None:
    """Looks whether the package that loads a handle is there.

    Args:
        spec: A handle.

    Raises:
        OSError: If it is missing.
    """
    (module, package) = next(
        _NEEDS[start] for start in _NEEDS if spec.startswith(start)
    )
    if importlib.util.find_spec(module) is None:
        more = (
            " It brings the full TensorFlow; beside `tensorflow-cpu` take an "
            "environment of its own."
            if module == "keras_hub"
            else ""
        )
        raise OSError(
            f"Such a source is loaded by the package `{package}`, which is not "
            f"installed: `pip install {package}`.{more} "
            f"Received: source={spec!r}"
        )
