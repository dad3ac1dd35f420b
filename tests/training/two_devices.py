"""Trains the same model on one device and on two, and prints what came out.

A process of its own: how many devices there are is decided before the first use
of the backend.
"""

import json
import os
import sys

import keras
import numpy as np
from tiny_runs import QUIET
from tiny_runs import RECIPE
from tiny_runs import SIZE
from tiny_runs import tiny_snow
from tiny_runs import tiny_source
from tiny_runs import tiny_task

from keras_snow.training import load_run
from keras_snow.training import train
from keras_snow.training.devices import part_cpu
from keras_snow.tuning import SweepOptions
from keras_snow.tuning import sweep

DEVICES = 2


def run(strategy, xla, folder, epochs=2, **config):
    models = []

    def build():
        # Masks of dropout have the shape of a replica's own batch.
        models.append(tiny_snow(dropout=0.0))
        return models[-1]

    task = tiny_task()
    record = train(
        build,
        task,
        RECIPE.replace(epochs=epochs),
        out=folder,
        image_size=SIZE,
        config=QUIET.replace(strategy=strategy, xla=xla, **config),
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


def answer():
    """What a model built for two replicas says to numbers that don't divide."""
    import tensorflow as tf

    draw = np.random.default_rng(0)
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        model = tiny_snow(dropout=0.0)
    found = {}
    for count in (1, 5):
        images = draw.uniform(0, 255, (count, SIZE, SIZE, 3)).astype("float32")
        labels = np.arange(count) % 3
        logits = np.asarray(model(images))
        own = -np.log(keras.ops.softmax(logits))[np.arange(count), labels]
        shown = model.evaluate(images, labels, return_dict=True, verbose=0)
        answers = model.predict(images, verbose=0)
        found[count] = {
            "shape": answers.shape,
            "moved_by": float(np.abs(answers - logits).max()),
            "loss": shown["loss"],
            "own_loss": float(own.mean()),
        }
    return found


def refuse_a_sweep():
    options = SweepOptions(
        tiny_source(),
        image_size=SIZE,
        training=QUIET.replace(strategy="mirrored"),
    )
    try:
        sweep(tiny_task(), [{"k": 0.25}, {"k": 0.5}], options=options)
    except ValueError as error:
        return str(error)
    return "it works"


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
    if strategy == "mirrored":
        found["runs"] |= {
            f"cached_by_{name}": run(
                *choice,
                os.path.join(folder, f"cached_{name}"),
                epochs=1,
                cache_taps=1,
            )
            for name, choice in settings.items()
        }
        found["answers"] = answer()
        found["sweep"] = refuse_a_sweep()
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
