"""JSON that is too deep or too long is refused, like any other damage."""

import pytest

from keras_snow.core import parse_json as module
from keras_snow.core.files import read_json
from keras_snow.core.parse_json import DEEPEST
from keras_snow.core.parse_json import parse_json


@pytest.mark.parametrize("depth", [DEEPEST + 1, 700, 100_000])
@pytest.mark.parametrize("ends", ["[]", ('{"a":', "}")])
def test_what_is_too_deep_is_refused(depth, ends):
    start, end = ends
    with pytest.raises(ValueError, match="more than 200 deep"):
        parse_json(start * depth + "1" + end * depth)


def test_what_is_deep_enough_is_read():
    assert parse_json("[" * DEEPEST + "]" * DEEPEST)
    assert parse_json('{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}


def test_a_file_that_is_too_deep_or_long_is_named(tmp_path, monkeypatch):
    path = tmp_path / "bundle.json"
    path.write_text("[" * 100_000)
    with pytest.raises(ValueError, match=r"damaged.*200 deep.*bundle\.json"):
        read_json(path)
    monkeypatch.setattr("keras_snow.core.files.MOST_CHARACTERS", 100)
    monkeypatch.setattr(module, "MOST_CHARACTERS", 100)
    with pytest.raises(ValueError, match="more than 100 characters"):
        read_json(path)


def test_a_number_of_too_many_digits_is_damage(tmp_path):
    path = tmp_path / "bundle.json"
    path.write_text("1" * 5000)
    with pytest.raises(ValueError, match=r"damaged.*limit.*bundle\.json"):
        read_json(path)
