"""A bundle that is made once, in memory and in a folder."""

import shutil

import pytest

from keras_snow.serving import Bundle
from tests.serving.toy_bundles import toy_bundle
from tests.serving.toy_bundles import toy_delta


@pytest.fixture(scope="session")
def kept():
    """Returns a bundle in memory, not to be changed."""
    return toy_bundle()


@pytest.fixture(scope="session")
def other_delta(kept):
    """Returns a delta of the same source that is in no bundle."""
    return toy_delta(kept.source, num_classes=3, seed=9, head="delta")


@pytest.fixture(scope="session")
def _saved(kept, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles") / "kept"
    copy = Bundle(kept.source)
    copy._shelf.manifest = kept._shelf.manifest
    copy._shelf._deltas = kept._shelf._deltas
    copy.save(folder)
    return folder


@pytest.fixture
def folder(_saved, tmp_path):
    """Returns a folder of a test's own with the same bundle."""
    shutil.copytree(_saved, tmp_path / "bundle")
    return tmp_path / "bundle"
