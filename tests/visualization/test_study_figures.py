"""Curves of several runs, and mistakes: read back from the axes."""

import math

import numpy as np
import pytest

from keras_snow.visualization import draw_mistakes
from keras_snow.visualization import draw_training_curves


def test_every_run_is_a_line_in_every_panel():
    runs = {
        "rate 0.1": {
            "epoch": [1, 2, 3],
            "loss": [1.0, 0.5, None],
            "val_loss": [1.0, 2.0, 3.0],
            "accuracy": [0.5, 0.6, 0.7],
            "val_top1": [0.4, 0.5, 0.3],
        },
        "rate 1": {"epoch": [], "loss": []},
    }
    figure = draw_training_curves(runs, "a title", ("rate 0.1", 2))
    loss, val_loss, _, accuracy = figure.axes
    drawn = loss.lines[0].get_ydata()
    assert list(drawn[:2]) == [1.0, 0.5]
    assert math.isnan(drawn[2])
    assert list(val_loss.lines[0].get_ydata()) == [1.0, 2.0, 3.0]
    assert list(accuracy.lines[0].get_ydata()) == [40.0, 50.0, 30.0]
    # The chosen epoch is marked behind the two runs.
    assert list(accuracy.lines[2].get_xydata()[0]) == [2, 50.0]
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == list(runs)


def test_losses_far_apart_are_on_a_logarithmic_scale():
    runs = {"a": {"epoch": [1, 2], "loss": [1000.0, 0.1], "val_loss": [2, 1]}}
    loss, val_loss, *_ = draw_training_curves(runs).axes
    assert loss.get_yscale() == "log"
    assert val_loss.get_yscale() == "linear"


def test_a_mistake_shows_the_true_class_and_the_answers():
    answers = [
        {"class": "$dog$", "probability": 0.875},
        {"class": "cat", "probability": 0.1},
        {"class": "a" * 40, "probability": 0.01},
    ]
    image = np.zeros((8, 8, 3), "uint8")
    mistakes = [{"true": "horse", "top": answers}, {"true": "cat", "top": []}]
    figure = draw_mistakes([image, image], mistakes)
    title = figure.axes[0].get_title("left")
    assert (
        title
        == f"true: horse\n87.5 % $dog$\n10.0 % cat\n1.0 % {'a' * 11}…{'a' * 12}"
    )
    assert "no finite answer" in figure.axes[1].get_title("left")


def test_no_mistakes_are_a_figure_too():
    figure = draw_mistakes([], [], "perfect")
    assert figure.axes[0].texts[0].get_text() == "no mistakes"


def test_images_without_a_mistake_are_refused():
    with pytest.raises(ValueError, match="1 images, 0 mistakes"):
        draw_mistakes([np.zeros((8, 8, 3))], [])
