"""What every test starts from: quiet, offline, on the CPU."""

import gc
import os
import re

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")


def pytest_configure(config):
    """Hides the GPUs, but from `pytest -m gpu`."""
    if re.search(r"(?<!not )\bgpu\b", config.option.markexpr):
        # Each worker shall leave the others some memory.
        os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    else:
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")


def pytest_collection_finish(session):
    """Spares the collector what lives as long as the process.

    A look through all that TensorFlow and Keras hold takes a quarter of a
    second, and tracing a model sets off many.
    """
    del session
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def pytest_runtest_setup(item):
    """Skips what needs a GPU where there is none."""
    if item.get_closest_marker("gpu") is None:
        return
    from keras_snow.training.devices import find_devices

    found = find_devices()
    if found.kind != "GPU":
        pytest.skip(f"needs a GPU; there is {found.describe()}")


def pytest_xdist_auto_num_workers(config):
    """A worker holds TensorFlow, JAX and its models: about 2 GB."""
    del config
    return min(4, os.cpu_count() or 1)
