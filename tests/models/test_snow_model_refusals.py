"""SNOWModel refuses bad input and bad arguments before it learns."""

import keras
import numpy as np
import pytest

from keras_snow.models import SNOWModel
from keras_snow.sources import Source
from tests.models.toy_models import model_of
from tests.toys import SETTINGS
from tests.toys import assert_equal_values
from tests.toys import images
from tests.toys import residual_network
from tests.toys import values_of


@pytest.mark.once
@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (images(4), [0, 1, 2, 3], "label=3 at position 3"),
        (images(4), [0, -1, 2, 0], "label=-1"),
        (images(4), [0, 1, 0.5, 0], "label=0.5"),
        (images(4), [0, 1, np.nan, 0], "label=nan"),
        (images(4), np.eye(4)[:, :3], "one-hot"),
        (images(4) / 255, [0, 1, 2, 0], "0-1 by 255"),
        (images(4) * np.nan, [0, 1, 2, 0], "not finite"),
        (images(4)[..., :1], [0, 1, 2, 0], "images.shape"),
        (images(4, 2), [0, 1, 2, 0], "too small.*height=2"),
        (images(0), [], "no images"),
    ],
)
def test_bad_input_is_refused_before_the_first_step(x, y, words):
    model = model_of()
    before = values_of(model)
    with pytest.raises(ValueError, match=words):
        model.fit(x, np.array(y), verbose=0)
    assert_equal_values(before, values_of(model))


def test_a_bad_label_at_the_end_is_refused_before_the_first_step():
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices((images(6), [0, 1, 2, 0, 1, 3]))
    model = model_of()
    before = values_of(model)
    with pytest.raises(ValueError, match="label=3"):
        model.fit(data.batch(2), verbose=0)
    assert_equal_values(before, values_of(model))


def test_an_empty_data_set_is_refused():
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices((images(2), [0, 1])).batch(2)
    with pytest.raises(ValueError, match="no images"):
        model_of().fit(data.take(0), verbose=0)


def test_images_that_a_valid_convolution_shrinks_to_nothing_are_refused():
    image = keras.Input((None, None, 3))
    maps = image
    for name in ("first", "second", "third"):
        maps = keras.layers.Conv2D(8, 3, 2, name=name)(maps)
    source = Source(keras.Model(image, maps), ["first", "third"])
    model = model_of(source, head="levels")
    model.check_image_size(15, 15)
    with pytest.raises(ValueError, match="too small.*height=8"):
        model.fit(images(4, 8), np.array([0, 1, 2, 0]), verbose=0)


def test_a_bad_pixel_at_the_end_is_refused_before_the_first_step():
    x = images(6)
    x[-1] = np.nan
    model = model_of()
    before = values_of(model)
    with pytest.raises(ValueError, match="not finite"):
        model.fit(x, np.zeros(6), batch_size=2, verbose=0)
    assert_equal_values(before, values_of(model))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"k": 9}, "k=9, channels=8"),
        ({"k": 0}, "k=0"),
        ({"sigma": float("nan")}, "sigma=nan"),
        ({"sigma": -1.0}, "sigma=-1"),
        ({"binding": "row"}, "Did you mean `rows`"),
        ({"num_classes": 1}, "num_classes=1"),
        ({"taps": ["stem_relu"]}, "two taps"),
        ({"taps": ["stem_relu", "block9_out"]}, "no such layer"),
        ({"widht": 1.0}, "Did you mean `width`"),
    ],
)
def test_arguments_out_of_range_are_refused(options, words):
    arguments = {"num_classes": 3, **SETTINGS, **options}
    with pytest.raises(ValueError, match=words):
        SNOWModel.from_source(residual_network(), **arguments)


@pytest.mark.once
@pytest.mark.parametrize(
    "x",
    [
        images(4).transpose(0, 3, 1, 2),
        images(4).reshape(4, -1),
        images(4).tolist(),
        [(image, 0) for image in images(4)],
    ],
    ids=["channels first", "flat", "lists", "no batches"],
)
def test_another_shape_is_told_as_what_it_is(x):
    with pytest.raises(ValueError, match=r"Images must have the shape \(batch"):
        model_of().fit(x, np.zeros(4, int), verbose=0)


@pytest.mark.once
def test_batches_of_dictionaries_are_refused():
    with pytest.raises(ValueError, match=r"not dictionaries.*\['image'"):
        model_of().fit([{"image": images(4), "label": [0, 1, 2, 0]}])


@pytest.mark.once
@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (images(4), [0, 1, 2, 3], "label=3 at position 3"),
        (images(4) / 255, [0, 1, 2, 0], "0-1 by 255"),
    ],
)
def test_validation_data_are_looked_at_before_the_first_step(x, y, words):
    model = model_of()
    before = values_of(model)
    with pytest.raises(ValueError, match=words):
        model.fit(
            images(4),
            np.array([0, 1, 2, 0]),
            validation_data=(x, np.array(y)),
            verbose=0,
        )
    assert_equal_values(before, values_of(model))


@pytest.mark.once
def test_evaluate_tells_one_hot_labels():
    with pytest.raises(ValueError, match="one-hot"):
        model_of().evaluate(images(4), np.eye(4)[:, :3], verbose=0)
