"""Figures: what is drawn, read back from the axes and the file."""

import math

import numpy as np
import pytest
from PIL import Image

from keras_snow.visualization import mistakes as mistakes_module
from keras_snow.visualization import save_mistakes
from keras_snow.visualization import save_training_curves
from keras_snow.visualization import training_curves


@pytest.fixture
def figures(monkeypatch):
    """The figures that were made, for a look at their axes."""
    made = []
    for module in (mistakes_module, training_curves):
        original = module.Figure

        def make(*args, _original=original, **kwargs):
            made.append(_original(*args, **kwargs))
            return made[-1]

        monkeypatch.setattr(module, "Figure", make)
    return made


def is_png(path):
    with Image.open(path) as image:
        return image.format == "PNG"


def test_every_run_is_a_line_in_every_panel(figures, tmp_path):
    path = tmp_path / "new" / "curves.png"
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
    save_training_curves(runs, path, "a title", ("rate 0.1", 2))
    assert is_png(path)
    loss, val_loss, _, accuracy = figures[0].axes
    drawn = loss.lines[0].get_ydata()
    assert list(drawn[:2]) == [1.0, 0.5]
    assert math.isnan(drawn[2])
    assert list(val_loss.lines[0].get_ydata()) == [1.0, 2.0, 3.0]
    assert list(accuracy.lines[0].get_ydata()) == [40.0, 50.0, 30.0]
    # The chosen epoch is marked behind the two runs.
    assert list(accuracy.lines[2].get_xydata()[0]) == [2, 50.0]
    texts = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert texts == list(runs)


def test_losses_far_apart_are_on_a_logarithmic_scale(figures, tmp_path):
    runs = {"a": {"epoch": [1, 2], "loss": [1000.0, 0.1], "val_loss": [2, 1]}}
    save_training_curves(runs, tmp_path / "curves.png")
    loss, val_loss, *_ = figures[0].axes
    assert loss.get_yscale() == "log"
    assert val_loss.get_yscale() == "linear"


def test_a_mistake_shows_the_true_class_and_the_answers(figures, tmp_path):
    answers = [
        {"class": "$dog$", "probability": 0.875},
        {"class": "cat", "probability": 0.1},
        {"class": "a" * 40, "probability": 0.01},
    ]
    path = tmp_path / "mistakes.png"
    image = np.zeros((8, 8, 3), "uint8")
    mistakes = [{"true": "horse", "top": answers}, {"true": "cat", "top": []}]
    save_mistakes([image, image], mistakes, path)
    assert is_png(path)
    title = figures[0].axes[0].get_title("left")
    assert title == f"true: horse\n87.5 % $dog$\n10.0 % cat\n1.0 % {'a' * 23}…"
    assert "no finite answer" in figures[0].axes[1].get_title("left")


def test_no_mistakes_are_a_figure_too(figures, tmp_path):
    save_mistakes([], [], tmp_path / "mistakes.png", "perfect")
    assert figures[0].axes[0].texts[0].get_text() == "no mistakes"


def test_images_without_a_mistake_are_refused(tmp_path):
    with pytest.raises(ValueError, match="1 images, 0 mistakes"):
        save_mistakes([np.zeros((8, 8, 3))], [], tmp_path / "mistakes.png")
