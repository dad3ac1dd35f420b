"""The most memory that this process has taken."""

import pathlib
import sys
from typing import Any

import keras

DEVICE = "device"
PROCESS = "process"
_STATUS = pathlib.Path("/proc/self/status")


def peak_memory() -> dict[str, Any]:
    """Returns the most memory taken since the process began.

    On a GPU what the backend's allocator has handed out; on a CPU the resident
    size of the process, which holds interpreter and libraries, too. One
    process should do one thing if its peak is to tell something.

    Returns:
        `bytes` (None where the system does not tell) and `measure`: `"device"`
        or `"process"`.

    Examples:
        >>> peak_memory()["measure"] in ("device", "process")
        True
    """
    device = _device_peak()
    if device is not None:
        return {"bytes": device, "measure": DEVICE}
    return {"bytes": _resident_peak(), "measure": PROCESS}


def _device_peak() -> int | None:
    """The peak of the device that has taken most, if devices tell."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        peaks = _tensorflow_peaks()
    elif backend == "jax":
        peaks = _jax_peaks()
    else:
        peaks = []
    return max(peaks, default=None)


def _tensorflow_peaks() -> list[int]:
    import tensorflow as tf

    # A CPU has no such statistics.
    names = [x.name for x in tf.config.list_logical_devices("GPU")]
    short = [name.removeprefix("/device:") for name in names]
    return [tf.config.experimental.get_memory_info(x)["peak"] for x in short]


def _jax_peaks() -> list[int]:
    import jax

    found = [device.memory_stats() or {} for device in jax.local_devices()]
    return [x["peak_bytes_in_use"] for x in found if "peak_bytes_in_use" in x]


def _resident_peak() -> int | None:
    # Linux hands `ru_maxrss` on from the process that started this one: a
    # child of 9 MB of a parent of 483 MB reports 483 MB. The high-water mark
    # of the address space is the process' own.
    if _STATUS.is_file():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
