"""The tasks that the package draws itself."""

import dataclasses

import numpy as np
import pytest

from keras_snow.data import load_task
from keras_snow.data.demo import draw_examples
from keras_snow.data.demo import load_demo_task
from keras_snow.data.demo_drawing import SHAPES
from keras_snow.data.demo_drawing import TEXTURES
from keras_snow.data.demo_drawing import Objects
from keras_snow.data.demo_drawing import _coverage
from keras_snow.data.demo_drawing import draw
from keras_snow.data.demo_scenes import SCENES


def one(**changes):
    fields = {
        "shape": 0.0,
        "texture": 0.0,
        "x": 0.0,
        "y": 0.0,
        "size": 0.6,
        "angle": 0.0,
        "frequency": 6.0,
        "direction": 0.0,
    } | changes
    return Objects(**{name: np.array([[v]]) for name, v in fields.items()})


def masks(objects, size=46):
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(axis, axis)
    fields = vars(objects)
    return [
        _coverage({n: v[:, slot] for n, v in fields.items()}, x, y, size)
        for slot in range(objects.shape.shape[1])
    ]


def centre(mask):
    axis = np.linspace(-1, 1, mask.shape[-1])
    total = mask.sum(axis=(1, 2))
    x = (mask * axis).sum(axis=(1, 2)) / total
    y = (mask * axis[:, None]).sum(axis=(1, 2)) / total
    return x, y


@pytest.mark.parametrize("name", SCENES.names())
def test_the_same_seed_draws_the_same_images(name):
    first, labels = draw_examples(name, 20, [3, 0])
    again, same = draw_examples(name, 20, [3, 0])
    other, _ = draw_examples(name, 20, [4, 0])
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(labels, same)
    assert (first != other).any()


@pytest.mark.parametrize("name", SCENES.names())
def test_all_classes_are_equally_frequent(name):
    classes = len(SCENES.get(name).class_names)
    _, labels = draw_examples(name, 2 * classes, [0], image_size=16)
    assert np.bincount(labels).tolist() == [2] * classes


def test_images_are_raw_rgb():
    images, _ = draw_examples("shapes", 30, [0])
    assert images.dtype == np.uint8
    assert images.shape == (30, 46, 46, 3)
    assert images.max() > 200
    assert images.min() < 55


def test_how_many_are_drawn_at_once_changes_no_shape():
    rng = np.random.default_rng(0)
    objects = SCENES.get("counting").compose(rng, np.arange(10) % 5)
    np.testing.assert_array_equal(
        masks(objects)[0][4:7], masks(objects.rows(4, 7))[0]
    )


def test_no_scenes_give_no_images():
    none = one().rows(0, 0)
    assert draw(none, np.random.default_rng(0), 32).shape == (0, 32, 32, 3)


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_every_shape_covers_a_part_of_its_size(shape):
    (mask,) = masks(one(shape=float(shape)))
    size = np.pi * (0.6 * 23) ** 2
    assert 0.15 < mask.sum() / size < 1.0


def test_a_missing_shape_covers_nothing():
    (mask,) = masks(one(shape=-1.0))
    assert not mask.any()


@pytest.mark.parametrize("texture", range(len(TEXTURES)))
def test_textures_differ_on_the_same_shape(texture):
    def drawn(index):
        rng = np.random.default_rng(0)
        return draw(one(texture=float(index)), rng).astype(int)

    other = (texture + 1) % len(TEXTURES)
    inside = masks(one())[0][0] == 1
    difference = np.abs(drawn(texture) - drawn(other)).mean(axis=-1)[0]
    assert difference[inside].mean() > 10
    outside = masks(one())[0][0] == 0
    assert difference[outside].max() == 0


@pytest.mark.parametrize("label", range(5))
def test_counting_shows_as_many_shapes_as_it_says(label):
    rng = np.random.default_rng(0)
    objects = SCENES.get("counting").compose(rng, np.full(50, label))
    shown = [mask.any(axis=(1, 2)) for mask in masks(objects)]
    assert np.sum(shown, axis=0).tolist() == [label + 1] * 50


@pytest.mark.parametrize(
    ("label", "axis", "sign"), [(0, 0, 1), (1, 1, 1), (2, 0, -1), (3, 1, -1)]
)
def test_the_relation_is_where_the_disc_lies(label, axis, sign):
    rng = np.random.default_rng(0)
    objects = SCENES.get("relation").compose(rng, np.full(50, label))
    star, disc = (centre(mask) for mask in masks(objects))
    assert (sign * (disc[axis] - star[axis]) > 0.2).all()


@pytest.mark.parametrize("label", range(8))
def test_pointing_shapes_have_their_tip_there(label):
    rng = np.random.default_rng(0)
    objects = SCENES.get("pointing").compose(rng, np.full(60, label))
    triangles = objects.shape[:, 0] == SHAPES.index("triangle")
    (mask,) = masks(objects)
    angle = label * np.pi / 4
    x, y = np.sin(angle), -np.cos(angle)
    axis = np.linspace(-1, 1, mask.shape[-1])
    along = x * (axis - objects.x[..., None]) + y * (
        axis[:, None] - objects.y[..., None]
    )
    along = np.where(mask[triangles] > 0.5, along[triangles], 0)
    # The tip of a triangle lies as far from its centre as its base or more,
    # and less of the triangle is on the tip's side.
    assert ((along > 0.3).sum((1, 2)) < (along < -0.3).sum((1, 2))).all()


def test_stripes_change_across_their_direction_only():
    flat = one(frequency=4.0, size=0.9, shape=1.0)
    rng = np.random.default_rng(1)
    image = draw(flat, rng).astype(float)[0, 13:33, 13:33]
    across = np.abs(np.diff(image, axis=1)).mean()
    along = np.abs(np.diff(image, axis=0)).mean()
    assert across > 1.5 * along


def test_load_task_knows_the_demo():
    task = load_task("demo:counting", validation=0.1, test=0.25, seed=1)
    assert task.name == "demo:counting"
    assert len(task.labels("train")) == 800
    assert len(task.labels("validation")) == 80
    assert len(task.labels("test")) == 200


def test_a_split_does_not_depend_on_the_others():
    small = load_demo_task("relation", train=8, validation=0, test=12)
    large = load_demo_task("relation", train=16, validation=4, test=12)
    assert set(small.splits) == {"train", "test"}
    for index in range(12):
        np.testing.assert_array_equal(
            small.split("test").read(index), large.split("test").read(index)
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "conting"}, "Did you mean `counting`"),
        ({"name": "counting", "train": 3}, "at least 5. Received: train=3"),
        ({"name": "counting", "test": -1}, "Received: test=-1"),
        ({"name": "counting", "seed": -1}, "Received: seed=-1"),
        ({"name": "counting", "image_size": 4}, "Received: image_size=4"),
    ],
)
def test_bad_requests_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        load_demo_task(**options)


def test_objects_are_replaced_field_by_field():
    moved = dataclasses.replace(one(), x=np.array([[0.3]]))
    assert centre(masks(moved)[0])[0] > centre(masks(one())[0])[0]
