"""The linear probe: what a source's features are worth without a delta."""

from typing import Any

import keras
import numpy as np
from keras import layers
from keras import ops

from keras_snow.baselines.linear_probe import pool_taps
from keras_snow.callbacks.scoring import predict_logits
from keras_snow.callbacks.scoring import score
from keras_snow.core.checks import check_choice
from keras_snow.core.progress import Progress
from keras_snow.data.pipeline import evaluation_batches
from keras_snow.data.task import Task
from keras_snow.layers.feature_selection import FeatureSelection
from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.schedule import Schedule
from keras_snow.sources.image_size import check_not_emptied
from keras_snow.sources.source import Source

LEVELS = ["all", "last"]
DECAYS = (1e-4, 1e-3, 1e-2)
_BATCH = 32  # Images of a pass of the source.
_ROWS = 4096  # Features that are answered at a time.
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
    verbose: bool = False,
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
        verbose: Whether to tell how far it is.

    Returns:
        `top1`, `top5`, `loss` and `count` on the test split, the chosen
        `decay`, `validation_top1` of each, and the number of `features`.

    Raises:
        ValueError: If `levels` is unknown, the task has no test images, or the
            source takes no images of that size.

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
    splits = [
        split
        for split in ("train", "validation", "test")
        if split in task.splits and len(task.labels(split))
    ]
    if "test" not in splits:
        raise ValueError(
            "The probe needs test images. "
            f"Received: splits={sorted(task.splits)}"
        )
    check_not_emptied(source.network, image_size, image_size)
    features = _read_features(source, task, splits, image_size, verbose)
    judge = "validation" if "validation" in splits else "train"
    with Progress(
        _RECIPE.epochs, "epoch", "classifier", show=verbose
    ) as progress:
        model = _fit(features["train"], task, decays, seed, progress)
    judged = _answer(model, features[judge])
    accuracy = {
        decay: score(logits, task.labels(judge))["top1"]
        for decay, logits in zip(decays, judged, strict=True)
    }
    best = max(decays, key=lambda decay: (accuracy[decay], decay))
    logits = _answer(model, features["test"])[decays.index(best)]
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
    return _read_features(source, task, [split], image_size)[split]


def _read_features(source, task, splits, image_size, verbose=False):
    """Runs the source over splits, by one model that is traced once."""
    image = keras.Input(source.network.inputs[0].shape[1:])
    model = keras.Model(image, pool_taps(source, source(image)))
    batches = {
        split: evaluation_batches(task, split, image_size, _BATCH)
        for split in splits
    }
    steps = sum(each.steps for each in batches.values())
    found = {}
    with Progress(steps, "batch", "features", show=verbose) as progress:
        for split in splits:
            with batches[split].plain_errors():
                found[split] = predict_logits(
                    model, batches[split].data, progress.update
                )
    return found


def _fit(features, task, decays, seed, progress):
    """Trains standardisation and a dense layer a penalty, by minibatches.

    The layers see the same examples side by side, so that one graph trains
    them all.
    """
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((features.shape[1],))
    standardise = FeatureSelection()
    scaled = standardise(inputs)
    # At the norm that it gives the learning rate above is stable.
    standardise.adapt(features)
    logits = [
        layers.Dense(
            task.num_classes,
            kernel_initializer="zeros",
            kernel_regularizer=keras.regularizers.L2(decay),
        )(scaled)
        for decay in decays
    ]
    model = keras.Model(inputs, logits)
    model.compile(
        _RECIPE.build_optimizer(), [_RECIPE.build_loss() for _ in decays]
    )
    model.fit(
        features,
        [ops.convert_to_numpy(task.labels("train"))] * len(decays),
        batch_size=_RECIPE.batch_size,
        epochs=_RECIPE.epochs,
        callbacks=[
            Schedule(_RECIPE),
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda *_: progress.update()
            ),
        ],
        verbose=0,
    )
    return model


def _answer(model, features):
    """Returns the logits of each dense layer; there is no graph to trace."""
    parts = [
        keras.tree.flatten(
            model(features[start : start + _ROWS], training=False)
        )
        for start in range(0, len(features), _ROWS)
    ]
    return [
        np.concatenate([ops.convert_to_numpy(each) for each in rows])
        for rows in zip(*parts, strict=True)
    ]
