"""Batches are a pure function of seed, epoch and example."""

import itertools
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_snow.data import Task
from keras_snow.data import evaluation_batches
from keras_snow.data import training_batches
from keras_snow.data.image_sequence import ImageSequence
from tests.data.conftest import noise


@pytest.fixture
def task(two_classes):
    return Task.from_folder(two_classes)


def take(batches, count=None):
    """The first batches as arrays."""
    wanted = itertools.islice(iter(batches.data), count)
    return [
        (np.asarray(images), np.asarray(labels)) for images, labels in wanted
    ]


def same(first, second):
    assert len(first) == len(second) > 0
    for (images, labels), (others, other_labels) in zip(
        first, second, strict=True
    ):
        np.testing.assert_array_equal(images, others)
        np.testing.assert_array_equal(labels, other_labels)


def test_batches_have_the_promised_shape_and_kind(task):
    batches = training_batches(task, 16, 4)
    images, labels = take(batches, 1)[0]
    assert images.shape == (4, 16, 16, 3)
    assert images.dtype == np.float32
    assert images.max() > 1
    assert labels.shape == (4,)
    assert labels.dtype == np.int32
    assert (batches.steps, batches.num_examples) == (3, 12)


def test_an_epoch_sees_each_image_at_most_once():
    images = np.arange(20, dtype="uint8").reshape(20, 1, 1, 1).repeat(8, 1)
    task = Task.from_arrays(
        images.repeat(8, 2), [0, 1] * 10, validation=0, test=0
    )
    batches = training_batches(task, 8, 6)
    epochs = [
        [int(image[0, 0, 0]) for images, _ in epoch for image in images]
        for epoch in (take(batches, 3), take(batches, 6)[3:])
    ]
    assert all(len(set(epoch)) == 18 for epoch in epochs)
    assert epochs[0] != epochs[1]


@pytest.mark.parametrize("augmentation", ["none", "flip", "crop", "strong"])
def test_a_later_start_gives_what_an_uninterrupted_run_sees(task, augmentation):
    options = {"augmentation": augmentation, "seed": 3}
    whole = take(training_batches(task, 16, 4, **options), 12)
    for epoch in range(4):
        part = training_batches(task, 16, 4, first_epoch=epoch, **options)
        same(whole[3 * epoch : 3 * epoch + 3], take(part, 3))


def test_another_seed_is_another_order_and_other_crops(task):
    first, other = (
        take(training_batches(task, 16, 4, seed=seed), 3) for seed in (0, 1)
    )
    assert not np.array_equal(first[0][0], other[0][0])


def test_an_image_is_cropped_anew_in_each_epoch(task):
    reader = training_batches(task, 16, 4).reader
    assert not np.array_equal(reader.example(0, 5), reader.example(1, 5))


@pytest.mark.parametrize("cache", ["memory", "folder"])
def test_a_cache_changes_nothing(task, cache, tmp_path):
    choice = tmp_path / "cache" if cache == "folder" else cache
    plain = take(training_batches(task, 16, 4), 7)
    for _ in range(2):
        same(plain, take(training_batches(task, 16, 4, cache=choice), 7))


def test_the_sequence_gives_the_same_as_tensorflow(task):
    batches = training_batches(task, 16, 4)
    sequence = ImageSequence(batches.reader, None, workers=2)
    same(take(batches, 6), [sequence[step] for step in range(6)])


def test_evaluation_sees_everything_once_in_order(task):
    batches = evaluation_batches(task, "train", 16, 4)
    labels = np.concatenate([labels for _, labels in take(batches)])
    np.testing.assert_array_equal(labels, task.labels("train"))
    assert batches.steps == len(take(batches)) == 4
    assert batches.num_examples == 14
    assert take(batches)[-1][0].shape == (2, 16, 16, 3)


def test_evaluation_repeats_exactly(task):
    batches = evaluation_batches(task, "test", 16, 3)
    same(take(batches), take(batches))


def tiny_model():
    model = keras.Sequential(
        [
            keras.layers.Rescaling(1 / 255),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=["accuracy"])
    return model


def test_a_model_fits_and_evaluates_without_tracing_anew(task):
    model, train = tiny_model(), training_batches(task, 16, 4, cache="memory")
    test = evaluation_batches(task, "test", 16, 3)
    history = model.fit(
        train.data,
        steps_per_epoch=train.steps,
        epochs=3,
        validation_data=test.data,
        shuffle=False,
        verbose=0,
    )
    assert len(history.history["val_loss"]) == 3


def test_a_set_smaller_than_a_batch_is_refused(task):
    with pytest.raises(ValueError, match="14 images, batch_size=15"):
        training_batches(task, 16, 15)


@pytest.mark.parametrize(
    "options",
    [
        {"image_size": 0},
        {"batch_size": 0},
        {"seed": -1},
        {"first_epoch": -1},
        {"augmentation": "mild"},
    ],
)
def test_bad_arguments_are_refused(task, options):
    with pytest.raises(ValueError, match="Received: "):
        training_batches(task, **{"image_size": 16, "batch_size": 4, **options})


def test_a_split_that_is_not_there_is_named(two_classes):
    task = Task.from_folder(two_classes, validation=0)
    with pytest.raises(ValueError, match="split='validation'"):
        evaluation_batches(task, "validation", 16, 4)


def test_a_file_that_goes_bad_later_is_named(task):
    path = task.splits["test"].name(1)
    with open(path, "wb") as file:
        file.write(b"overwritten")
    batches = evaluation_batches(task, "test", 16, 4)
    with pytest.raises(ValueError, match=os.path.basename(path)):  # noqa: SIM117
        with batches.plain_errors():
            tiny_model().evaluate(batches.data, verbose=0)


def test_other_errors_pass_unchanged(task):
    batches = evaluation_batches(task, "test", 16, 4)
    with pytest.raises(KeyError), batches.plain_errors():
        raise KeyError("other")


CHILD = """
import importlib.util, keras
whole = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: (
    None if name.startswith("tensorflow") else whole(name, *rest)
)
import sys, hashlib, itertools, numpy as np
from keras_snow.data import load_task, training_batches, evaluation_batches
task = load_task(sys.argv[1])
batches = training_batches(task, 16, 4)
digest = hashlib.sha256()
for images, labels in itertools.islice(batches.data, 6):
    digest.update(np.asarray(images).tobytes() + np.asarray(labels).tobytes())
model = keras.Sequential([keras.layers.GlobalAveragePooling2D(),
                          keras.layers.Dense(2)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(True))
model.fit(batches.data, steps_per_epoch=batches.steps, epochs=3, verbose=0,
          shuffle=False)
test = evaluation_batches(task, "test", 16, 3)
model.evaluate(test.data, verbose=0)
print(type(batches.data).__name__, digest.hexdigest())
"""


def test_jax_sees_the_same_pixels_without_tensorflow(two_classes):
    pytest.importorskip("jax")
    import hashlib

    result = subprocess.run(
        [sys.executable, "-c", CHILD, str(two_classes)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    digest = hashlib.sha256()
    for images, labels in take(
        training_batches(Task.from_folder(two_classes), 16, 4), 6
    ):
        digest.update(images.tobytes() + labels.tobytes())
    kind, there = result.stdout.split()
    assert kind == "ImageSequence"
    assert there == digest.hexdigest()


READING_AHEAD = """
import sys
from keras_snow.data import load_task, training_batches
batches = [training_batches(load_task(sys.argv[1]), 160, 4) for _ in range(4)]
iterators = [iter(each.data) for each in batches]
for iterator in iterators:
    next(iterator)
print("done")
"""


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="of TensorFlow's threads"
)
def test_a_process_ends_while_batches_are_read_ahead(two_classes):
    result = subprocess.run(
        [sys.executable, "-c", READING_AHEAD, str(two_classes)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == "done\n"
    assert "Error" not in result.stderr


def test_a_strip_is_named_where_it_would_be_enlarged():
    images = [noise()] * 19 + [np.zeros((1, 100_000, 3), "uint8")]
    task = Task.from_arrays(images, [0, 1] * 10, validation=0, test=0)
    words = "too narrow.*'image 19', 100000x1 pixels"
    with pytest.raises(ValueError, match=words):
        evaluation_batches(task, "train", 32, 20).reader(0)
    batches = training_batches(task, 32, 20, augmentation="none")
    with pytest.raises(ValueError, match=words):
        batches.reader(0)
    images, _ = training_batches(task, 32, 20, augmentation="crop").reader(0)
    assert images.shape == (20, 32, 32, 3)
