"""TensorFlow with CUDA, which runs on a CPU, too."""

import runpy

runpy.run_module("try_cpu")
