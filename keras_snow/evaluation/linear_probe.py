"""The linear probe: what a source's features are worth without a delta."""

from typing import Any

import keras
import numpy as np
from keras import layers
from keras import ops

from keras_snow.baselines.linear_probe import pool_taps
from keras_snow.callbacks.scoring import score
from keras_snow.core.checks import check_choice
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.task import Task
from keras_snow.layers.feature_selection import FeatureSelection
from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.schedule import Schedule
from keras_snow.sources.source import Source

LEVELS = ["all", "last"]
DECAYS = (1e-4, 1e-3, 1e-2)
_RECIPE = Recipe(
    name="probe",
    learning_rate=0.05,
    weight_decay=0.0,
    epochs=60,
    batch_size=32,
    reference_batch=None,
    schedule="cosine",
    warmup_epochs=1.0,
    augmentation="none",
)


def linear_probe(
    source: Source,
    task: Task,
    image_size: int = 224,
    levels: str = "all",
    decays: tuple[float, ...] = DECAYS,
    seed: int = 0,
) -> dict[str, Any]:
    """Trains a linear classifier on the pooled maps of a source's taps.

    The features of the centre crops are taken once, standardised, and scaled
    so that their number does not change the learning rate. The strength of the
    L2 penalty is the one with the best validation accuracy; the test split is
    used once.

    Args:
        source: The source; the taps that it has are read.
        task: The task.
        image_size: Pixels of a side.
        levels: `"all"` taps, or the `"last"` one.
        decays: L2 penalties to choose from.
        seed: Seed of the order of examples.

    Returns:
        `top1`, `top5`, `loss` and `count` on the test split, the chosen
        `decay`, `validation_top1` of each, and the number of `features`.

    Raises:
        ValueError: If `levels` is unknown or the task has no test images.

    Examples:
        >>> image = keras.Input((8, 8, 3))
        >>> maps = layers.Conv2D(4, 3, 2, name="maps")(image)
        >>> images = np.random.randint(0, 255, (60, 8, 8, 3), "uint8")
        >>> task = Task.from_arrays(images, [0, 1, 2] * 20)
        >>> probe = linear_probe(
        ...     Source(keras.Model(image, maps)), task, 8, decays=(1e-3,)
        ... )
        >>> probe["features"]
        4
    """
    check_choice("levels", levels, LEVELS)
    if levels == "last":
        source = source.select([source.taps[-1].name])
    features: dict[str, np.ndarray] = {
        split: pooled_features(source, task, split, image_size)
        for split in ("train", "validation", "test")
        if split in task.splits and len(task.labels(split))
    }
    if "test" not in features:
        raise ValueError(
            "The probe needs test images. "
            f"Received: splits={sorted(task.splits)}"
        )
    judge = "validation" if "validation" in features else "train"
    tried = {
        decay: _fit(features["train"], task, decay, seed) for decay in decays
    }
    accuracy = {
        decay: score(
            model.predict(features[judge], verbose=0), task.labels(judge)
        )["top1"]
        for decay, model in tried.items()
    }
    best = max(decays, key=lambda decay: (accuracy[decay], decay))
    logits = tried[best].predict(features["test"], verbose=0)
    return {
        **score(logits, task.labels("test")),
        "decay": best,
        "validation_top1": {str(k): v for k, v in accuracy.items()},
        "features": int(features["train"].shape[1]),
    }


def pooled_features(
    source: Source, task: Task, split: str, image_size: int = 224
) -> np.ndarray:
    """Returns the mean of every map of every tap for each image of a split.

    Args:
        source: The source.
        task: The task.
        split: Its split.
        image_size: Pixels of a side.

    Returns:
        `(examples, maps of all taps)`, float32, in the order of the split.
    """
    image = keras.Input(source.network.inputs[0].shape[1:])
    model = keras.Model(image, pool_taps(source, source(image)))
    batches = evaluation_batches(task, split, image_size, 32)
    with batches.plain_errors():
        return model.predict(batches.data, verbose=0)


def _fit(features, task, decay, seed):
    """Trains standardisation and one dense layer, by minibatches."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((features.shape[1],))
    standardise = FeatureSelection()
    scaled = standardise(inputs)
    # At the norm that it gives the learning rate above is stable.
    standardise.adapt(features)
    logits = layers.Dense(
        task.num_classes,
        kernel_initializer="zeros",
        kernel_regularizer=keras.regularizers.L2(decay),
    )(scaled)
    model = keras.Model(inputs, logits)
    model.compile(_RECIPE.build_optimizer(), _RECIPE.build_loss())
    model.fit(
        features,
        ops.convert_to_numpy(task.labels("train")),
        batch_size=_RECIPE.batch_size,
        epochs=_RECIPE.epochs,
        callbacks=[Schedule(_RECIPE)],
        verbose=0,
    )
    return model
