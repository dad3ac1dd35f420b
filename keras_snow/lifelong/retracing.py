"""No advice of TensorFlow's about many models in one process."""

import contextlib
import logging
from collections.abc import Iterator


@contextlib.contextmanager
def without_retracing_advice() -> Iterator[None]:
    """Holds back TensorFlow's warning that functions are traced often.

    It takes the answers of many models, each traced once, for one that is
    traced again and again.

    Examples:
        >>> with without_retracing_advice():
        ...     logging.getLogger("tensorflow").warning("tf.function retracing")
    """
    logger = logging.getLogger("tensorflow")

    def is_other(record: logging.LogRecord) -> bool:
        return "retracing" not in record.getMessage()

    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)
