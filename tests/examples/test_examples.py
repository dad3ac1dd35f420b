"""Every example runs in its tiny mode, in a process of its own."""

import os
import pathlib
import subprocess
import sys

import pytest

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
SAYS = {
    "own_source.py": "the source is unchanged: True",
    "arrays_on_jax.py": "backend: jax",
    "train_a_folder.py": "test accuracy",
    "see_squeezenet.py": "filters.png: 16 filters",
    "many_tasks.py": "red is unchanged: True",
    "lifelong.py": "forgetting: 0.0",
    "images_to_bundle.py": "in the bundle: colours",
    "make_a_source.py": "the source is tapped at: early, late",
}


def run_tiny(script, folder):
    environment = dict(os.environ)
    environment.pop("KERAS_BACKEND", None)
    # JAX takes longer to optimise so little than to run it.
    environment["XLA_FLAGS"] = "--xla_backend_optimization_level=0"
    return subprocess.run(
        [sys.executable, str(script), "--tiny"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("name", [path.name for path in EXAMPLES.glob("*.py")])
def test_example_runs_to_its_end(name, tmp_path):
    result = run_tiny(EXAMPLES / name, tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    assert SAYS.get(name, "") in result.stdout


@pytest.mark.parametrize("name", SAYS)
def test_every_known_example_is_there(name):
    assert (EXAMPLES / name).is_file()
