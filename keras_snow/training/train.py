"""train: a method learns a task, and leaves a record."""

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any
from typing import TypeAlias
from typing import TypeVar

import keras

from keras_snow.baselines.methods import METHODS
from keras_snow.baselines.methods import method_of
from keras_snow.callbacks import StepProfile
from keras_snow.core import progress
from keras_snow.core.checks import check_count
from keras_snow.core.files import PathLike
from keras_snow.core.limits import check_batch
from keras_snow.core.output_folder import check_output
from keras_snow.data.task import Task
from keras_snow.models.snow_model import SNOWModel
from keras_snow.recipes.presets import recipe_for
from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.traversal import layers_of
from keras_snow.sources.pixels import tell_pixels
from keras_snow.training.body_rate import rate_factors
from keras_snow.training.checks import check_data
from keras_snow.training.checks import check_feed
from keras_snow.training.checks import check_image_size
from keras_snow.training.checks import check_profile
from keras_snow.training.checks import check_settling
from keras_snow.training.compilation_cache import keep_compilations
from keras_snow.training.determinism import make_deterministic
from keras_snow.training.devices import find_devices
from keras_snow.training.engines import set_engine
from keras_snow.training.fingerprint import describe_model
from keras_snow.training.fingerprint import describe_run
from keras_snow.training.hosts import asks_for_hosts
from keras_snow.training.hosts import join_hosts
from keras_snow.training.hosts import this_host
from keras_snow.training.initial_weights import check_start
from keras_snow.training.options import TrainingOptions
from keras_snow.training.record import begin_record
from keras_snow.training.replicas import with_use_of_xla
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.run_folder import as_folder
from keras_snow.training.session import Session
from keras_snow.training.solved_start import as_begun
from keras_snow.training.solved_start import hold_if_solved
from keras_snow.training.strategy import choose_placement

ModelOrBuilder: TypeAlias = keras.Model | Callable[[], keras.Model]
AnySession = TypeVar("AnySession", bound=Session)


def train(
    model: ModelOrBuilder,
    task: Task,
    recipe: Recipe | None = None,
    *,
    out: PathLike | None = None,
    image_size: int = 224,
    seed: int = 0,
    config: TrainingOptions | None = None,
) -> dict[str, Any]:
    """Trains a model on a task and returns the record of the run.

    With `out`, the run can be killed at any moment: the same call goes on after
    the last whole epoch and, on a CPU, ends with the weights that it would have
    had, bit for bit. A finished run is not trained again; its record is
    returned. Either way the model ends with the weights of the epoch that the
    recipe keeps, the best on the validation split or the last; the test split
    is scored once, with them.

    Of several hosts each process calls `train` alike, with a function that
    builds the model. The first one writes `out`; all return the record.

    Args:
        model: Images (raw RGB 0-255) to logits, or a function that builds it,
            called inside the strategy's scope with the seed and precision set.
            It is compiled anew.
        task: What to learn.
        recipe: How. The one that suits the number of images if None, with the
            learning rate of the method if `build_method` built the model.
        out: The run's folder, see `RunFolder`. `None` writes nothing.
        image_size: Pixels of a side.
        seed: Seed of everything that is drawn.
        config: Device, caches, what to keep.

    Returns:
        The record, see `keras_snow.training.record`.

    Raises:
        ValueError: If an argument, the data or the folder is not what it
            should be, or the run diverged.
        OSError: If there is no space left; the last checkpoint is intact.

    Examples:
        >>> image = keras.Input((16, 16, 3))
        >>> pooled = keras.layers.GlobalAveragePooling2D()(image)
        >>> model = keras.Model(image, keras.layers.Dense(2)(pooled))
        >>> images = np.random.default_rng(0).integers(0, 255, (40, 16, 16, 3))
        >>> task = Task.from_arrays(images.astype("uint8"), [0, 1] * 20)
        >>> recipe = Recipe(epochs=1, batch_size=8, learning_rate=1e-6)
        >>> quiet = TrainingOptions(verbose=False)
        >>> record = train(model, task, recipe, image_size=16, config=quiet)
        >>> record["status"], record["results"]["test"]["count"]
        ('finished', 8)
    """
    config = as_begun(config or TrainingOptions(), out)
    if out is not None and recipe is not None and isinstance(task, Task):
        # Before the model is built; then all else is compared, too.
        asked = describe_run(task, recipe, image_size, seed, config)
        check_output(out, "run.json", "run", asked)
    return carry_out(
        lambda config: plan(
            model, task, recipe, image_size, seed, config, Session
        ),
        out,
        config,
    )


def carry_out(
    make: Callable[[TrainingOptions], Session],
    out: PathLike | None,
    config: TrainingOptions,
) -> dict[str, Any]:
    """Runs a session to its end, on all hosts, and returns its record.

    Args:
        make: Plans the session, with the options of this host.
        out: As of `train`.
        config: As of `train`.

    Raises:
        ValueError: As of `train`.
        OSError: As of `train`.
    """
    folder = as_folder(out)
    _check_profile(config, folder)
    config = _join(config)
    session = make(config)
    say(str(session.placement), config)
    for network in _networks_in(session.model):
        say(tell_pixels(network), config)
    with session.placement.scope():
        return _run(session, folder, config)


def plan(
    model: ModelOrBuilder,
    task: Task,
    recipe: Recipe | None,
    image_size: int,
    seed: int,
    config: TrainingOptions,
    kind: type[AnySession],
) -> AnySession:
    """Builds and checks what `train` runs; nothing is written.

    Args:
        model: As of `train`, and so are the others.
        task: What to learn.
        recipe: How.
        image_size: Pixels of a side.
        seed: Seed of everything that is drawn.
        config: Device, caches, what to keep.
        kind: `Session`, or a class derived from it.

    Raises:
        ValueError: If an argument or the data is not what it should be.
    """
    check_count("image_size", image_size)
    check_count("seed", seed, minimum=0)
    fitting = recipe or recipe_for(len(task.splits["train"]))
    check_batch(fitting.batch_size, image_size)
    check_batch(
        config.evaluation_batch_size, image_size, "evaluation_batch_size"
    )
    check_data(task, fitting)
    steps = len(task.labels("train")) // fitting.batch_size
    check_profile(config.profile, steps * fitting.epochs)
    config = _prepare_process(config)
    placement = choose_placement(
        config.strategy, config.xla, _precision(model, config), config.engine
    )
    if config.deterministic and not placement.xla:
        why = "TensorFlow is deterministic without XLA alone"
        placement = dataclasses.replace(placement, reason=why)
    if isinstance(model, keras.Model):
        placement = placement.of(model)
    keras.utils.set_random_seed(seed)
    with placement.scope():
        model = _build(model, image_size)
        engine = set_engine(model, placement.engine)
        placement = dataclasses.replace(placement, engine=engine)
        config = _completed(config, model)
        if recipe is None and config.method in METHODS.names():
            recipe = METHODS.get(config.method).fit_recipe(fitting)
        recipe = recipe or fitting
        check_image_size(model, image_size)
        solved = hold_if_solved(model, task, config.solve_head)
        kind.check(model, task, placement, recipe)
        placement = with_use_of_xla(placement, model, config.xla)
        check_feed(config, placement)
        check_settling(config, model, recipe)
        rate_factors(model, recipe)
        identity = _identify(model, task, recipe, image_size, seed, config)
        identity["xla"] = placement.xla
        if engine != "keras":  # What older runs know of.
            identity["engine"] = engine
        identity |= solved
        if config.init is not None:
            check_start(config.init, identity["model"])
        record = begin_record(
            identity, task, placement.to_dict(), config.command
        )
        return kind(model, task, recipe, placement, config, record)


def _prepare_process(config: TrainingOptions) -> TrainingOptions:
    """Sets what holds for the whole process, before anything is drawn.

    Keras lets no step be compiled where TensorFlow is deterministic.
    """
    devices = find_devices()
    keep_compilations(devices)
    if not config.deterministic:
        return config
    on_tensorflow = devices.backend == "tensorflow"
    if config.xla and on_tensorflow:
        raise ValueError(
            "Keras goes without XLA where TensorFlow is deterministic. Leave "
            "out one of the two, or use the JAX backend. Received: xla=True, "
            "deterministic=True"
        )
    say(make_deterministic(devices), config)
    return config.replace(xla=False) if on_tensorflow else config


def _join(config: TrainingOptions) -> TrainingOptions:
    """Joins the other processes, if that is wanted, before JAX computes."""
    if not asks_for_hosts(config.strategy):
        return config
    hosts = join_hosts()
    say(str(hosts), config)
    return config.replace(
        strategy="multi_host", verbose=config.verbose and hosts.first
    )


def _run(
    session: Session,
    folder: RunFolder | None,
    config: TrainingOptions,
) -> dict[str, Any]:
    hosts, identity = this_host(), session.record["settings"]
    if not hosts.first:
        folder = None
    claimed = folder.claimed(identity) if folder else contextlib.nullcontext()
    try:
        with claimed:
            hosts.check_alike(identity)
            finished = hosts.share(folder and _finished(folder))
            if finished:
                say(f"This run is finished: {folder and folder.path}", config)
                session.take_up(folder)
            record = finished or session.run(folder)
            # None leaves before all is written.
            return hosts.share(record)
    except KeyboardInterrupt:
        say(
            "Interrupted. The same command goes on after epoch "
            f"{session.state.epochs_done}.",
            config,
        )
        raise


def _networks_in(model: keras.Model) -> list[keras.Model]:
    """Returns the network that reads the image, of a source or a copy of it."""
    held = (getattr(layer, "network", None) for layer in layers_of(model))
    return [x for x in held if getattr(x, "inputs", None)][:1]


def _finished(folder: RunFolder) -> dict[str, Any] | None:
    if not folder.record.exists():
        return None
    record = folder.read_record()
    return record if record["status"] == "finished" else None


def _check_profile(config: TrainingOptions, out: RunFolder | None) -> None:
    if config.profile is None:
        return
    if out is None:
        raise ValueError(
            "A profile is written into the run's folder. Give `out`. "
            f"Received: profile={config.profile}, out=None"
        )
    StepProfile(out.path, *config.profile)


def _completed(config: TrainingOptions, model: keras.Model) -> TrainingOptions:
    """Returns the options with what the model itself says of its making."""
    changes: dict[str, Any] = {}
    if config.method is None:
        changes["method"] = method_of(model) or type(model).__name__
    origin = model.source.origin if isinstance(model, SNOWModel) else None
    if config.source is None and origin is not None:
        changes |= {"source": origin.spec, "weights": origin.weights}
    return config.replace(**changes)


def _precision(model: ModelOrBuilder, config: TrainingOptions) -> str | None:
    if not isinstance(model, keras.Model):
        return config.precision
    own = model.dtype_policy.name
    if config.precision not in (None, own):
        raise ValueError(
            "The model is built already, with another precision. Hand over a "
            "function that builds it, or set the precision with "
            "`keras.config.set_dtype_policy` before. Received: "
            f"precision={config.precision!r}, model's precision={own!r}"
        )
    return own


def _build(model: ModelOrBuilder, image_size: int) -> keras.Model:
    model = model if isinstance(model, keras.Model) else model()
    if not model.built:
        model.build((None, image_size, image_size, 3))
    return model


def _identify(
    model: keras.Model,
    task: Task,
    recipe: Recipe,
    image_size: int,
    seed: int,
    config: TrainingOptions,
) -> dict[str, Any]:
    return {
        "method": config.method,
        **describe_run(task, recipe, image_size, seed, config),
        "precision": model.dtype_policy.name,
        "model": describe_model(model),
    }


def say(text: str, config: TrainingOptions) -> None:
    """Writes a line to standard error, unless told to be quiet.

    Args:
        text: The line.
        config: Of the run.
    """
    if config.verbose:
        progress.say(text)
