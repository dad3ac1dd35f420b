"""Engines that answer at once: the mean of each colour, a class each."""

import numpy as np

from keras_snow.serving import open_runtime
from keras_snow.serving.http import engine
from keras_snow.serving.http.engine import Engine
from keras_snow.serving.open_runtime import candidates
from keras_snow.serving.runtimes import Runtime


class Colours(Runtime):
    """Answers the means of red, green and blue, and zeros behind them."""

    def __init__(self, classes):
        super().__init__(list(classes))
        self.classes = classes
        self.seen = []

    def __call__(self, images):
        assert images.dtype == "float32"
        self.seen.append(len(images))
        means = images.mean(axis=(1, 2)) / 10
        return {
            name: np.pad(means, [(0, 0), (0, count)])[:, :count]
            for name, count in self.classes.items()
        }


def use_fake_engines(monkeypatch):
    """Leaves out folding and compiling."""

    def compile_quickly(bundle, tasks, image_size, options, known):
        name = known or candidates(options.runtime)[0]
        classes = {task: bundle.task(task).num_classes for task in tasks}
        return Engine(image_size, name, Colours(classes), 1e-6)

    monkeypatch.setattr(engine, "_compile", compile_quickly)
    monkeypatch.setattr(open_runtime, "why_second_best", lambda name: None)
