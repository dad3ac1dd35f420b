"""SNOWModel: what it is made of, what training moves and leaves alone."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.deltas.delta import tap_of
from keras_snow.sources import Source
from tests.backends import gradients_of
from tests.models.toy_models import FAST
from tests.models.toy_models import logits_of
from tests.models.toy_models import model_of
from tests.toys import STAGES
from tests.toys import assert_equal_values
from tests.toys import images
from tests.toys import residual_network
from tests.toys import striped_task
from tests.toys import values_of

slow = functools.partial(pytest.param, marks=pytest.mark.slow)


@pytest.fixture(scope="module")
def trained():
    """Returns a model after a few epochs, with what it was before."""
    source = Source(residual_network())
    model = model_of(source, head="levels", binding="slots")
    before = {
        "source": values_of(model.source),
        "maps": [ops.convert_to_numpy(m) for m in source(images()).values()],
        "importances": [
            np.array(p.importance.value) for p in model.delta.poolings
        ],
    }
    x, y = striped_task(64)
    model.fit(x, y, batch_size=16, epochs=2, verbose=0)
    return model, before


def test_the_source_is_bit_identical_after_training(trained):
    model, before = trained
    assert any("moving" in w.path for w in model.source.weights)
    assert_equal_values(before["source"], values_of(model.source))
    maps = model.source(images()).values()
    for one, other in zip(before["maps"], maps, strict=True):
        np.testing.assert_array_equal(one, ops.convert_to_numpy(other))


@pytest.mark.once
def test_training_one_task_leaves_another_bit_identical():
    source = Source(residual_network())
    first, second = model_of(source), model_of(source, seed=2)
    before = logits_of(first, images())
    x, y = striped_task(32)
    second.fit(x, y, batch_size=16, verbose=0)
    np.testing.assert_array_equal(before, logits_of(first, images()))


def test_every_importance_is_trainable_and_moves(trained):
    model, before = trained
    for pooling, old in zip(
        model.delta.poolings, before["importances"], strict=True
    ):
        assert any(v is pooling.importance for v in model.trainable_variables)
        assert (np.array(pooling.importance.value) != old).any()


def test_importances_move_in_one_step():
    model = model_of()
    model.compile(keras.optimizers.SGD(0.1), FAST.build_loss())
    x, y = striped_task(16)
    model.fit(x, y, batch_size=16, verbose=0)
    for pooling in model.delta.poolings:
        assert (np.array(pooling.importance.value) != 1.0).any()


def test_only_the_delta_is_trained():
    model = model_of()
    own = {id(v) for v in model.delta.trainable_variables}
    assert {id(v) for v in model.trainable_variables} == own


def test_thawing_the_whole_model_leaves_the_source_frozen():
    model = model_of()
    model.trainable = False
    model.trainable = True
    for layer in model.layers:
        layer.trainable = True
    own = {id(v) for v in model.delta.trainable_variables}
    assert own
    assert {id(v) for v in model.trainable_variables} == own


@pytest.mark.parametrize("head_k", [None, 0.5])
def test_no_gradient_reaches_an_unselected_importance_or_kernel_row(head_k):
    model = model_of(sigma=0.0, head="levels", head_k=head_k)
    draw = np.random.default_rng(0)
    for variable in model.trainable_variables:
        value = np.array(variable.value)
        variable.assign(value + draw.normal(0, 0.05, value.shape))
    gradients = gradients_of(
        model, lambda x: ops.sum(ops.square(x)), images(), training=True
    )
    blocks = [tap.name for tap in model.delta.taps[:-1]]
    seen = 0
    for pooling in model.delta.poolings:
        chosen = pooling.selected_channels()
        importance = gradients[pooling.importance.path]
        assert importance[chosen].any()
        assert not np.delete(importance, chosen).any()
        tap = tap_of(pooling)
        is_head = pooling.name.endswith("_head_choice")
        readers = [f"{tap}_block_1"] if not is_head else [f"{tap}_head"]
        if head_k is None and tap in blocks:
            readers.append(f"{tap}_head")
        for reader in readers:
            kernel = gradients[model.delta.get_layer(reader).kernel.path]
            assert kernel[chosen].any()
            assert not np.delete(kernel, chosen, axis=0).any()
            seen += 1
    assert seen == 7


@pytest.mark.parametrize("binding", ["rows", slow("slots"), slow("rank")])
def test_training_mode_without_noise_equals_inference(binding):
    model = model_of(sigma=0.0, head="levels", binding=binding)
    x, y = striped_task(32)
    model.fit(x, y, batch_size=16, verbose=0)
    for layer in model.delta.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            # The moving statistics become those of the batch.
            layer.momentum = 0.0
    training = ops.convert_to_numpy(model(x, training=True))
    np.testing.assert_allclose(
        training, logits_of(model, x), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("size", [32, 48, 37])
def test_takes_any_image_size(size):
    model = model_of(head="levels")
    assert model.predict(images(2, size), verbose=0).shape == (2, 3)


@pytest.mark.once
def test_one_compiled_function_takes_images_of_many_sizes():
    # After two sizes TensorFlow traces the graph once more, for any size.
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 3, 2, "valid", name="early")(image)
    x = keras.layers.Conv2D(8, 3, 2, "valid", name="late")(x)
    model = model_of(keras.Model(image, x), head="levels")
    for size in (32, 33, 34, 35, 36):
        expected = logits_of(model, images(2, size))
        np.testing.assert_allclose(
            model.predict(images(2, size), verbose=0),
            expected,
            rtol=1e-4,
            atol=1e-5,
        )


def test_the_source_is_cut_to_what_the_delta_reads():
    assert [t.name for t in model_of().source.taps] == list(STAGES)[:-1]
    levels = model_of(head="levels")
    assert [t.name for t in levels.source.taps] == list(STAGES)


@pytest.mark.once
def test_has_a_summary():
    lines = []
    model_of().summary(print_fn=lambda line, **_: lines.append(line))
    assert "Trainable params" in "\n".join(lines)
