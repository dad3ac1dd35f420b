"""What is advised where a package is missing can be followed."""

import importlib.metadata

import pytest

from keras_snow.core import extras
from keras_snow.core.extras import install_command
from keras_snow.core.extras import require


def test_in_a_clone_its_own_extras_are_installed(monkeypatch):
    monkeypatch.chdir(extras._ROOT)
    assert install_command("cpu") == 'python -m pip install -e ".[cpu]"'


def test_elsewhere_the_command_goes_to_the_clone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    command = install_command("cpu", "data")
    assert command.startswith(f"cd {extras._ROOT}")
    assert command.endswith('&& python -m pip install -e ".[cpu,data]"')


def test_without_a_clone_the_packages_themselves_are_named(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(extras, "_ROOT", tmp_path)
    monkeypatch.setattr(
        importlib.metadata,
        "requires",
        lambda _: [
            "keras>=3",
            'fastapi>=0.1; extra == "serve"',
            'keras-tuner[bayesian]>=1.4; extra == "tuner"',
        ],
    )
    command = install_command("tuner")
    assert command == 'python -m pip install "keras-tuner[bayesian]>=1.4"'


def test_a_missing_package_is_named_with_the_command():
    with pytest.raises(ImportError, match=r"no_such_package.*\[serve\]"):
        require("serve", "no_such_package")
