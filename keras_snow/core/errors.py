"""What an error says: in one sentence, and about the machine."""

import errno

_LACKING = {errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC}
# Of TensorFlow, XLA, C++ (OpenVINO, ONNX Runtime), Pillow and Python.
_WORDS = (
    "out of memory",
    "resource exhausted",
    "resource_exhausted",
    "bad_alloc",
    "bad allocation",
    "failed to allocate",
    "cannot allocate memory",
    "can't start new thread",
)


def sentence_of(error: BaseException) -> str:
    r"""Returns an error's message on one line.

    Args:
        error: What was raised.

    Examples:
        >>> sentence_of(ValueError("Too\n  few images."))
        'Too few images.'
        >>> sentence_of(KeyError())
        'KeyError'
    """
    if isinstance(error, OSError) and error.strerror:
        place = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{place}"
    return " ".join(str(error).split()) or type(error).__name__


def lacks_resources(error: BaseException) -> bool:
    """Returns whether the machine's memory, disk or files were used up.

    Args:
        error: What was raised.

    Examples:
        >>> lacks_resources(RuntimeError("std::bad_alloc"))
        True
        >>> lacks_resources(ValueError("Too few images."))
        False
    """
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError) and error.errno in _LACKING:
        return True
    kind = type(error).__name__.lower()
    text = str(error).lower()
    return "resourceexhausted" in kind or any(x in text for x in _WORDS)
