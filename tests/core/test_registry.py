"""Registry: names, and hints for those that are not known."""

import pytest

from keras_snow.core.registry import Registry
from keras_snow.core.registry import nearest_names


def shapes():
    registry = Registry("shape")
    registry.register("square")("four sides")
    registry.register("triangle")("three sides")
    return registry


def test_gives_what_was_registered():
    assert shapes().get("square") == "four sides"


def test_lists_names_in_the_order_of_registration():
    assert shapes().names() == ["square", "triangle"]


def test_knows_what_it_contains():
    assert "square" in shapes()
    assert "circle" not in shapes()


def test_a_typo_gets_the_nearest_name_and_all_known_ones():
    with pytest.raises(ValueError, match="Did you mean `square`") as error:
        shapes().get("sqare")
    assert "Known: square, triangle." in str(error.value)
    assert str(error.value).endswith("Received: shape='sqare'")


def test_a_name_is_taken_once():
    with pytest.raises(ValueError, match="registered already"):
        shapes().register("square")


def test_a_word_like_no_other_gets_no_hint():
    assert nearest_names("zzz", ["square"]) == "Known: square."


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("finetune", "ft"),
        ("Fine-Tuning", "ft"),
        ("wd", "weight_decay"),
        ("weightdecay", "weight_decay"),
        ("progressive", "pn"),
    ],
)
def test_spelling_initials_and_long_names_lead_to_the_name(typed, meant):
    also = {"fine_tuning": "ft", "progressive_net": "pn"}
    hint = nearest_names(typed, ["fo", "ft", "pn", "weight_decay"], also)
    assert hint.startswith(f"Did you mean `{meant}`?")
