"""The package's front door: what it names, how fast, and without what."""

import importlib
import os
import pathlib
import pkgutil
import re
import subprocess
import sys
import time

import numpy as np
import pytest

import keras_snow
from tests.toys import SETTINGS
from tests.toys import images
from tests.toys import residual_network

SNIPPET_OF_A_HIDDEN_BACKEND = """
import importlib.abc, sys
class Hide(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"tensorflow", "tensorflow_datasets"}:
            raise ModuleNotFoundError(f"hidden: {name}", name=name)
sys.meta_path.insert(0, Hide())
import importlib.util
whole = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: (
    None if name == "tensorflow" else whole(name, *rest)
)
"""


def python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", keras_snow.__all__)
def test_every_public_name_can_be_had(name):
    assert getattr(keras_snow, name) is not None


def test_public_names_live_where_the_front_door_says():
    for name, home in keras_snow._HOMES.items():
        assert getattr(importlib.import_module(home), name) is getattr(
            keras_snow, name
        )


LAZY = ["sources", "recipes", "deltas"]


def test_type_checkers_are_told_the_same_names_as_the_interpreter():
    source = flat_source(keras_snow)
    for name, home in keras_snow._HOMES.items():
        assert f"from {home} import {name} as {name}" in source


@pytest.mark.parametrize("package", LAZY)
def test_names_of_a_package_load_at_first_use(package):
    module = importlib.import_module(f"keras_snow.{package}")
    source = flat_source(module)
    for name, home in module._HOMES.items():
        told = f"from keras_snow.{package}.{home} import {name} as {name} "
        assert told in source
        assert getattr(module, name) is not None


def flat_source(module):
    return re.sub(r"[(),\s]+", " ", pathlib.Path(module.__file__).read_text())


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'Snowman'"):
        _ = keras_snow.Snowman


def test_names_and_what_looks_at_arguments_need_no_keras():
    result = python(
        "import keras_snow, sys\n"
        "print(*dir(keras_snow))\n"
        "from keras_snow.core.method_names import check_method\n"
        "from keras_snow.data import load_task, training_batches\n"
        "from keras_snow.deltas import DeltaSettings\n"
        "from keras_snow.recipes import Recipe, recipe_for\n"
        "from keras_snow.sources.forms import check_spec\n"
        "DeltaSettings(), recipe_for(9), check_spec('resnet50')\n"
        "print({'keras', 'tensorflow', 'matplotlib', 'click'} & {*sys.modules})"
    )
    names, loaded = result.stdout.splitlines()
    assert loaded == "set()"
    packages = {x.name for x in pkgutil.iter_modules(keras_snow.__path__)}
    assert set(names.split()) == {*keras_snow.__all__, *packages}


@pytest.mark.parametrize(
    "name",
    [
        x.name
        for x in pkgutil.walk_packages(keras_snow.__path__, "keras_snow.")
        if x.ispkg
    ],
)
def test_sub_packages_list_what_is_theirs_alone(name):
    package = importlib.import_module(name)
    listed = {x for x in dir(package) if not x.startswith("_")}
    modules = {x for x in listed if f"{name}.{x}" in sys.modules}
    assert listed - modules <= {*getattr(package, "__all__", [])}


def test_sub_packages_are_loaded_at_first_use():
    for module in pkgutil.iter_modules(keras_snow.__path__):
        package = keras_snow.__getattr__(module.name)
        assert package is sys.modules[f"keras_snow.{module.name}"]


def test_importing_the_package_is_enough_to_load_a_model(tmp_path):
    model = keras_snow.SNOWModel.from_source(
        residual_network(), num_classes=3, **SETTINGS
    )
    model.save(tmp_path / "whole.keras")
    model.save_delta(tmp_path / "delta.keras")
    np.save(tmp_path / "images.npy", images())
    result = python(
        "import os, sys, keras_snow, keras, numpy as np\n"
        f"os.chdir({str(tmp_path)!r})\n"
        "for name in ('delta', 'whole'):\n"
        "    model = keras.saving.load_model(f'{name}.keras')\n"
        "    print(type(model).__name__)\n"
        "np.save('logits.npy', model(np.load('images.npy')))\n"
        "print(*sys.modules)"
    )
    *loaded, modules = result.stdout.splitlines()
    assert loaded == ["ResNetDelta", "SNOWModel"], result.stderr
    np.testing.assert_allclose(
        np.load(tmp_path / "logits.npy"), model(images()), rtol=1e-4
    )
    assert modules_of_saved_classes() <= set(modules.split())


def modules_of_saved_classes():
    """Each has to be imported with Keras, so that its classes are known.

    What is folded is loaded by serving itself.
    """
    root = pathlib.Path(keras_snow.__file__).parent
    return {
        ".".join(path.relative_to(root.parent).with_suffix("").parts)
        for path in root.rglob("*.py")
        if "\n@serializable" in path.read_text()
        and path.parent.name != "serving"
    }


def test_a_missing_backend_gives_the_extra_to_install():
    code = SNIPPET_OF_A_HIDDEN_BACKEND + "import keras_snow\nkeras_snow.Task"
    result = python(code, KERAS_BACKEND="tensorflow")
    last = result.stderr.strip().splitlines()[-1]
    assert 'pip install -e ".[cpu]"' in last
    assert last.startswith("ImportError")


def test_every_public_name_imports_on_jax_without_tensorflow():
    pytest.importorskip("jax")
    code = SNIPPET_OF_A_HIDDEN_BACKEND + (
        "import keras_snow\n"
        "for name in keras_snow.__all__:\n"
        "    getattr(keras_snow, name)\n"
        "print('tensorflow' in sys.modules)"
    )
    result = python(code, KERAS_BACKEND="jax")
    assert result.stdout.strip() == "False", result.stderr


def test_help_comes_within_a_second():
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "keras_snow.cli", "--help"],
            capture_output=True,
            timeout=60,
            check=True,
        )
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 1.0
