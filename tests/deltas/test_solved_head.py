"""A solved head is the ridge regression of the statistics of the taps."""

import keras
import numpy as np
import pytest

from keras_snow.deltas.compact import compact
from keras_snow.deltas.solved_head import can_solve_head
from keras_snow.metrics.ridge import fit_ridge
from keras_snow.models.snow_model import SNOWModel
from keras_snow.models.taps import tap_statistics

CLASSES = 3


def a_network():
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 3, 2, activation="relu", name="early")(image)
    x = keras.layers.Conv2D(16, 3, 2, activation="relu", name="late")(x)
    return keras.Model(image, x)


def a_model(**settings):
    keras.utils.set_random_seed(0)
    return SNOWModel.from_source(a_network(), CLASSES, k=0.25, **settings)


def pictures(count=36, size=16):
    draw = np.random.default_rng(0)
    labels = np.arange(count) % CLASSES
    images = draw.integers(0, 120, (count, size, size, 3))
    images[np.arange(count), :, :, labels] += 60
    return images.astype("uint8"), labels


def test_logits_are_those_of_a_ridge_regression():
    model, (images, labels) = a_model(), pictures()
    model.solve_head(images, labels)
    found = tap_statistics(model.source, images, limit=len(images))
    features = []
    for head, values in zip(
        model.delta.standardised, found.values(), strict=True
    ):
        scaled = (values - head.mean) * (head.gain / head.deviation)
        features.append(np.reshape(scaled, (len(images), -1)))
    joined = np.concatenate(features, axis=1)
    ridge = fit_ridge(joined[:, None], labels, CLASSES)
    np.testing.assert_allclose(model(images), ridge.logits(joined), atol=1e-3)


def test_left_out_images_are_judged_and_views_belong_together():
    model, (images, labels) = a_model(), pictures()
    assert model.solve_head(images, labels).accuracy > 0.9
    twice = a_model().solve_head(images.repeat(2, 0), labels.repeat(2), views=2)
    mixed = a_model().solve_head(images.repeat(2, 0), 1 - labels.repeat(2) % 2)
    assert twice.accuracy > 0.9
    assert mixed.accuracy > 0.9  # Each image has its own copy to learn from.


def test_a_solved_head_is_held_while_the_blocks_learn():
    model, (images, labels) = a_model(), pictures()
    model.solve_head(images, labels)
    head = model.delta.standardised[-1]
    kept = np.array(head.kernel)
    importance = np.array(head.subscription.importance)
    block = model.delta.get_layer("early_block_3")
    before = np.array(block.kernel)
    model.fit(images, labels, epochs=2, batch_size=12, verbose=0)
    np.testing.assert_array_equal(head.kernel, kept)
    np.testing.assert_array_equal(head.subscription.importance, importance)
    assert np.abs(np.array(block.kernel) - before).max() > 0


def test_a_head_that_leaves_maps_out_keeps_those_that_vary():
    model, (images, labels) = a_model(head_k=0.5), pictures()
    model.solve_head(images, labels)
    late = model.delta.standardised[-1]
    varies = np.array(late.deviation).mean(axis=0)
    expected = np.sort(np.argsort(varies, kind="stable")[-8:])
    np.testing.assert_array_equal(
        late.subscription.selected_channels(), expected
    )
    answers = np.argmax(model(images), axis=1)
    assert (answers == labels).mean() > 0.9


def test_the_compact_delta_answers_alike():
    model, (images, labels) = a_model(head_k=0.5), pictures()
    model.solve_head(images, labels)
    small = SNOWModel(model.source, compact(model.delta))
    np.testing.assert_allclose(small(images), model(images), atol=1e-4)


@pytest.mark.parametrize(
    "settings",
    [{"head": "delta"}, {"head_k": None}, {"subscription": "attention"}],
)
def test_heads_without_a_choice_of_their_own_are_refused(settings):
    model = a_model(**settings)
    assert not can_solve_head(model.delta)
    with pytest.raises(ValueError, match="reads every tap"):
        model.solve_head(*pictures())


def test_labels_are_asked_for():
    with pytest.raises(ValueError, match="class numbers"):
        a_model().solve_head(pictures()[0])
