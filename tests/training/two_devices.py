"""Trains the same model on one device and on two, and prints what came out.

A process of its own: how many devices there are is decided before the first use
of the backend.
"""

import json
import os
import sys

import numpy as np
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_snow
from tiny_runs import tiny_task

from keras_snow.training import load_run
from keras_snow.training import train
from keras_snow.training.devices import part_cpu

DEVICES = 2


def run(strategy, xla, folder):
    models = []

    def build():
        # Masks of dropout have the shape of a replica's own batch.
        models.append(tiny_snow(dropout=0.0))
        return models[-1]

    task = tiny_task()
    record = train(
        build,
        task,
        RECIPE.replace(epochs=2),
        out=folder,
        image_size=SIZE,
        config=QUIET.replace(strategy=strategy, xla=xla),
    )
    images = np.stack([task.splits["test"].read(i) for i in range(6)])
    images = images.astype("float32")
    loaded, _ = load_run(folder)
    return {
        "device": record["device"],
        "loss": record["curves"]["loss"],
        "test_loss": record["results"]["test"]["loss"],
        "reload_moves_logits_by": float(
            np.abs(
                np.asarray(models[0](images)) - np.asarray(loaded(images))
            ).max()
        ),
    }


def compile_a_sum_over_replicas():
    """The least that a compiled, synchronised normalisation would need."""
    import tensorflow as tf

    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

    @tf.function(jit_compile=True)
    def compiled(values):
        context = tf.distribute.get_replica_context()
        return context.all_reduce("sum", values)

    @tf.function
    def step():
        return strategy.run(lambda: compiled(tf.ones(2)))

    try:
        step()
    except RuntimeError as error:
        return str(error)
    return "it works"


def main(folder):
    found = {}
    strategy = part_cpu(DEVICES)
    if strategy == "mirrored":
        found["sum_in_xla"] = compile_a_sum_over_replicas()
    settings = {"one": ("one_device", None), "two": (strategy, None)}
    if strategy == "mirrored":
        settings = {"one": ("one_device", False), "two": (strategy, True)}
    found["runs"] = {
        name: run(strategy, xla, os.path.join(folder, name))
        for name, (strategy, xla) in settings.items()
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
