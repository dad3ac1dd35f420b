"""The devices that the backend can see."""

import dataclasses
import os

import keras


@dataclasses.dataclass(frozen=True)
class Devices:
    """The devices of the kind that training will use.

    Args:
        backend: Name of the Keras backend.
        kind: `"CPU"`, `"GPU"` or `"TPU"`.
        names: How the backend calls them.
        model: What they are in words, if known.
        processes: Processes that the devices belong to.

    Examples:
        >>> Devices("jax", "GPU", ("gpu:0", "gpu:1"), "H100").describe()
        'one GPU (H100)'
    """

    backend: str
    kind: str
    names: tuple[str, ...]
    model: str
    processes: int = 1

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)

    def describe(self, all_of_them: bool = False) -> str:
        """Says in words what is used.

        Args:
            all_of_them: Whether all are used, or one.
        """
        number = self.count if all_of_them and self.count > 1 else "one"
        ending = "" if number == "one" else "s"
        where = f" of {self.processes} hosts" if self.processes > 1 else ""
        return f"{number} {self.kind}{ending}{where} ({self.model})"


def find_devices() -> Devices:
    """Returns the best kind of device that the backend can see.

    Raises:
        ValueError: If the backend is neither TensorFlow nor JAX.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _find_tensorflow()
    if backend == "jax":
        return _find_jax()
    raise ValueError(
        "Training works on the TensorFlow and the JAX backend. Set "
        f"KERAS_BACKEND. Received: backend={backend!r}"
    )


def part_cpu(count: int) -> str:
    """Parts the CPU into logical devices, which share its cores.

    For trying what runs on several devices; before the backend's first use.

    Args:
        count: How many.

    Returns:
        The strategy that shares a batch among them.

    Raises:
        ValueError: If there are GPUs, or the backend is in use already.
    """
    try:
        if keras.backend.backend() == "jax":
            import jax

            jax.config.update("jax_num_cpu_devices", count)
        else:
            import tensorflow as tf

            tf.config.set_logical_device_configuration(
                tf.config.list_physical_devices("CPU")[0],
                [tf.config.LogicalDeviceConfiguration()] * count,
            )
    except RuntimeError as error:
        raise ValueError(
            "The CPU can be parted before the backend is used only. "
            f"Received: devices={count}"
        ) from error
    found = find_devices()
    if found.kind != "CPU":
        raise ValueError(
            "Several logical devices are made of a CPU; hide the others "
            f"(CUDA_VISIBLE_DEVICES=). Received: {found.describe()}"
        )
    return "data_parallel" if found.backend == "jax" else "mirrored"


def _find_tensorflow() -> Devices:
    import tensorflow as tf

    gpus = tf.config.list_logical_devices("GPU")
    if not gpus:
        cpus = tf.config.list_logical_devices("CPU")
        names = tuple(device.name for device in cpus)
        return Devices("tensorflow", "CPU", names, _cores())
    physical = tf.config.list_physical_devices("GPU")[0]
    details = tf.config.experimental.get_device_details(physical)
    model = details.get("device_name", "unknown")
    names = tuple(device.name for device in gpus)
    return Devices("tensorflow", "GPU", names, model)


def _find_jax() -> Devices:
    import jax

    found = jax.devices()
    kind = found[0].platform.upper()
    kind = "GPU" if kind in ("CUDA", "ROCM") else kind
    model = _cores() if kind == "CPU" else found[0].device_kind
    names = tuple(str(x) for x in found)
    return Devices("jax", kind, names, model, jax.process_count())


def _cores() -> str:
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return f"{count} cores" if count > 1 else "1 core"
