"""Refusal: why a request is not answered, with its status."""

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818 - An answer, and no error of ours.
    """Says why a request is not answered.

    Args:
        status: The HTTP status.
        sentence: What was wrong, and how to mend it.
        headers: Of the answer.
    """

    def __init__(
        self,
        status: int,
        sentence: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers or {}
