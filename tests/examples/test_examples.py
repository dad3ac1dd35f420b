"""Every example runs to its end in its tiny mode."""

import os
import pathlib
import runpy
import subprocess
import sys

import pytest

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
ON_JAX = "arrays_on_jax.py"
SAYS = {
    "own_source.py": "the source is unchanged: True",
    "train_a_folder.py": "test accuracy",
    "see_squeezenet.py": "filters.png: 16 filters",
    "many_tasks.py": "red is unchanged: True",
    "lifelong.py": "forgetting: 0.0",
    "images_to_bundle.py": "in the bundle: colours",
    "make_a_source.py": "the source is tapped at: early, late",
    "few_images.py": "tea is version 2",
    "torch_weights.py": "4,694,024 parameters",
}


@pytest.mark.parametrize("name", SAYS)
def test_example_runs_to_its_end(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [name, "--tiny"])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert SAYS[name] in capsys.readouterr().out


def test_the_example_on_jax_runs_without_a_word_of_warning(tmp_path):
    # JAX takes longer to optimise so little than to run it.
    environment = os.environ | {
        "XLA_FLAGS": "--xla_backend_optimization_level=0"
    }
    environment.pop("KERAS_BACKEND", None)
    result = subprocess.run(
        [sys.executable, EXAMPLES / ON_JAX, "--tiny"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert "backend: jax" in result.stdout
    assert "Warning" not in result.stderr


def test_every_example_is_known():
    assert {path.name for path in EXAMPLES.glob("*.py")} == {*SAYS, ON_JAX}
