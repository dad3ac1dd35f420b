import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once  # It reads text.
ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/concepts/surprises.md").read_text()
SCRIPTS = sorted((ROOT / "findings").glob("*.sh"))


def test_every_test_that_the_page_names_is_there():
    named = re.findall(r"`(\w+/test_\w+\.py)::(\w+)`", PAGE)
    assert len(named) > 50
    for file, test in named:
        text = (ROOT / "tests" / file).read_text()
        assert f"def test_{test}(" in text, f"{file}::{test}"


def test_every_finding_is_on_the_page_and_in_its_form():
    named = set(re.findall(r"`(\w+\.sh)`", PAGE))
    assert named == {script.name for script in SCRIPTS}
    for script in SCRIPTS:
        text = script.read_text()
        head = text.partition("\nset -eu\n")[0]
        assert head.startswith("#!/usr/bin/env bash\n# One would guess that ")
        assert re.search(r"\d\.\d", head), f"{script.name} names no version"
        commands = text.replace("\\\n", "").splitlines()
        for command in commands:
            _, _, packages = command.partition("-m pip install ")
            for package in packages.split():
                assert package.startswith("-") or "==" in package
