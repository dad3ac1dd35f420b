"""import_after_keras: classes are registered once Keras is there."""

import importlib
import sys

import pytest

from keras_snow.core import after_keras

FILES = {
    "library.py": "done = True",
    "ours/__init__.py": (
        "from keras_snow.core.after_keras import import_after_keras\n"
        "import_after_keras(__name__, 'ours.saved')"
    ),
    "ours/free.py": "",
    "ours/base.py": "import library\nassert library.done\nBase = object",
    "ours/saved.py": "from ours.base import Base",
}


@pytest.fixture
def ours(tmp_path, monkeypatch):
    """A package `ours` that waits for `library` as we wait for Keras."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(after_keras, "_KERAS", "library")
    finders = list(sys.meta_path)
    yield tmp_path
    sys.meta_path[:] = finders
    for name in [
        x for x in sys.modules if x.split(".")[0] in ("ours", "library")
    ]:
        del sys.modules[name]


@pytest.mark.parametrize(
    "imports",
    [
        ["ours", "library"],
        ["library", "ours"],
        ["ours.free", "library"],
        ["ours.base"],  # Loads the library while it is half imported itself.
        ["ours.saved"],
    ],
)
def test_modules_come_once_both_are_there(ours, imports):
    finders = list(sys.meta_path)
    for name in imports:
        assert "ours.saved" not in sys.modules
        importlib.import_module(name)
    assert "ours.saved" in sys.modules
    assert sys.meta_path == finders


def test_a_library_that_fails_at_first_is_waited_for(ours):
    importlib.import_module("ours")
    library = ours / "library.py"
    library.write_text("raise OSError('broken')")
    with pytest.raises(OSError, match="broken"):
        importlib.import_module("library")
    assert "ours.saved" not in sys.modules
    library.write_text(FILES["library.py"] + "  # Another size.")
    importlib.import_module("library")
    assert "ours.saved" in sys.modules


def test_modules_keep_their_own_loaders(ours):
    importlib.import_module("ours")
    module = importlib.import_module("ours.free")
    assert module.__loader__ is module.__spec__.loader
    assert module.__loader__.get_source("ours.free") == FILES["ours/free.py"]
    found = importlib.util.find_spec("ours.base")
    assert found.loader.get_source("ours.base") == FILES["ours/base.py"]
