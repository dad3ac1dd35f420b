"""What every test starts from: quiet, offline, on the CPU."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("MPLBACKEND", "Agg")


def pytest_xdist_auto_num_workers(config):
    """A worker holds TensorFlow, JAX and its models: about 2 GB."""
    del config
    return min(4, os.cpu_count() or 1)
