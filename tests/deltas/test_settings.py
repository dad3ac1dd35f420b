"""DeltaSettings: plain data, checked."""

import dataclasses

import pytest

from keras_snow.deltas import DeltaSettings
from keras_snow.deltas.settings import HEADS
from keras_snow.layers.channel_pooling import BINDINGS
from tests.toys import SETTINGS


def test_options_become_settings():
    settings = DeltaSettings.from_options(**SETTINGS)
    assert dataclasses.asdict(settings).items() >= SETTINGS.items()


def test_the_defaults_are_valid():
    assert DeltaSettings.from_options() == DeltaSettings()


def test_an_unknown_option_gets_the_nearest_name():
    with pytest.raises(ValueError, match="Did you mean `width`.*widht=0.5"):
        DeltaSettings.from_options(widht=0.5)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("k", 0),
        ("k", -0.5),
        ("k", float("nan")),
        ("sigma", -0.1),
        ("sigma", float("nan")),
        ("width", 0.0),
        ("width", 1.5),
        ("width", float("nan")),
        ("speed", -1.0),
        ("speed", float("inf")),
        ("head_gain", -1.0),
        ("head_decay", -1e-3),
        ("dropout", 1.0),
        ("dropout", -0.1),
    ],
)
def test_a_value_out_of_range_is_refused(option, value):
    with pytest.raises(ValueError, match="Received: "):
        DeltaSettings(**{option: value})


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("normalise_taps", "no"),
        ("normalise_taps", 1),
        ("seed", 1.5),
        ("seed", None),
    ],
)
def test_a_value_of_another_kind_is_refused(option, value):
    with pytest.raises(TypeError, match=f"Received: {option}={value!r}"):
        DeltaSettings(**{option: value})


def test_a_seed_below_zero_is_refused():
    with pytest.raises(ValueError, match="seed=-1"):
        DeltaSettings(seed=-1)


@pytest.mark.parametrize("option", ["binding", "head"])
def test_an_unknown_choice_lists_the_known_ones(option):
    with pytest.raises(ValueError, match=f"Known: .*Received: {option}='x'"):
        DeltaSettings(**{option: "x"})


def test_a_typo_in_a_choice_gets_the_nearest_name():
    with pytest.raises(ValueError, match="Did you mean `levels`"):
        DeltaSettings(head="level")


@pytest.mark.parametrize("binding", BINDINGS)
@pytest.mark.parametrize("head", HEADS)
def test_every_choice_goes_with_every_other(binding, head):
    settings = DeltaSettings(binding=binding, head=head)
    assert (settings.binding, settings.head) == (binding, head)


@pytest.mark.parametrize(
    ("classes", "changed", "expected"),
    [
        (10, {}, 1.0),
        (100, {}, 0.3296),
        (200, {}, None),
        (200, {"k": 32}, 0.1648),
        (100, {"k": 256}, None),
        (10, {"binding": "rank"}, None),
        (10, {"head": "last"}, None),
        (10, {"subscription": "attention"}, None),
        (10, {"head_k": None}, None),
        (10, {"head_k": 0.5}, 0.5),
    ],
)
def test_the_head_reads_all_maps_that_the_weights_suffice_for(
    classes, changed, expected
):
    channels = [64, *[256] * 3, *[512] * 4, *[1024] * 6, *[2048] * 3]
    settings = DeltaSettings(**changed).for_task(channels, classes)
    assert settings.head_k == expected
    assert settings.for_task([8], 2) == settings


@pytest.mark.parametrize(
    "options",
    [
        {"head_k": 0},
        {"head_k": 1.5},
        {"head_k": "every"},
        {"head_k": 0.5, "head": "delta"},
        {"head_k": 0.5, "subscription": "all"},
        {"head_k": 0.5, "subscription": "attention"},
    ],
)
def test_a_choice_of_the_head_that_can_not_be_made_is_refused(options):
    with pytest.raises(ValueError, match="Received: "):
        DeltaSettings(**options)
