"""Checks of what a user hands in."""

import numpy as np
import pytest

from keras_snow.core.checks import check_count
from keras_snow.core.checks import check_k
from keras_snow.core.checks import check_labels
from keras_snow.core.checks import check_not_negative
from keras_snow.core.checks import check_pixels
from keras_snow.core.checks import check_share


@pytest.mark.parametrize("value", [1, 7, np.int64(7)])
def test_counts_are_plain_whole_numbers(value):
    assert check_count("k", value) == value
    assert type(check_count("k", value)) is int


@pytest.mark.parametrize("value", [1.0, "1", True, None, float("nan")])
def test_what_is_no_whole_number_is_no_count(value):
    with pytest.raises(TypeError, match="`steps`.*Received: steps="):
        check_count("steps", value)


@pytest.mark.parametrize("value", [0, -1])
def test_a_count_that_is_too_small_says_the_least(value):
    with pytest.raises(ValueError, match="at least 1. Received: steps="):
        check_count("steps", value)


@pytest.mark.parametrize("value", [0, 0.5, np.float32(2.0), np.int32(3)])
def test_numbers_from_zero_up_are_not_negative(value):
    assert check_not_negative("sigma", value) == value


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_negative_and_not_finite_numbers_are_refused(value):
    with pytest.raises(ValueError, match="`sigma`.*Received: sigma="):
        check_not_negative("sigma", value)


@pytest.mark.parametrize("value", ["0.1", True, None, [0.1]])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="`sigma`.*Received: sigma="):
        check_not_negative("sigma", value)


@pytest.mark.parametrize("value", [-0.1, 1, 1.5, float("nan")])
def test_a_share_lies_between_0_and_1(value):
    with pytest.raises(ValueError, match="`dropout`.*Received: dropout="):
        check_share("dropout", value)


@pytest.mark.parametrize("value", [1, 300, 0.001, 1.0, np.float32(0.5)])
def test_k_is_a_number_of_maps_or_a_share(value):
    assert check_k(value) == value


@pytest.mark.parametrize("value", [0, -3, 0.0, -0.5, 1.5, float("nan")])
def test_k_out_of_range_is_refused(value):
    with pytest.raises(ValueError, match="Received: k="):
        check_k(value)


@pytest.mark.parametrize("value", ["8", None, True, [8]])
def test_k_that_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="Received: k="):
        check_k(value)


@pytest.mark.parametrize(
    "labels",
    [
        [0, 1, 2],
        np.array([0.0, 1.0, 2.0]),
        np.array([[0], [1], [2]], "uint8"),
        np.array([0, 1, 2], "int64"),
    ],
)
def test_labels_become_one_row_of_int32(labels):
    checked = check_labels(labels, 3)
    assert checked.dtype == "int32"
    np.testing.assert_array_equal(checked, [0, 1, 2])


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.eye(3), "argmax"),
        (np.array([[1, 0, 0], [1, 0, 1]]), "row 1 names several classes"),
        (np.zeros((2, 3)), "row 0 names several classes, or none"),
        ([0, 1.5], "label=1.5 at position 1"),
        ([0, float("nan")], "label=nan at position 1"),
        ([0, float("inf")], "label=inf"),
        ([0, 3], "between 0 and 2 for 3 classes.*label=3 at position 1"),
        ([0, -1], "label=-1"),
        (["cat", "dog"], "dtype"),
        (5, "shape"),
    ],
)
def test_labels_that_are_no_class_numbers_say_why(labels, words):
    with pytest.raises(ValueError, match=words):
        check_labels(labels, 3)


def test_raw_images_pass():
    draw = np.random.default_rng(0)
    check_pixels(draw.uniform(0, 255, (2, 4, 4, 3)))
    check_pixels(draw.integers(0, 256, (2, 4, 4, 3)).astype("uint8"))


def test_a_black_image_passes():
    check_pixels(np.zeros((1, 4, 4, 3), "float32"))


def test_whole_numbers_are_never_taken_for_scaled():
    check_pixels(np.eye(3, dtype="uint8")[None, :, :, None].repeat(3, -1))


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((4, 4, 3)), "shape"),
        (np.zeros((1, 4, 4, 1)), "shape"),
        (np.full((1, 4, 4, 3), np.nan), "not finite"),
        (np.full((1, 4, 4, 3), np.inf), "not finite"),
        (np.linspace(0, 1, 48).reshape(1, 4, 4, 3), "0-1 by 255"),
        (np.linspace(-1, 1, 48).reshape(1, 4, 4, 3), "0 to 255"),
        (np.linspace(-120, 130, 48).reshape(1, 4, 4, 3), "0 to 255"),
        (np.linspace(0, 65535, 48).reshape(1, 4, 4, 3), "0 to 255"),
        (np.full((1, 4, 4, 3), 9000, "uint16"), "0 to 255"),
        (np.full((1, 4, 4, 3), -100, "int16"), "0 to 255"),
        (np.arange(48).reshape(1, 4, 4, 3) // 47, "0-1 by 255"),
    ],
)
def test_images_that_are_not_raw_rgb_say_why(images, words):
    with pytest.raises(ValueError, match=words):
        check_pixels(images)


def test_one_nan_pixel_is_found():
    images = np.full((2, 4, 4, 3), 100.0)
    images[1, 2, 3, 0] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        check_pixels(images)
