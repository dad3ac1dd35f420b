"""Training loops of the user, and what a model is given outside of `fit`."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.baselines import build_method
from keras_snow.models import SNOWModel
from keras_snow.recipes import SMALL
from keras_snow.recipes.yielding_schedule import current_rate
from tests.backends import only_jax
from tests.backends import only_tensorflow
from tests.models.toy_models import FAST
from tests.models.toy_models import model_of
from tests.toys import SETTINGS
from tests.toys import images
from tests.toys import residual_network
from tests.toys import striped_task

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def constants_of(model):
    return [
        ops.convert_to_numpy(getattr(head, name))
        for head in model.delta.standardised
        for name in ("mean", "deviation")
    ]


def assert_measured_on(model, x):
    other = model_of(head="levels")
    other.calibrate(x)
    for one, same in zip(constants_of(model), constants_of(other), strict=True):
        np.testing.assert_allclose(one, same, rtol=1e-4)


@pytest.mark.parametrize("method", ["snow", "probe_last"])
def test_the_first_batch_of_train_on_batch_is_measured(method):
    x, y = striped_task(16)
    options = {"head": "levels", **{k: SETTINGS[k] for k in ("k", "width")}}
    options = options if method == "snow" else {}
    model = build_method(method, residual_network(), 3, **options)
    model.compile("sgd", LOSS, run_eagerly=True)
    assert not model.calibrated
    model.train_on_batch(x, y)
    assert model.calibrated
    if method == "snow":
        assert_measured_on(model, x)
        before = constants_of(model)
        model.train_on_batch(images(8), y[:8])
        for one, same in zip(before, constants_of(model), strict=True):
            np.testing.assert_array_equal(one, same)


@only_tensorflow
def test_the_first_batch_of_an_eager_loop_is_measured():
    import tensorflow as tf

    model = model_of(head="levels")
    x, y = striped_task(8)
    with tf.GradientTape() as tape:
        loss = LOSS(y, model(tf.constant(x), training=True))
    gradients = tape.gradient(
        loss, [v.value for v in model.trainable_variables]
    )
    assert any(g is not None for g in gradients)
    assert_measured_on(model, x)


@only_tensorflow
def test_a_traced_loop_says_that_it_cannot_measure():
    import tensorflow as tf

    model = model_of(head="levels")
    step = tf.function(lambda x: model(x, training=True))
    with pytest.warns(UserWarning, match=r"Call `model.calibrate\(images\)`"):
        step.get_concrete_function(tf.constant(images()))
    assert not model.calibrated
    model.calibrate(images())
    tf.function(lambda x: model(x, training=True)).get_concrete_function(
        tf.constant(images())
    )


@only_jax
def test_a_compiled_loop_says_that_it_cannot_measure():
    import jax

    model = model_of(head="levels")
    states = [
        [v.value for v in model.trainable_variables],
        [v.value for v in model.non_trainable_variables],
    ]

    def trace():
        jax.make_jaxpr(
            lambda *given: model.stateless_call(*given, training=True)
        )(*states, images())

    with pytest.warns(UserWarning, match=r"Call `model.calibrate\(images\)`"):
        trace()
    model.calibrate(images())
    trace()


@pytest.mark.once
def test_weights_that_were_measured_are_not_measured_again(tmp_path):
    model, other = model_of(head="levels"), model_of(head="levels")
    model.calibrate(images())
    model.save_weights(tmp_path / "model.weights.h5")
    other.load_weights(tmp_path / "model.weights.h5")
    assert other.calibrated
    other.calibrate(images(seed=1) / 2)
    assert_measured_on(other, images())


@pytest.mark.once
@pytest.mark.parametrize("method", ["snow", "fo"])
def test_pixels_from_0_to_1_are_refused_everywhere(method):
    model = build_method(method, residual_network(), 3)
    model.compile("sgd", LOSS)
    x, y = images() / 255, np.array([0, 1, 2, 0])
    batches = [(x, y)]
    for call in (
        lambda: model.fit(x, y, verbose=0),
        lambda: model.predict(x, verbose=0),
        lambda: model.predict(batches, verbose=0),
        lambda: model.predict({"image": x}, verbose=0),
        lambda: model.evaluate(x, y, verbose=0),
        lambda: model.train_on_batch(x, y),
        lambda: model.test_on_batch(x, y),
        lambda: model.predict_on_batch(x),
    ):
        with pytest.raises(ValueError, match="0-1 by 255"):
            call()
    with pytest.raises(ValueError, match="label=3"):
        model.test_on_batch(images(), [0, 1, 2, 3])


@pytest.mark.once
def test_a_rate_that_was_assigned_is_the_peak():
    x, y = striped_task(16)
    model = SNOWModel.from_source(residual_network(), 3, **SETTINGS)
    model.run_eagerly = True
    model.optimizer.learning_rate = 0.123
    model.fit(x, y, batch_size=8, epochs=1, verbose=0)
    assert model.recipe.name == SMALL.name
    assert model.recipe.peak_learning_rate == pytest.approx(0.123)
    left = current_rate(model)
    assert 0 < left < 0.123
    model.fit(x, y, batch_size=8, epochs=1, verbose=0)
    assert model.recipe.peak_learning_rate == pytest.approx(0.123)
    model.optimizer.learning_rate = 0.01
    model.fit(x, y, batch_size=8, epochs=1, verbose=0)
    assert model.recipe.peak_learning_rate == pytest.approx(0.01)


@pytest.mark.once
def test_a_rate_that_was_assigned_after_loading_is_the_peak(tmp_path):
    model = model_of()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again._plan.assigned_rate(again) is None
    again.optimizer.learning_rate = 0.01
    assert again._plan.assigned_rate(again) == pytest.approx(0.01)
    again.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again._plan.assigned_rate(again) == pytest.approx(0.01)


@pytest.mark.once
def test_a_clone_has_our_fit():
    model = model_of(head="levels")
    model.calibrate(images())
    clone = keras.models.clone_model(model)
    assert isinstance(clone, SNOWModel)
    assert clone.recipe == FAST
    assert not clone.calibrated
    with pytest.raises(ValueError, match="label=9"):
        clone.fit(images(), [9, 0, 1, 2], verbose=0)
    clone.set_weights(model.get_weights())
    assert clone.calibrated
    np.testing.assert_array_equal(clone(images()), model(images()))
    assert clone.source.fingerprint == model.source.fingerprint


@pytest.mark.once
def test_a_clone_with_other_layers_is_a_graph():
    class Softened(keras.layers.Layer):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def call(self, inputs, mask=None):
            return self.inner(inputs) / 2

    model = model_of()
    clone = keras.models.clone_model(
        model,
        clone_function=lambda x: Softened(x) if x.name == "delta" else x,
    )
    np.testing.assert_allclose(clone(images()), model(images()) / 2, rtol=1e-5)
    assert clone.compiled


@pytest.mark.once
@pytest.mark.parametrize("method", ["snow", "probe_last", "lf"])
def test_quantization_is_refused_where_no_file_could_be_loaded(method):
    model = build_method(method, residual_network(), 3)
    with pytest.raises(ValueError, match="keras-snow export.*mode='int8'"):
        model.quantize("int8")


@pytest.mark.once
@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize`")
@pytest.mark.parametrize("method", ["fo", "ft"])
def test_a_graph_that_was_quantized_is_saved(method, tmp_path):
    model = build_method(method, residual_network(), 3)
    model.quantize("int8")
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(images()), model(images()))


@pytest.mark.once
def test_a_model_of_half_precision_is_loaded_with_it(tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = model_of()
    finally:
        keras.config.set_dtype_policy("float32")
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.delta.get_layer("delta_stem").compute_dtype == "bfloat16"
    np.testing.assert_array_equal(
        ops.cast(again(images()), "float32"),
        ops.cast(model(images()), "float32"),
    )
