"""Which methods learn a sequence, and how their tasks live together."""

from keras_snow.baselines import METHODS
from keras_snow.core.method_names import LONG_NAMES
from keras_snow.core.method_names import SEQUENCES
from keras_snow.core.registry import nearest_names
from keras_snow.lifelong.distilled_body import DistilledBody
from keras_snow.lifelong.learner import Learner
from keras_snow.lifelong.own_weights import OwnWeights
from keras_snow.lifelong.shared_body import SharedBody

SHARED: dict[str, type[Learner]] = {
    "ft_shared": SharedBody,
    "lf": DistilledBody,
}
"""How the tasks of the methods live together that let them share a body."""


def sequence_methods() -> list[str]:
    """Returns the names of the methods that learn a sequence.

    Examples:
        >>> "ft_shared" in sequence_methods(), "snow" in sequence_methods()
        (True, True)
    """
    return list(dict.fromkeys([*METHODS.names(), *SHARED]))


def method_of_one_task(name: str) -> str:
    """Returns the method that learns a single task of a sequence.

    Examples:
        >>> method_of_one_task("ft_shared"), method_of_one_task("snow")
        ('ft', 'snow')
    """
    known = sequence_methods()
    if name not in known:
        raise ValueError(
            "No such method learns a sequence. "
            f"{nearest_names(name, known, LONG_NAMES)} "
            f"Received: method={name!r}"
        )
    return SEQUENCES.get(name, name)


def learner_of(name: str) -> type[Learner]:
    """Returns how the tasks of a method live together.

    Examples:
        >>> learner_of("fo").shared, learner_of("lf").shared
        (False, True)
    """
    return SHARED.get(name, OwnWeights)
