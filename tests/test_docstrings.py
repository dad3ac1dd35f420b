"""Every `>>>` example of the package runs and prints what it says."""

import doctest
import importlib
import os
import pathlib
import pkgutil
import re

import pytest

import benchmarks
import keras_snow

pytestmark = pytest.mark.skipif(
    os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow",
    reason="what an example prints is TensorFlow's wording",
)

MODULES = sorted(
    module.name
    for package in (keras_snow, benchmarks)
    for module in pkgutil.walk_packages(
        package.__path__, f"{package.__name__}."
    )
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


DOCS = pathlib.Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_of_the_pages_hold(page, tmp_path, monkeypatch):
    blocks = re.findall(r"```python\n(>>> .*?)```", page.read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    example = doctest.DocTestParser().get_doctest(
        "\n".join(blocks), {}, page.name, str(page), 0
    )
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example)
    assert result.failed == 0


@pytest.mark.parametrize("name", sorted(keras_snow._HOMES))
def test_every_public_name_has_its_place_on_an_api_page(name):
    folder = keras_snow._HOMES[name].split(".")[1]
    page = DOCS / "api" / f"{folder}.md"
    assert f"::: keras_snow.{folder}.{name}\n" in page.read_text()
