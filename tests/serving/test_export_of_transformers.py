"""What transformers are made of goes into the formats of exports."""

import keras
import numpy as np
import pytest

from keras_snow import SNOWModel
from keras_snow.serving import fold_deltas
from keras_snow.serving.constant_function import constant_function
from keras_snow.serving.format import FORMATS
from keras_snow.sources import Source
from keras_snow.sources.small import vit
from tests.backends import only_tensorflow
from tests.toys import SETTINGS
from tests.toys import images

SIZE = 16
pytestmark = only_tensorflow


@pytest.fixture(scope="module")
def served():
    keras.utils.set_random_seed(0)
    source = Source(vit(SIZE, channels=8, blocks=2, heads=2))
    model = SNOWModel.from_source(source, 3, **SETTINGS)
    return fold_deltas(model.source, {"task": model.delta}, SIZE)


def test_weights_inside_of_an_attention_become_constants(served):
    function = constant_function(served)
    assert not function.get_concrete_function().captured_inputs
    given = function(images(2, SIZE))["task"]
    expected = served(images(2, SIZE))["task"]
    np.testing.assert_allclose(given, expected, atol=1e-6)


def test_onnx_has_the_exact_gelu(served, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    FORMATS.get("onnx").write(served, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))
    (name,) = (given.name for given in session.get_inputs())
    (logits,) = session.run(None, {name: images(2, SIZE)})
    expected = served(images(2, SIZE))["task"]
    np.testing.assert_allclose(logits, expected, atol=1e-5)
