"""A network to pre-train, and runs that stop in the middle."""

import pytest

from tests.pretraining.tiny_pretexts import tiny_network
from tests.training.conftest import interrupted as interrupted


@pytest.fixture(scope="session")
def network(tmp_path_factory):
    """Returns the path of the tiny network."""
    path = tmp_path_factory.mktemp("network") / "tiny.keras"
    tiny_network().save(path)
    return path
