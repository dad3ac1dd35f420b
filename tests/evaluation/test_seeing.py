"""What a model sees: activations, first filters, heat maps, selections."""

import keras
import numpy as np
import pytest
from keras import layers
from keras import ops

from keras_snow.evaluation import TaskSelections
from keras_snow.evaluation import activations
from keras_snow.evaluation import first_filters
from keras_snow.evaluation import heat_map
from keras_snow.evaluation import heat_maps
from keras_snow.layers.preprocessing import Preprocessing
from keras_snow.models import SNOWModel
from keras_snow.training.gradient import gradient_of
from tests.toys import SETTINGS
from tests.toys import images
from tests.toys import residual_network


@pytest.fixture(scope="module")
def network():
    return residual_network()


@pytest.fixture(scope="module")
def model(network):
    return SNOWModel.from_source(network, num_classes=3, **SETTINGS)


def test_gradients_are_those_of_the_function():
    value = {"a": ops.convert_to_tensor([2.0, 3.0]), "b": ops.zeros((2,))}
    found = gradient_of(lambda x: ops.sum(x["a"] ** 3), value)
    np.testing.assert_allclose(found["a"], [12.0, 27.0])
    np.testing.assert_allclose(found["b"], [0.0, 0.0])


def test_the_maps_behind_a_relu_are_those_before_it_rectified(network):
    found = activations(network, images(1)[0], "block2_out")
    assert found.layer == "block2_out"
    assert found.before.shape == (8, 8, 16)
    assert found.before.min() < 0
    np.testing.assert_array_equal(found.after, found.before.clip(0))


def test_a_convolution_is_shown_with_the_relu_behind_its_normalisation(network):
    found = activations(network, images(1)[0], "stem_conv")
    assert found.layer == "stem_relu"
    tapped = keras.Model(network.input, network.get_layer("stem_relu").output)
    expected = ops.convert_to_numpy(tapped(images(1)))[0]
    np.testing.assert_allclose(found.after, expected, atol=1e-5)


def test_a_function_within_a_convolution_is_taken_off():
    image = keras.Input((None, None, 3))
    maps = layers.Conv2D(8, 3, 2, activation="relu", name="fused")(image)
    maps = layers.MaxPooling2D(2, name="pooled")(maps)
    network = keras.Model(image, maps)
    found = activations(network, images(1)[0] - 128, "pooled")
    assert found.layer == "fused"
    assert found.before.min() < 0
    np.testing.assert_allclose(found.after, found.before.clip(0), atol=1e-4)


def test_maps_without_a_function_are_rectified():
    image = keras.Input((None, None, 3))
    network = keras.Model(image, layers.Conv2D(8, 3, name="plain")(image))
    found = activations(network, images(1)[0] - 128, "plain")
    assert found.before.min() < 0
    np.testing.assert_array_equal(found.after, found.before.clip(0))


@pytest.mark.parametrize("name", ["block2_oot", "image"])
def test_a_tap_that_is_not_there_names_the_nearest(network, name):
    with pytest.raises(ValueError, match=f"Received: tap='{name}'"):
        activations(network, images(1)[0], name)


def test_first_filters_of_a_network_that_reads_bgr_are_turned_back():
    image = keras.Input((None, None, 3))
    convolution = layers.Conv2D(4, 3, use_bias=False)
    maps = convolution(Preprocessing("caffe")(image))
    kernel = np.zeros((3, 3, 3, 4), "float32")
    kernel[:, :, 2] = 1.0  # The network's third colour is red.
    convolution.set_weights([kernel])
    found = first_filters(keras.Model(image, maps))
    np.testing.assert_array_equal(found[:, :, 0], 1.0)
    np.testing.assert_array_equal(found[:, :, 1:], 0.0)


def test_first_filters_of_a_plain_network_are_its_kernel(network):
    kernel = ops.convert_to_numpy(network.get_layer("stem_conv").kernel)
    np.testing.assert_array_equal(first_filters(network), kernel)


def bright_spot(row, column):
    image = np.zeros((32, 32, 3), "float32")
    image[row : row + 8, column : column + 8] = 255.0
    return image


def spot_model():
    """Its logits are means of two maps: of brightness, and of darkness."""
    image = keras.Input((None, None, 3))
    early = layers.Conv2D(4, 1, use_bias=False, name="early")
    late = layers.AveragePooling2D(4, name="late")
    source = keras.Model(image, late(early(image)))
    early.set_weights([np.full((1, 1, 3, 4), 1 / 765, "float32")])
    model = SNOWModel.from_source(
        source, 2, taps=["early", "late"], **SETTINGS | {"head": "last"}
    )
    # The body is silent; the head reads the last tap: class 1 likes it.
    own = model.delta.get_layer("delta_logits")
    own.set_weights([np.zeros(w.shape) for w in own.get_weights()])
    kernel = model.delta.get_layer("late_head").kernel
    weights = np.zeros(kernel.shape, "float32")
    weights[..., 1] = 5.0
    kernel.assign(weights)
    return model


@pytest.mark.parametrize(
    ("place", "corner"), [("late", (0, 24)), ("all", (16, 8))]
)
def test_heat_is_where_the_answer_comes_from(place, corner):
    row, column = corner
    found = heat_map(spot_model(), bright_spot(row, column), place=place)
    assert found.label == 1
    inside = np.zeros((32, 32), bool)
    inside[row : row + 8, column : column + 8] = True
    heat = found.heat
    assert heat.shape == (32, 32)
    assert heat.max() == pytest.approx(1.0)
    assert heat[inside].sum() > 0.7 * heat.sum()


def test_several_images_are_looked_at_one_by_one():
    model, corners = spot_model(), [(0, 0), (16, 8)]
    images = np.stack([bright_spot(*corner) for corner in corners])
    together = heat_maps(model, images)
    for found, image in zip(together, images, strict=True):
        alone = heat_map(model, image)
        np.testing.assert_allclose(found.heat, alone.heat, atol=1e-5)
        assert found.label == alone.label


def test_what_speaks_against_a_class_is_no_heat():
    model = spot_model()
    kernel = model.delta.get_layer("late_head").kernel
    kernel.assign(-ops.convert_to_tensor(kernel))
    assert heat_map(model, bright_spot(0, 0), label=1).heat.max() == 0.0


@pytest.mark.parametrize("place", ["block1_out", "delta"])
def test_the_gradient_that_heat_is_made_of_is_exact(model, place):
    from keras_snow.evaluation.heat_map import _run

    delta = model.delta
    own = delta.get_layer("delta_logits")
    random = np.random.default_rng(0)
    own.set_weights([random.normal(size=w.shape) for w in own.get_weights()])
    pixels = ops.convert_to_tensor(images(1))
    inputs = {"image": pixels, **model.source(pixels)}
    logits, last = _run(delta, inputs)
    np.testing.assert_allclose(
        ops.convert_to_numpy(logits),
        ops.convert_to_numpy(model(pixels)),
        atol=1e-4,
    )
    maps = last if place == "delta" else inputs[place]
    zero = {place: ops.zeros_like(maps)}
    found = gradient_of(lambda x: _run(delta, inputs, x)[0][0, 2], zero)[place]
    direction = random.normal(size=maps.shape).astype("float32")
    step = 1e-2
    ends = [
        float(_run(delta, inputs, {place: sign * step * direction})[0][0, 2])
        for sign in (1.0, -1.0)
    ]
    slope = (ends[0] - ends[1]) / (2 * step)
    exact = float(np.sum(ops.convert_to_numpy(found) * direction))
    assert abs(exact) > 1e-3
    assert slope == pytest.approx(exact, rel=0.1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"place": "block2_oot"}, "Did you mean `block2_out`"),
        ({"label": 3}, "3 classes"),
        ({"label": -1}, "label=-1"),
    ],
)
def test_bad_arguments_of_a_heat_map(model, options, words):
    with pytest.raises(ValueError, match=words):
        heat_map(model, images(1)[0], **options)


def test_selections_of_a_file_are_those_of_the_model(model, tmp_path):
    pooling = model.delta.poolings[1]
    values = np.linspace(1, 2, 8).astype("float32")
    pooling.importance.assign(values)
    model.save_delta(tmp_path / "delta.keras")
    found = TaskSelections.read(tmp_path / "delta.keras")
    assert list(found.chosen) == ["stem_relu", "block1_out", "block2_out"]
    assert found.chosen["block1_out"].tolist() == [6, 7]
    np.testing.assert_array_equal(found.importances["block1_out"], values)
    assert found.counts["block2_out"] == (4, 16)
    assert TaskSelections.of(model).chosen.keys() == found.chosen.keys()


def test_a_model_without_channel_pooling_has_no_selections(network):
    settings = SETTINGS | {"subscription": "all"}
    model = SNOWModel.from_source(network, num_classes=3, **settings)
    with pytest.raises(ValueError, match="chooses no channels"):
        TaskSelections.of(model)
