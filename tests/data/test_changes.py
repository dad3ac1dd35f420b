"""Changes of images: what they do, and that they can be repeated."""

import numpy as np
import pytest
from PIL import Image

from keras_snow.data.augmentation import AUGMENTATIONS
from keras_snow.data.augmentation import augment
from keras_snow.data.changes import Change
from keras_snow.data.pipeline import training_batches
from keras_snow.data.task import Task

pytestmark = pytest.mark.once


def drawn(size=40):
    draw = np.random.default_rng(0)
    return draw.integers(0, 256, (size, size, 3), "uint8")


def seeded(seed=0):
    return np.random.default_rng(seed)


def applied(change, image, seed=0):
    change = Change(change, probability=1.0)
    return np.asarray(change(Image.fromarray(image), seeded(seed)))


def test_a_mirrored_image_is_reversed():
    image = drawn()
    np.testing.assert_array_equal(applied("mirror", image), image[:, ::-1])


def test_solarising_inverts_bright_values():
    image = np.array([[[0, 127, 128], [200, 255, 10]]], "uint8")
    expected = [[[0, 127, 127], [55, 0, 10]]]
    assert applied("solarise", image).tolist() == expected


def test_grey_has_equal_channels_and_the_weights_of_601():
    found = applied("grey", np.full((1, 1, 3), [200, 100, 50], "uint8"))
    assert found.tolist() == [[[124, 124, 124]]]


def test_a_blur_smooths_and_sharpening_does_not():
    image = drawn(224)
    spread = image.astype("float64").std()
    assert applied("blur", image).std() < spread
    assert applied("sharpen", image).std() > spread


def test_jitter_stays_within_its_bounds():
    grey = np.full((4, 4, 3), 100, "uint8")
    means = [applied("jitter", grey, seed).mean() for seed in range(200)]
    # Of an even grey image brightness alone counts.
    assert 59 <= min(means) < 65
    assert 135 < max(means) <= 140


def test_an_unknown_change_gets_the_nearest():
    with pytest.raises(ValueError, match="Did you mean `mirror`"):
        Change("miror", 0.5)


def test_a_change_is_made_as_often_as_it_should_be():
    image = Image.fromarray(drawn(4))
    change = Change("mirror", 0.3)
    generator = seeded()
    made = [change(image, generator) is not image for _ in range(2000)]
    assert abs(np.mean(made) - 0.3) < 0.03


@pytest.mark.parametrize("name", ["varied", "views"])
def test_the_same_state_gives_the_same_image(name):
    image, how = drawn(), AUGMENTATIONS[name]
    one, other, third = (augment(image, 32, how, seeded(x)) for x in (1, 1, 2))
    np.testing.assert_array_equal(one, other)
    assert one.shape == (32, 32, 3)
    assert one.dtype == np.uint8
    assert (one != third).any()


def test_what_is_turned_is_black_beyond_the_image():
    white = np.full((56, 56, 3), 255, "uint8")
    how = AUGMENTATIONS["varied"]
    seen = [augment(white, 50, how, seeded(x)) for x in range(20)]
    assert min(each.min() for each in seen) == 0
    assert all(each[25, 25].min() == 255 for each in seen)


def test_two_views_of_an_image_differ_and_follow_from_seed_epoch_and_image():
    images = np.stack([drawn()] * 12)
    task = Task.from_arrays(images, [0, 1] * 6, validation=0, test=0)

    def read(seed, first_epoch, step):
        return training_batches(
            task,
            16,
            4,
            augmentation="views",
            seed=seed,
            first_epoch=first_epoch,
        ).reader(step)[0]

    batch = read(0, 0, 4)
    assert batch.shape == (4, 2, 16, 16, 3)
    assert (batch[:, 0] != batch[:, 1]).any()
    np.testing.assert_array_equal(batch, read(0, 1, 1))
    assert (batch != read(1, 0, 4)).any()
