"""What the pages tell to install is tried by `python -m tests.extras`."""

import pytest

from tests.extras.__main__ import HERE
from tests.extras.__main__ import documented
from tests.extras.__main__ import installed_apart
from tests.extras.__main__ import known_extras
from tests.extras.__main__ import plan


@pytest.mark.parametrize("extra", known_extras())
def test_every_extra_has_a_trial(extra):
    assert (HERE / f"try_{extra}.py").is_file()


@pytest.mark.parametrize("extras", documented())
def test_every_line_of_the_pages_installs_a_backend_and_known_extras(extras):
    names = extras.split(",")
    assert set(names) <= set(known_extras())
    assert names[0] in ("cpu", "jax", "gpu", "docs")


def test_every_extra_is_tried_on_each_backend_and_as_the_pages_say():
    tried = plan()
    assert {"cpu", "jax", "cpu,export", "jax,tuner", "all"} <= set(tried)
    assert set(documented()) <= set(tried)


def test_what_else_the_pages_install_is_known():
    # A client, which a test of the network installs; what `.ci/run` does; and
    # KerasHub, which `benchmarks.hub_sources` is run with.
    assert installed_apart() == {
        '"tritonclient[http]"',
        "--group dev",
        "keras-hub",
        "--no-deps keras-hub",
    }
