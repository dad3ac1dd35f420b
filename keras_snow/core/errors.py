"""An error in one sentence."""


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
