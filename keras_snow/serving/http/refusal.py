"""Refusal: why a request is not answered, with its status."""


class Refusal(Exception):  # noqa: N818 - An answer, and no error of ours.
    """Says why a request is not answered.

    Args:
        status: The HTTP status.
        sentence: What was wrong, and how to mend it.

    Examples:
        >>> Refusal(404, "There is no such task.").status
        404
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
