"""What users type today can be typed tomorrow."""

import pytest

from tests.golden import surface

RENEW = "If the change is wanted: python -m tests.golden.surface"
pytestmark = pytest.mark.once


def test_help_reads_as_it_did():
    assert surface.help_texts() == surface.HELP.read_text(), RENEW


def test_public_names_and_their_arguments_stay():
    assert surface.public_names() == surface.NAMES.read_text(), RENEW
