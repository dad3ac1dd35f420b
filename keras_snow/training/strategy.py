"""Where and how a model is trained: device, strategy, XLA, precision."""

import contextlib
import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

import keras

from keras_snow.core.checks import check_choice
from keras_snow.core.dtype_policy import dtype_policy
from keras_snow.core.registry import nearest_names
from keras_snow.training.devices import Devices
from keras_snow.training.devices import find_devices
from keras_snow.training.engines import choose_engine

STRATEGIES = ["auto", "one_device", "mirrored", "data_parallel", "multi_host"]
_OF_JAX = ["data_parallel", "multi_host"]
PRECISIONS = ["float32", "mixed_bfloat16", "mixed_float16"]
# Measured with keras 3.15 and tensorflow 2.21; what to use instead.
UNSUPPORTED = {
    "multi_worker": "MultiWorkerMirroredStrategy fails under Keras 3's `fit`. "
    "For several hosts use `multi_host` on the JAX backend "
    "(KERAS_BACKEND=jax), which reads TF_CONFIG, too; for several GPUs of one "
    "host `mirrored`.",
    "central_storage": "CentralStorageStrategy fails under Keras 3's `fit`. "
    "Use `mirrored`.",
    "parameter_server": "ParameterServerStrategy does not work with Keras 3. "
    "Use `mirrored`, or `multi_host` on the JAX backend.",
    "tpu": "TPUs were not tried. Use `one_device` or `mirrored`.",
}


@dataclasses.dataclass(frozen=True)
class Placement:
    """Where and how a model is trained.

    Made by `choose_placement`. Build the model inside `scope()`, so that its
    variables live where the strategy wants them and have the precision.

    Args:
        device: The device in words.
        strategy: `"one_device"`, `"mirrored"`, `"data_parallel"` or
            `"multi_host"`.
        xla: Whether steps are compiled with XLA; of several TensorFlow
            replicas it is the pass of the frozen source.
        precision: Name of the dtype policy.
        replicas: Devices that share a batch.
        reason: Why, in words.
        waits: Whether a step has ended when its callback is called.
        processes: Processes that share the replicas.
        engine: How frozen sources are run, see `Source`; None: by the engine
            that each has.

    Examples:
        >>> placement = choose_placement(xla=False)
        >>> placement.strategy
        'one_device'
    """

    device: str
    strategy: str
    xla: bool
    precision: str
    replicas: int
    reason: str
    waits: bool = True
    processes: int = 1
    engine: str | None = None
    _distribution: Any = dataclasses.field(default=None, repr=False)

    def __str__(self) -> str:
        compiled = "XLA" if self.xla else "no XLA"
        source = f", source in {self.engine}" if self.engine else ""
        return (
            f"{self.device}: {self.strategy}, {compiled}, {self.precision}"
            f"{source} ({self.reason})"
        )

    @property
    def compiles_step(self) -> bool:
        """Whether XLA compiles the whole step, not the source's pass alone."""
        return self.xla and (self.replicas == 1 or self.strategy != "mirrored")

    def to_dict(self) -> dict[str, Any]:
        """Returns the choice as plain data, for records."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if not field.name.startswith("_")
        }

    def of(self, model: keras.Model) -> "Placement":
        """Returns the placement with the strategy that a model was built in.

        A model built outside any strategy trains on one device all the same;
        its variables can't be handed to another strategy.

        Args:
            model: A model that was built before.

        Raises:
            ValueError: If several devices are to be used, for which a model
                must be built inside the strategy's scope.
        """
        if keras.backend.backend() == "jax":
            own = keras.distribution.distribution()
        else:
            own = model._distribute_strategy
        if self.replicas > 1 and not _is_distributed(own):
            raise ValueError(
                f"A model for `{self.strategy}` must be built inside the "
                "strategy's scope. Hand over a function that builds it: "
                "`train(lambda: SNOWModel.from_source(...), task)`. "
                f"Received: model={model.name!r}, built before"
            )
        return dataclasses.replace(self, _distribution=own)

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """Makes models built inside belong to the strategy and precision."""
        inner = (
            self._distribution.scope()
            if self._distribution is not None
            else contextlib.nullcontext()
        )
        with dtype_policy(self.precision), inner:
            yield


def choose_placement(
    strategy: str = "auto",
    xla: bool | None = None,
    precision: str | None = None,
    engine: str | None = None,
) -> Placement:
    """Decides where and how to train.

    One device is the default, also where there are several GPUs. XLA is on for
    a GPU and off for a CPU, where it makes a step slower (2.5 s against 1.6 s)
    and takes a minute to compile; on JAX it is always on. Precision is
    `"float32"` unless asked for.

    Args:
        strategy: As of `TrainingOptions`.
        xla: As of `TrainingOptions`.
        precision: As of `TrainingOptions`.
        engine: As of `TrainingOptions`.

    Raises:
        ValueError: If the choice is unknown or does not work here; names what
            does.
    """
    precision = _check_precision(precision or keras.config.dtype_policy().name)
    devices = find_devices()
    strategy = _check_strategy(strategy, devices)
    xla, reason = _decide_xla(strategy, xla, devices)
    many = strategy != "one_device"
    if devices.count > 1 and not many:
        others = "data_parallel" if devices.backend == "jax" else "mirrored"
        reason += f"; `strategy={others}` would use all {devices.count} devices"
    replicas = devices.count if many else 1
    return Placement(
        device=devices.describe(all_of_them=many),
        strategy=strategy,
        xla=xla,
        precision=precision,
        replicas=replicas,
        reason=reason,
        waits=devices.backend == "tensorflow" and devices.kind == "CPU",
        processes=devices.processes if many else 1,
        engine=choose_engine(engine, replicas if strategy == "mirrored" else 1),
        _distribution=_distribution(strategy, devices),
    )


def _is_distributed(strategy: Any) -> bool:
    name = type(strategy).__name__
    return name.startswith(("MirroredStrategy", "DataParallel"))


def _check_precision(precision: str) -> str:
    check_choice("precision", precision, PRECISIONS)
    return precision


def _check_strategy(strategy: str, devices: Devices) -> str:
    wanted = strategy.lower().replace("-", "_")
    for name, advice in UNSUPPORTED.items():
        if wanted.replace("_", "").startswith(name.replace("_", "")):
            raise ValueError(f"{advice} Received: strategy={strategy!r}")
    if wanted not in STRATEGIES:
        raise ValueError(
            f"Unknown strategy. {nearest_names(wanted, STRATEGIES)} "
            f"Received: strategy={strategy!r}"
        )
    if wanted in _OF_JAX and devices.backend != "jax":
        raise ValueError(
            f"`{wanted}` does nothing on the TensorFlow backend. Use "
            "`mirrored`, or the JAX backend (KERAS_BACKEND=jax). "
            f"Received: strategy={strategy!r}"
        )
    if wanted == "mirrored" and devices.backend != "tensorflow":
        raise ValueError(
            "`mirrored` is a strategy of the TensorFlow backend. Use "
            f"`data_parallel`. Received: strategy={strategy!r}"
        )
    return "one_device" if wanted == "auto" else wanted


def _decide_xla(
    strategy: str, xla: bool | None, devices: Devices
) -> tuple[bool, str]:
    if devices.backend == "jax":
        if xla is False:
            raise ValueError(
                "JAX always compiles with XLA. Use the TensorFlow backend to "
                "go without. Received: xla=False"
            )
        return True, "JAX compiles with XLA"
    if strategy == "mirrored" and devices.count > 1:
        on = devices.kind == "GPU" if xla is None else xla
        if not on:
            return False, "replicas run as graphs"
        return True, (
            "each replica's pass of the frozen source is compiled; XLA can't "
            "synchronise the batch normalisations of what is trained"
        )
    if xla is not None:
        return xla, "as asked"
    if devices.kind == "GPU":
        return True, "XLA fuses a step's kernels on a GPU"
    return False, "XLA makes a step slower on a CPU"


def _distribution(strategy: str, devices: Devices) -> Any:
    if devices.backend == "jax":
        if strategy not in _OF_JAX:
            return None
        # Each process hands in its own rows of a batch.
        return keras.distribution.DataParallel(auto_shard_dataset=False)
    import tensorflow as tf

    if strategy == "mirrored":
        return tf.distribute.MirroredStrategy(list(devices.names))
    return _one_device(devices.names[0])


@functools.cache
def _one_device(name: str) -> Any:
    """One object a device: a sweep joins models that were built apart."""
    import tensorflow as tf

    return tf.distribute.OneDeviceStrategy(name)
