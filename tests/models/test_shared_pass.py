"""What is trained on a source's maps equals the model it was parted from."""

import numpy as np
import pytest
from keras import ops

from keras_snow.baselines import METHODS
from keras_snow.baselines import build_method
from keras_snow.models.shared_pass import split_at_source
from tests.toys import images
from tests.toys import residual_network

SHARING = [name for name in METHODS.names() if METHODS.get(name).shares_pass]
OTHERS = [name for name in METHODS.names() if name not in SHARING]


@pytest.mark.parametrize("method", SHARING)
def test_the_rest_answers_like_the_whole(method):
    model = build_method(method, residual_network(), 3)
    source, rest = split_at_source(model)
    batch = ops.convert_to_tensor(images(2, 32))
    maps = source(batch)
    assert sorted(maps) == sorted(tap.name for tap in source.taps)
    np.testing.assert_allclose(
        ops.convert_to_numpy(rest({"image": batch, **maps})),
        ops.convert_to_numpy(model(batch)),
        rtol=1e-5,
        atol=1e-5,
    )


@pytest.mark.parametrize("method", SHARING)
def test_the_rest_trains_what_the_model_trains(method):
    model = build_method(method, residual_network(), 3)
    _, rest = split_at_source(model)
    expected = {id(variable) for variable in model.trainable_variables}
    assert {id(variable) for variable in rest.trainable_variables} == expected


@pytest.mark.parametrize("method", OTHERS)
def test_what_changes_its_source_cannot_be_parted(method):
    model = build_method(method, residual_network(), 3)
    with pytest.raises(ValueError, match="0 frozen sources"):
        split_at_source(model)
