"""Accuracy and cost of a model."""

import keras
import numpy as np
import pytest

from keras_snow.data.task import Task
from keras_snow.evaluation import cost
from keras_snow.evaluation import evaluate


def brightness_model():
    """Answers 1 for a bright image; no weight is trained."""
    image = keras.Input((8, 8, 3))
    mean = keras.layers.GlobalAveragePooling2D()(image)
    dense = keras.layers.Dense(2)
    model = keras.Model(image, dense(mean))
    dense.set_weights([np.array([[0, 1.0]] * 3), np.array([0, -300.0])])
    return model


def bright_task():
    images = np.zeros((40, 8, 8, 3), "uint8")
    labels = np.arange(40) % 2
    images[labels == 1] = 200
    return Task.from_arrays(images, labels)


def test_a_right_model_scores_one():
    result = evaluate(brightness_model(), bright_task(), image_size=8)
    assert result["top1"] == 1.0
    assert result["top5"] == 1.0
    assert result["loss"] == pytest.approx(0.0, abs=1e-6)
    assert result["count"] == 8


def test_the_batch_size_changes_nothing():
    results = [
        evaluate(brightness_model(), bright_task(), "train", 8, batch_size=size)
        for size in (3, 32)
    ]
    assert results[0] == results[1]


def test_another_tasks_model_is_refused():
    image = keras.Input((8, 8, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(image)
    model = keras.Model(image, keras.layers.Dense(7)(pooled))
    with pytest.raises(ValueError, match="7 outputs for 2 classes"):
        evaluate(model, bright_task(), image_size=8)
    with pytest.raises(ValueError, match="split='tets'"):
        evaluate(model, bright_task(), "tets", image_size=8)


def test_cost_counts_and_times():
    model = brightness_model()
    found = cost(model, image_size=8, batch_size=4, repeats=2)
    assert found["parameters"] == {"trained": 8, "frozen": 0, "total": 8}
    assert found["images_per_second"] > 0
    model.layers[-1].trainable = False
    assert cost(model, image_size=8, repeats=0)["parameters"]["frozen"] == 8
