"""Every `>>>` example of the package runs and prints what it says."""

import doctest
import importlib
import os
import pkgutil

import pytest

import keras_snow

pytestmark = pytest.mark.skipif(
    os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow",
    reason="what an example prints is TensorFlow's wording",
)

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(keras_snow.__path__, "keras_snow.")
    if not module.name.endswith(".__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_the_docstrings_hold(name, tmp_path, monkeypatch):
    import keras
    import numpy as np

    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testmod(
        importlib.import_module(name),
        extraglobs={"keras": keras, "ops": keras.ops, "np": np},
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
    )
    assert failed == 0
