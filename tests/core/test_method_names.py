"""The names of methods are those of the methods there are."""

import pytest

from keras_snow.baselines import METHODS
from keras_snow.core.method_names import METHOD_NAMES
from keras_snow.core.method_names import check_method
from keras_snow.lifelong.methods import sequence_methods


def test_every_method_has_its_functions_name_as_a_long_one():
    found = {x: METHODS.get(x).build.__name__ for x in METHODS.names()}
    assert found == METHOD_NAMES


def test_methods_of_sequences_are_known():
    for name in sequence_methods():
        assert check_method(name, sequences=True) == name


def test_a_method_of_sequences_learns_no_single_task():
    with pytest.raises(ValueError, match="Unknown method"):
        check_method("ft_shared")
