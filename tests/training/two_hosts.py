"""Trains as one process of a run on several hosts, and prints what came out.

Where the other processes are is told by the variables of the environment;
without them this process is alone.
"""

import json
import os
import signal
import sys

import keras
import numpy as np
from keras.src.utils import module_utils
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_snow
from tiny_runs import tiny_task

from keras_snow.callbacks.scoring import predict_logits
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.training import load_run
from keras_snow.training import this_host
from keras_snow.training import train
from keras_snow.training.session import Session

# Keras imports it for its seed, which takes longer than all else.
module_utils.tensorflow._available = False


class KillItself(keras.callbacks.Callback):
    """Ends the process as `kill -9` does, in the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (1, 1):
            os.kill(os.getpid(), signal.SIGKILL)


def become_victim():
    original = Session._callbacks
    Session._callbacks = lambda *args: [*original(*args), KillItself()]


def logits_of(folder, task):
    """A batch as `predict_logits` reads it, by the model that was saved."""
    model, _ = load_run(folder)
    data = evaluation_batches(task, "test", SIZE, batch_size=5).data
    return np.concatenate(
        [model.predict_on_batch(data[i][0]) for i in range(data.num_batches)]
    )


def main(folder, batch_size):
    models = []

    def build():
        models.append(tiny_snow(normalise_taps=True, dropout=0.2))
        return models[-1]

    task = tiny_task()
    record = train(
        build,
        task,
        RECIPE.replace(batch_size=batch_size),
        out=folder,
        image_size=SIZE,
        config=QUIET,
    )
    data = evaluation_batches(task, "test", SIZE, batch_size=5).data
    logits = predict_logits(models[0], data)
    images = np.concatenate([data[i][0] for i in range(data.num_batches)])
    own = models[0].predict(images, batch_size=5, verbose=0)
    found = {
        "host": this_host().index,
        "device": record["device"],
        "curves": record["curves"],
        "results": record["results"],
        "logits": np.asarray(logits, "float64").tolist(),
        "reload_moves_logits_by": float(
            np.abs(logits - logits_of(folder, task)).max()
        ),
        "keras_predict_moves_logits_by": float(np.abs(logits - own).max()),
    }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    if "victim" in sys.argv[3:]:
        become_victim()
    main(sys.argv[1], int(sys.argv[2]))
