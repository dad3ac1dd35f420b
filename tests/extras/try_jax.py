"""JAX: a task is trained and answers; without TensorFlow there are no logs."""

import pathlib
import runpy
import sys

import tiny

said = tiny.train()
assert "TensorBoard" in said, said
examples = pathlib.Path(__file__).resolve().parents[2] / "examples"
sys.argv[1:] = ["--tiny"]
runpy.run_path(str(examples / "arrays_on_jax.py"), run_name="__main__")
