"""Lets the tests of this folder import `tiny_runs`, and stops their runs."""

import pathlib
import sys

import keras
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))


class Stop(keras.callbacks.Callback):
    """Raises in the middle of an epoch, as Ctrl-C does."""

    def __init__(self, epoch, batch):
        super().__init__()
        self.at = (epoch, batch)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            raise KeyboardInterrupt


@pytest.fixture
def interrupted(monkeypatch):
    """Makes the next `train` stop at an epoch and a batch."""
    from keras_snow.training import session

    original = session.Session._callbacks

    def arrange(epoch, batch):
        monkeypatch.setattr(
            session.Session,
            "_callbacks",
            lambda self, *args: [*original(self, *args), Stop(epoch, batch)],
        )
        return lambda: monkeypatch.setattr(
            session.Session, "_callbacks", original
        )

    return arrange
