"""A small source with all that a method may look for."""

import functools

from keras_snow.sources.source import Source
from tests.toys import STAGES
from tests.toys import residual_network


def a_source(seed=0):
    """Three residual blocks, the last of which is the last stage."""
    return Source(residual_network(seed), list(STAGES))


@functools.cache
def the_source():
    """One that is shared by tests which leave it alone."""
    return a_source()
