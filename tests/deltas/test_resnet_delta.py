"""ResNetDelta: the paper's totals, its shapes, its graph."""

import copy

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.deltas import DeltaSettings
from keras_snow.deltas import ResNetDelta
from keras_snow.sources import Tap
from tests.toys import SETTINGS
from tests.toys import plain

# The 17 taps of ResNet50: stem pool and the outputs of its 16 blocks.
RESNET50_TAPS = [
    Tap(f"tap{index}", channels, stride)
    for index, (channels, stride) in enumerate(
        [(64, 4)]
        + [(256, 4)] * 3
        + [(512, 8)] * 4
        + [(1024, 16)] * 6
        + [(2048, 32)] * 3
    )
]
TAPS = [Tap("a", 8, 2), Tap("b", 16, 4), Tap("c", 32, 8)]
# Food-101, DTD, Stanford 40 Actions, Cars-196, CUB-200.
CLASSES = [101, 47, 40, 196, 200]


def delta_of(taps=TAPS, num_classes=3, **options):
    settings = DeltaSettings(**{**SETTINGS, **options})
    return ResNetDelta(taps, num_classes, settings, name="delta")


def inputs_of(taps=TAPS, size=32, batch=2):
    draw = np.random.default_rng(0)
    inputs = {"image": draw.uniform(0, 255, (batch, size, size, 3))}
    for tap in taps:
        side = -(-size // tap.stride)
        inputs[tap.name] = draw.uniform(0, 2, (batch, side, side, tap.channels))
    return {name: value.astype("float32") for name, value in inputs.items()}


def trainable_parameters(delta):
    return sum(int(np.prod(v.shape)) for v in delta.trainable_variables)


@pytest.mark.once
@pytest.mark.parametrize(
    ("head", "total"), [("delta", 4_928_368), ("last", 5_088_112)]
)
def test_five_tasks_on_resnet50_have_the_totals_of_the_design(head, total):
    # SNOW_FACTS: 4.93 M and, with a tap into the head, 5.09 M; paper 5.5 M.
    options = {
        "k": 0.125,
        "width": 0.125,
        "binding": "slots",
        "head": head,
    }
    # A class more costs one column of each head: two deltas tell all five.
    small, large = (
        trainable_parameters(delta_of(RESNET50_TAPS, classes, **options))
        for classes in (2, 3)
    )
    assert sum(small + (c - 2) * (large - small) for c in CLASSES) == total


def test_kernel_rows_cost_a_row_for_each_map_of_a_tap():
    rows = trainable_parameters(delta_of(binding="rows"))
    slots = trainable_parameters(delta_of(binding="slots"))
    # 3/4 of 8 maps for 8 + 8 filters, 3/4 of 16 for 8 + 16.
    assert rows - slots == 6 * (8 + 8) + 12 * (8 + 16)


@pytest.mark.parametrize("head", ["delta", "last", "levels"])
def test_gives_logits_of_any_batch_and_image_size(head):
    delta = delta_of(head=head)
    taps = [tap for tap in TAPS if tap.name in delta.tap_names]
    for batch, size in [(1, 32), (3, 48), (2, 37)]:
        logits = delta(inputs_of(taps, size, batch))
        assert logits.shape == (batch, 3)


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("delta", ["a", "b"]),
        ("last", ["a", "b", "c"]),
        ("levels", ["a", "b", "c"]),
    ],
)
def test_reads_the_taps_that_its_head_asks_for(head, names):
    assert delta_of(head=head).tap_names == names


@pytest.mark.parametrize(
    ("head", "poolings"), [("delta", 2), ("last", 3), ("levels", 3)]
)
def test_block_and_head_share_the_pooling_of_a_tap(head, poolings):
    assert len(delta_of(head=head, head_k=None).poolings) == poolings


def test_a_head_that_chooses_for_itself_has_poolings_of_its_own():
    poolings = delta_of(head="levels").poolings
    assert [(x.name, x.k) for x in poolings[-3:]] == [
        (f"{tap}_head_choice", 1.0) for tap in "abc"
    ]
    assert [x.name for x in poolings[:-3]] == ["a_choice", "b_choice"]


def test_a_tap_may_be_called_head():
    taps = [Tap("box_head", 16, 2), Tap("end_choice", 32, 4)]
    delta = ResNetDelta(taps, 3, DeltaSettings(normalise_taps=True))
    assert set(delta.calibrated) == {"box_head", "end_choice"}
    assert set(delta.readings) == {
        "box_head",
        "box_head_statistics",
        "end_choice_statistics",
    }


@pytest.mark.parametrize(
    "names",
    [
        ("a", "a_head"),
        ("a", "a_block_1"),
        ("a", "a_statistics"),
        ("delta_stem",),
    ],
)
def test_a_tap_called_as_a_part_is_refused(names):
    taps = [Tap(name, 16, 2) for name in (*names, "z")]
    with pytest.raises(ValueError, match=f"tap='{names[-1]}' beside"):
        ResNetDelta(taps, 3)


def test_a_tap_may_be_called_after_another():
    names = ["a", "a_pool", "a_stem_1", "a_sum", "a_block_9x"]
    delta = ResNetDelta([Tap(name, 16, 2) for name in names], 3)
    assert delta.tap_names == names


@pytest.mark.parametrize("name", ["a b", "\u00fcn\u00ef"])
def test_a_tap_whose_name_is_no_scope_is_refused(name):
    with pytest.raises(ValueError, match=f"tap='{name}'"):
        ResNetDelta([Tap(name, 16, 2), Tap("z", 16, 2)], 3)


def test_a_file_older_than_the_setting_holds_a_shared_choice():
    config = delta_of(head="levels", head_k=None).get_config()
    del config["settings"]["head_k"]
    again = ResNetDelta.from_config(config)
    assert again.settings.head_k is None
    assert [x.name for x in again.poolings][-1] == "c_head_choice"
    assert len(again.poolings) == 3


@pytest.mark.parametrize("k", [0.125, 0.5])
def test_all_maps_together_weigh_as_much_as_an_eighth_of_them(k):
    gains = [
        delta_of(head="levels", k=k, head_k=head_k).get_layer("b_head").gain
        for head_k in (None, 0.5, 1.0)
    ]
    assert gains[1:] == pytest.approx([gains[0] / 2, gains[0] / 8**0.5])


def test_every_block_has_a_projection_shortcut_that_reads_the_concat():
    delta = delta_of()
    for name, filters in [("a_block_1", 8), ("b_block_1", 16)]:
        assert delta.get_layer(name).shortcut_filters == filters
        assert f"{name[:-1]}0_bn" in [layer.name for layer in delta.layers]


def test_every_pooling_draws_its_own_noise():
    seeds = [pooling.seed for pooling in delta_of(head="levels").poolings]
    assert len(set(seeds)) == len(seeds)


def test_the_seed_decides_the_initial_weights():
    first, second = delta_of(seed=3), delta_of(seed=3)
    other = delta_of(seed=4)
    for one, two in zip(first.weights, second.weights, strict=True):
        np.testing.assert_array_equal(
            ops.convert_to_numpy(one.value), ops.convert_to_numpy(two.value)
        )
    assert not np.array_equal(
        first.get_layer("delta_stem").get_weights()[0],
        other.get_layer("delta_stem").get_weights()[0],
    )


def test_its_configuration_makes_it_again():
    delta = ResNetDelta(TAPS, 5, DeltaSettings(**SETTINGS), "abc", name="delta")
    again = ResNetDelta.from_config(plain(delta))
    assert again.taps == delta.taps
    assert again.settings == delta.settings
    assert again.source_fingerprint == "abc"
    assert plain(again) == plain(delta)


def test_from_config_leaves_the_configuration_alone():
    config = delta_of().get_config()
    before = copy.deepcopy(config)
    ResNetDelta.from_config(config)
    assert config == before


@pytest.mark.once
@pytest.mark.parametrize("head", ["delta", "levels"])
def test_a_saved_delta_gives_the_same(head, tmp_path):
    delta = delta_of(head=head)
    inputs = inputs_of([tap for tap in TAPS if tap.name in delta.tap_names])
    delta(inputs, training=True)
    delta.save(tmp_path / "delta.keras")
    again = keras.saving.load_model(tmp_path / "delta.keras")
    assert isinstance(again, ResNetDelta)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(again(inputs)),
        ops.convert_to_numpy(delta(inputs)),
    )


def test_one_tap_is_not_enough():
    with pytest.raises(ValueError, match=r"two taps.*taps=\['a'\]"):
        ResNetDelta(TAPS[:1], 3)


def test_taps_in_the_wrong_order_are_refused():
    with pytest.raises(
        ValueError, match=r"order of depth.*strides=\[8, 4, 2\]"
    ):
        ResNetDelta(TAPS[::-1], 3)


@pytest.mark.parametrize("num_classes", [0, 1, -2])
def test_fewer_than_two_classes_are_refused(num_classes):
    with pytest.raises(ValueError, match="Received: num_classes="):
        ResNetDelta(TAPS, num_classes)


@pytest.mark.parametrize("num_classes", [2.5, "3", None, True])
def test_a_number_of_classes_must_be_whole(num_classes):
    with pytest.raises(TypeError, match="Received: num_classes="):
        ResNetDelta(TAPS, num_classes)


def test_k_above_the_channels_of_a_tap_is_refused_when_the_graph_is_drawn():
    with pytest.raises(ValueError, match="k=9, channels=8"):
        delta_of(k=9)


def test_two_taps_of_the_same_size_are_enough():
    taps = [Tap("a", 8, 1), Tap("b", 8, 1)]
    assert delta_of(taps)(inputs_of(taps[:1], 8)).shape == (2, 3)


@pytest.mark.once
@pytest.mark.parametrize("strides", [(1, 3), (4, 4), (2, 16), (3, 5)])
def test_unusual_strides_fit(strides):
    taps = [Tap("a", 8, strides[0]), Tap("b", 8, strides[1])]
    delta = delta_of(taps, head="levels")
    assert delta(inputs_of(taps, 30)).shape == (2, 3)
