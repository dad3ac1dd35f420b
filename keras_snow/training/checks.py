"""What is looked at before the first step, on every backend."""

import keras

from keras_snow.baselines.body import Body
from keras_snow.core.checks import check_class_rows
from keras_snow.core.checks import check_labels
from keras_snow.data.augmentation import AUGMENTATIONS
from keras_snow.data.task import Task
from keras_snow.data.unlabelled import Unlabelled
from keras_snow.models.snow_model import SNOWModel
from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.traversal import layers_of
from keras_snow.sources.image_size import check_not_emptied
from keras_snow.sources.image_size import fixed_size
from keras_snow.sources.source import Source
from keras_snow.training.options import TrainingOptions
from keras_snow.training.strategy import Placement


def check_data(task: Task, recipe: Recipe) -> None:
    """Looks at the labels and the number of examples.

    Args:
        task: The task.
        recipe: The recipe, for the batch.

    Raises:
        TypeError: If it is no task.
        ValueError: If there are too few images or classes, or a label is not
            a class number.
    """
    if not isinstance(task, Task):
        raise TypeError(
            "Learned is a task: `load_task` makes one of a folder or a name. "
            f"Received: task={task!r}"
        )
    if not isinstance(task, Unlabelled):
        _check_classes(task)
    held_out = len(task.splits.get("validation", ()))
    if recipe.patience is not None and not held_out:
        raise ValueError(
            "Patience is measured on validation images. Hold some out, or "
            f"leave it out. Received: patience={recipe.patience}, "
            "no validation images"
        )
    count = len(task.labels("train"))
    if count < recipe.batch_size:
        raise ValueError(
            "There are fewer training images than one batch takes. Lower "
            "`batch_size` or add images. Prototypes need no training: "
            "`keras-snow bundle add BUNDLE TASK IMAGES --prototypes`. "
            f"Received: {count} images, "
            f"batch_size={recipe.batch_size}"
        )


def _check_classes(task: Task) -> None:
    if task.num_classes < 2:
        raise ValueError(
            "There must be at least two classes to tell apart. "
            f"Received: class_names={list(task.class_names)}"
        )
    check = check_class_rows if task.multi_label else check_labels
    for name in task.splits:
        check(task.labels(name), task.num_classes)


def check_model(
    model: keras.Model, task: Task, placement: Placement, recipe: Recipe
) -> None:
    """Looks whether a model answers the task and fits the strategy.

    Args:
        model: A built model.
        task: The task.
        placement: Where it is trained.
        recipe: How it is trained.

    Raises:
        ValueError: If it does not.
    """
    check_views(recipe, wanted=False)
    shape = model.compute_output_shape((1, *fixed_size(model), 3))
    if not model.trainable_variables:
        raise ValueError(
            "The model has nothing to train: all its layers are frozen. "
            f"Received: model={model.name!r}"
        )
    if shape[-1] != task.num_classes:
        raise ValueError(
            "The model must have one logit a class. Build it with "
            f"`num_classes={task.num_classes}`. Received: a model with "
            f"{shape[-1]} outputs for {task.num_classes} classes"
        )
    if recipe.batch_size % placement.replicas:
        raise ValueError(
            "The batch must divide evenly among the devices. Received: "
            f"batch_size={recipe.batch_size}, devices={placement.replicas}"
        )


def check_views(recipe: Recipe, wanted: bool) -> None:
    """Looks whether a recipe makes as many views of an image as are compared.

    Args:
        recipe: The recipe.
        wanted: Whether two views are compared.

    Raises:
        ValueError: If it makes one and not two, or two and not one.
    """
    pairs = AUGMENTATIONS[recipe.augmentation].second is not None
    if pairs != wanted:
        raise ValueError(
            "Two views of each image are compared by `byol`, and by nothing "
            f"else. Use `augmentation={'views' if wanted else 'near'!r}`. "
            f"Received: augmentation={recipe.augmentation!r}"
        )


def check_whole_batch(what: str, placement: Placement) -> None:
    """Looks whether a step sees its whole batch, as it must.

    Args:
        what: What is trained.
        placement: Where.

    Raises:
        ValueError: If several devices or hosts would each see a part.
    """
    if placement.replicas > 1:
        raise ValueError(
            f"A step of `{what}` compares all images of its batch, so it runs "
            "on one device. Use `one_device`. "
            f"Received: strategy={placement.strategy!r}"
        )


def check_feed(config: TrainingOptions, placement: Placement) -> None:
    """Looks whether the hosts can be fed as the options say.

    Args:
        config: The options.
        placement: Where the model is trained.

    Raises:
        ValueError: If several hosts would share cached maps.
    """
    if config.cache_taps and placement.processes > 1:
        raise ValueError(
            "The source's maps are cached on one host. Leave out `cache_taps`, "
            "or train on one host. Received: cache_taps="
            f"{config.cache_taps}, strategy={placement.strategy!r}"
        )


def check_settling(
    config: TrainingOptions, model: keras.Model, recipe: Recipe
) -> None:
    """Looks whether a run can settle as the options say.

    Args:
        config: The options.
        model: A built model.
        recipe: How it is trained.

    Raises:
        ValueError: If there is nothing to settle or no epoch left behind it.
    """
    settle_after = config.settle_after
    if settle_after is None:
        return
    poolings = model.delta.poolings if isinstance(model, SNOWModel) else []
    if not poolings:
        raise ValueError(
            "Only channel pooling makes a choice that can settle. Leave out "
            "`settle_after`, or train SNOW with channel pooling. Received: "
            f"settle_after={settle_after}, method={config.method!r}"
        )
    if any(pooling.binding == "rank" for pooling in poolings):
        raise ValueError(
            "With the binding `rank` the order of the maps goes on changing "
            "with their importances. Choose `rows` or `slots`, or leave out "
            f"`settle_after`. Received: settle_after={settle_after}, "
            "binding='rank'"
        )
    if settle_after >= recipe.epochs:
        raise ValueError(
            "A run settles before its last epoch. Lower `settle_after` or "
            f"train longer. Received: settle_after={settle_after}, "
            f"epochs={recipe.epochs}"
        )


def check_profile(profile: tuple[int, int] | None, steps: int) -> None:
    """Looks whether a run comes to the first step that is to be profiled.

    Args:
        profile: First and last step; None: nothing is profiled.
        steps: Steps that this process will make.

    Raises:
        ValueError: If it does not.
    """
    if profile is not None and profile[0] > steps:
        raise ValueError(
            "The run ends before the first step to profile. Choose earlier "
            f"steps, or train longer. Received: profile={profile[0]}-"
            f"{profile[1]}, {steps} steps"
        )


def check_image_size(model: keras.Model, image_size: int) -> None:
    """Looks whether a model leaves anything of the images.

    Args:
        model: A model of images.
        image_size: Pixels of a side.

    Raises:
        ValueError: If a tap or another layer would be empty.
    """
    if isinstance(model, SNOWModel):
        model.check_image_size(image_size, image_size)
    # A model that is no graph of layers knows its own output alone.
    inner = [x for x in layers_of(model) if isinstance(x, (Source, Body))]
    for network in (*(layer.network for layer in inner), model):
        check_not_emptied(network, image_size, image_size)
