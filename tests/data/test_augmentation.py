"""Crops are where they should be, and random ones stay in bounds."""

import io

import numpy as np
import pytest
from PIL import Image

from keras_snow.data.augmentation import AUGMENTATIONS
from keras_snow.data.augmentation import augment
from keras_snow.data.augmentation import evaluation_crop
from keras_snow.data.augmentation import evaluation_image
from keras_snow.data.augmentation import get_augmentation
from keras_snow.data.augmentation import near_box
from keras_snow.data.augmentation import random_box


def ramp(height, width):
    values = np.linspace(0, 255, width).astype("uint8")
    return np.stack([np.tile(values, (height, 1))] * 3, axis=-1)


def test_evaluation_crop_is_the_centre_of_the_resized_image():
    image = ramp(100, 150)
    resized = Image.fromarray(image).resize((384, 256), Image.BILINEAR)
    expected = np.asarray(resized)[16:240, 80:304]
    np.testing.assert_array_equal(evaluation_crop(image, 224), expected)


@pytest.mark.parametrize("shape", [(1, 1), (1, 90), (300, 7), (146, 146)])
def test_evaluation_crop_takes_any_shape(shape):
    image = np.full((*shape, 3), 9, "uint8")
    crop = evaluation_crop(image, 128)
    assert crop.shape == (128, 128, 3)
    assert (crop == 9).all()


def test_a_file_is_read_as_evaluation_reads_it(tmp_path):
    Image.fromarray(ramp(100, 150)).save(tmp_path / "a.png")
    np.testing.assert_array_equal(
        evaluation_image(tmp_path / "a.png", 32),
        evaluation_crop(
            np.asarray(Image.fromarray(ramp(100, 150)).resize((56, 37), 2)), 32
        ),
    )


def test_bytes_are_read_as_files_are():
    file = io.BytesIO()
    Image.fromarray(ramp(50, 50)).save(file, "PNG")
    assert evaluation_image(file.getvalue(), 32).shape == (32, 32, 3)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 300), (300, 200)])
def test_a_crop_near_that_of_evaluation_lies_in_the_image(shape):
    generator = np.random.default_rng(0)
    for _ in range(200):
        left, top, right, bottom = near_box(shape, 0.25, generator)
        assert 0 <= left < right <= shape[1]
        assert 0 <= top < bottom <= shape[0]


def test_without_spread_it_is_the_crop_of_evaluation():
    box = near_box((256, 300), 0.0, np.random.default_rng(0))
    assert box == (38, 16, 262, 240)


def test_things_keep_about_the_size_that_evaluation_shows():
    generator = np.random.default_rng(0)
    boxes = np.array(
        [near_box((400, 900), 0.25, generator) for _ in range(400)]
    )
    widths, heights = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    side = 400 * 224 / 256
    assert abs(np.median(widths) / side - 1) < 0.05
    assert abs(np.median(heights) / side - 1) < 0.05
    assert np.abs(np.log(widths / heights)).max() < 0.2
    assert widths.std() > 0.05 * side
    middles = (boxes[:, 0] + boxes[:, 2]) / 2
    assert np.abs(middles - 450).max() <= 0.26 * side
    assert middles.std() > 0.1 * side


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_augmentation_is_a_function_of_the_generator(name):
    def once():
        generator = np.random.default_rng((1, 2, 3))
        return augment(ramp(40, 60), 32, AUGMENTATIONS[name], generator)

    assert once().shape == (32, 32, 3)
    assert once().dtype == np.uint8
    np.testing.assert_array_equal(once(), once())


def test_about_half_of_the_images_are_mirrored():
    image, generator = ramp(37, 37), np.random.default_rng(0)
    mirrored = [
        augment(image, 32, AUGMENTATIONS["flip"], generator)[0, 0, 0] > 127
        for _ in range(200)
    ]
    assert 70 < sum(mirrored) < 130


@pytest.mark.parametrize("min_area", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(100, 150), (64, 64), (90, 60)])
def test_boxes_lie_inside_and_are_large_enough(min_area, shape):
    generator = np.random.default_rng(0)
    for _ in range(100):
        left, top, right, bottom = random_box(shape, min_area, generator)
        assert 0 <= left < right <= shape[1]
        assert 0 <= top < bottom <= shape[0]
        area = (right - left) * (bottom - top) / (shape[0] * shape[1])
        assert area > min_area - 0.03
        assert 0.7 < (right - left) / (bottom - top) < 1.4


def test_long_images_get_a_central_box():
    box = random_box((10, 1000), 0.5, np.random.default_rng(0))
    assert box == (493, 0, 506, 10)


def test_strong_changes_colours_mildly():
    grey = np.full((40, 40, 3), 100, "uint8")
    generator = np.random.default_rng(0)
    means = [
        augment(grey, 32, AUGMENTATIONS["strong"], generator).mean()
        for _ in range(50)
    ]
    assert 75 < min(means) < 90
    assert 110 < max(means) < 125


def test_unknown_augmentations_name_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `strong`"):
        get_augmentation("strnog")


THIN = (1, 1_000_000, 3)


def test_a_strip_is_refused_before_it_is_enlarged(tmp_path):
    words = "too narrow.*Received: 1000000x1 pixels"
    with pytest.raises(ValueError, match=words):
        evaluation_crop(np.zeros(THIN, "uint8"), 32)
    path = tmp_path / "strip.png"
    Image.fromarray(np.zeros(THIN, "uint8")).save(path)
    with pytest.raises(ValueError, match="too narrow.*strip.png.*1000000x1"):
        evaluation_image(path, 32)


def test_a_strip_within_the_limit_is_the_centre_of_the_resized_image():
    image = ramp(2, 8_000)
    resized = Image.fromarray(image).resize((148_000, 37), Image.BILINEAR)
    expected = np.asarray(resized)[2:34, 73_984:74_016]
    np.testing.assert_array_equal(evaluation_crop(image, 32), expected)
