"""TensorFlow Datasets: a set becomes a task; they are read by TensorFlow."""

import sys

import tiny

if "jax" in sys.argv:
    assert ".[cpu,data]" in tiny.refused("train", "dtd")
    sys.exit()

import tensorflow_datasets as tfds

from keras_snow import load_task

with tfds.testing.mock_data(num_examples=6):
    task = load_task("dtd", validation=0.0, skip_bad=True)
assert task.num_classes == 47
assert task.split("train").read(0).shape[-1] == 3
