"""A random partition of the classes as a second answer."""

import numpy as np
import pytest

from keras_snow.pretraining import Partition
from keras_snow.pretraining.partition import draw_halves
from keras_snow.sources import load_source
from keras_snow.training import load_run
from tests.pretraining.tiny_pretexts import run
from tests.toys import images
from tests.training.tiny_runs import SIZE
from tests.training.tiny_runs import last_state


def test_a_weight_of_zero_is_the_run_on_labels_bit_for_bit(network, tmp_path):
    run("labels", network, tmp_path / "labels")
    run("partition", network, tmp_path / "zero", binary_weight=0.0)
    run("partition", network, tmp_path / "some", binary_weight=0.3)
    zero, some, plain = (
        load_source(tmp_path / x).fingerprint
        for x in ("zero", "some", "labels")
    )
    assert zero == plain != some
    pixels = images(2, SIZE)
    logits = [
        np.array(load_run(tmp_path / name)[0](pixels))
        for name in ("zero", "labels")
    ]
    np.testing.assert_array_equal(*logits)


def test_the_partition_is_recorded_and_its_loss_is_weighed(network, tmp_path):
    record = run("partition", network, tmp_path, partitions=2)
    notes = record["settings"]["notes"]
    assert (notes["binary_weight"], notes["partitions"]) == (0.3, 2)
    assert [len(half) for half in record["partitions"]] == [1, 1]
    assert record["partitions"][0] == [
        ["0", "1", "2"][int(np.argmax(draw_halves(3, 2, 0)[:, 0]))]
    ]
    curves = record["curves"]
    weighed = 0.7 * np.array(curves["classes_loss"])
    weighed += 0.3 * np.array(curves["halves_loss"])
    np.testing.assert_allclose(curves["loss"], weighed, rtol=1e-5)
    assert set(curves) >= {"classes_accuracy", "halves_accuracy", "val_top1"}
    assert last_state(tmp_path)[1]["curves"] == curves


def test_halves_are_equal_differ_and_follow_from_the_seed():
    halves = draw_halves(10, 3, seed=1)
    assert halves.sum(axis=0).tolist() == [5, 5, 5]
    assert len(np.unique(halves.T, axis=0)) == 3
    np.testing.assert_array_equal(halves, draw_halves(10, 3, seed=1))
    assert (halves != draw_halves(10, 3, seed=2)).any()
    assert draw_halves(5, 1, seed=0).sum() == 2


@pytest.mark.parametrize(
    "settings",
    [{"binary_weight": 1.0}, {"binary_weight": -1}, {"partitions": 0}],
)
def test_numbers_out_of_range_are_refused(settings):
    (name,) = settings
    with pytest.raises(ValueError, match=name):
        Partition(**settings)
