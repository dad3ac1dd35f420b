"""SNOWModel: what it is made of, how it is trained, what it leaves alone."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from keras_snow.models import SNOWModel
from keras_snow.recipes import PAPER
from keras_snow.recipes import SMALL
from keras_snow.sources import Source
from tests.backends import gradients_of
from tests.toys import SETTINGS
from tests.toys import STAGES
from tests.toys import assert_equal_values
from tests.toys import images
from tests.toys import residual_network
from tests.toys import striped_task
from tests.toys import values_of

slow = functools.partial(pytest.param, marks=pytest.mark.slow)
FAST = SMALL.replace(epochs=8, warmup_epochs=1.0, learning_rate=0.1)


def model_of(source=None, num_classes=3, **options):
    if source is None:
        source = residual_network()
    return SNOWModel.from_source(
        source, num_classes, recipe=FAST, **{**SETTINGS, **options}
    )


def logits_of(model, inputs):
    return ops.convert_to_numpy(model(inputs))


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


def test_no_gradient_reaches_an_unselected_importance_or_kernel_row():
    model = model_of(sigma=0.0, head="levels")
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
        tap = pooling.name.removesuffix("_choice").removesuffix("_head")
        readers = [f"{tap}_block_1"] if tap in blocks else []
        for reader in [*readers, f"{tap}_head"]:
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


def test_fit_as_it_stands_learns_a_task():
    model = SNOWModel.from_source(
        residual_network(),
        num_classes=3,
        recipe=FAST,
        **{**SETTINGS, "head": "levels", "k": 0.5},
    )
    x, y = striped_task(96)
    model.fit(x, y, batch_size=16, epochs=8, verbose=0)
    x, y = striped_task(60, seed=1)
    assert model.evaluate(x, y, verbose=0)[1] > 0.8
    assert model.predict(x, verbose=0).shape == (60, 3)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", slow("mixed_float16")])
def test_trains_in_half_precision(policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = model_of(head="levels", binding="slots")
    finally:
        keras.config.set_dtype_policy("float32")
    x, y = striped_task(32)
    history = model.fit(x, y, batch_size=16, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    for pooling in model.delta.poolings:
        assert pooling.importance.dtype == "float32"
        assert (np.array(pooling.importance.value) != 1.0).any()


@pytest.mark.once
def test_trains_through_xla():
    model = model_of(binding="slots")
    model.compile(FAST.build_optimizer(), FAST.build_loss(), jit_compile=True)
    x, y = striped_task(32)
    history = model.fit(x, y, batch_size=16, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    for pooling in model.delta.poolings:
        slots = np.array(pooling.slots.value)
        assert len(set(slots)) == len(slots)


@pytest.mark.once
def test_a_tensorflow_dataset_can_be_fitted():
    tf = pytest.importorskip("tensorflow")
    x, y = striped_task(32)
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(16)
    model = model_of(head="levels")
    model.fit(data, epochs=2, verbose=0)
    assert model.evaluate(data, verbose=0)[1] >= 0
    assert model.predict(data, verbose=0).shape == (32, 3)


class Batches(keras.utils.PyDataset):
    """Two batches of 16."""

    def __init__(self):
        super().__init__()
        self.x, self.y = striped_task(32)

    def __len__(self):
        return 2

    def __getitem__(self, index):
        part = slice(16 * index, 16 * index + 16)
        return self.x[part], self.y[part]


@pytest.mark.slow
def test_a_pydataset_can_be_fitted():
    model = model_of(head="levels")
    model.fit(Batches(), epochs=2, verbose=0)
    assert model.predict(Batches(), verbose=0).shape == (32, 3)


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("head", ["levels", slow("last")])
def test_fit_measures_the_constants_of_the_head_once(head):
    model = model_of(head=head)
    x, y = striped_task(32)
    model.fit(x, y, batch_size=16, verbose=0)
    maps = model.source(x)
    heads = model.delta.standardised
    assert heads
    for layer in heads:
        tap = maps[layer.name.removesuffix("_head")]
        pooled = ops.convert_to_numpy(tap).mean(axis=(1, 2))
        np.testing.assert_allclose(
            # Further statistics of the maps may follow their means.
            np.array(layer.mean.value).reshape(-1, pooled.shape[1])[0],
            pooled.mean(axis=0),
            rtol=1e-3,
        )
    before = [np.array(layer.mean.value) for layer in heads]
    model.fit(images(16), np.zeros(16, "int32"), verbose=0)
    assert_equal_values(before, [np.array(h.mean.value) for h in heads])


@pytest.mark.once
def test_fit_measures_what_the_maps_are_divided_by():
    model = model_of(head="delta", normalise_taps=True)
    x, y = striped_task(32)
    model.fit(x, y, batch_size=16, verbose=0)
    maps = model.source(x)
    assert model.delta.poolings
    for pooling in model.delta.poolings:
        tap = maps[pooling.name.removesuffix("_choice")]
        np.testing.assert_allclose(
            ops.convert_to_numpy(pooling.deviation),
            ops.convert_to_numpy(tap).std(axis=(0, 1, 2)),
            rtol=1e-3,
        )


@pytest.mark.once
@pytest.mark.parametrize(
    ("count", "recipe"), [(4999, SMALL), (5000, PAPER), (40_000, PAPER)]
)
def test_the_number_of_images_chooses_the_recipe(count, recipe, monkeypatch):
    fitted = {}
    monkeypatch.setattr(
        keras.Model, "fit", lambda *_, **options: fitted.update(options)
    )
    model = SNOWModel.from_source(residual_network(), 3, **SETTINGS)
    x = np.broadcast_to(np.arange(256, dtype="uint8")[:, None], (256, 3))
    x = np.broadcast_to(x[:32, None][None], (count, 32, 32, 3))
    model.fit(x, np.zeros(count, "int32"), batch_size=16)
    assert model.recipe == recipe
    schedule, *_ = fitted["callbacks"]
    assert schedule.recipe == recipe.replace(batch_size=16)


@pytest.mark.once
def test_a_recipe_that_was_asked_for_is_kept():
    model = model_of()
    x, y = striped_task(32)
    model.fit(x, y, batch_size=16, verbose=0)
    assert model.recipe == FAST


@pytest.mark.once
def test_a_compile_of_the_user_is_respected():
    model = SNOWModel.from_source(residual_network(), 3, **SETTINGS)
    optimizer = keras.optimizers.SGD(0.0123)
    model.compile(optimizer, FAST.build_loss())
    x, y = striped_task(32)
    model.fit(x, y, batch_size=16, epochs=2, verbose=0)
    assert model.optimizer is optimizer
    assert model.recipe is None
    assert float(optimizer.learning_rate) == pytest.approx(0.0123)


@pytest.mark.once
def test_callbacks_of_the_user_are_called_too():
    seen = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(epoch)
    )
    x, y = striped_task(32)
    model_of().fit(x, y, batch_size=16, callbacks=[callback], verbose=0)
    assert seen == [0]


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


@pytest.mark.once
@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (images(4), [0, 1, 2, 3], "label=3 at position 3"),
        (images(4), [0, -1, 2, 0], "label=-1"),
        (images(4), [0, 1, 0.5, 0], "label=0.5"),
        (images(4), [0, 1, np.nan, 0], "label=nan"),
        (images(4), np.eye(4)[:, :3], "one-hot"),
        (images(4) / 255, [0, 1, 2, 0], "0-1 by 255"),
        (images(4) * np.nan, [0, 1, 2, 0], "not finite"),
        (images(4)[..., :1], [0, 1, 2, 0], "images.shape"),
        (images(4, 2), [0, 1, 2, 0], "too small.*height=2"),
        (images(0), [], "no images"),
    ],
)
def test_bad_input_is_refused_before_the_first_step(x, y, words):
    model = model_of()
    before = values_of(model)
    with pytest.raises(ValueError, match=words):
        model.fit(x, np.array(y), verbose=0)
    assert_equal_values(before, values_of(model))


def test_a_bad_label_at_the_end_is_refused_before_the_first_step():
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices((images(6), [0, 1, 2, 0, 1, 3]))
    model = model_of()
    before = values_of(model)
    with pytest.raises(ValueError, match="label=3"):
        model.fit(data.batch(2), verbose=0)
    assert_equal_values(before, values_of(model))


def test_a_bad_pixel_at_the_end_is_refused_before_the_first_step():
    x = images(6)
    x[-1] = np.nan
    model = model_of()
    before = values_of(model)
    with pytest.raises(ValueError, match="not finite"):
        model.fit(x, np.zeros(6), batch_size=2, verbose=0)
    assert_equal_values(before, values_of(model))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"k": 9}, "k=9, channels=8"),
        ({"k": 0}, "k=0"),
        ({"sigma": float("nan")}, "sigma=nan"),
        ({"sigma": -1.0}, "sigma=-1"),
        ({"binding": "row"}, "Did you mean `rows`"),
        ({"num_classes": 1}, "num_classes=1"),
        ({"taps": ["stem_relu"]}, "two taps"),
        ({"taps": ["stem_relu", "block9_out"]}, "no such layer"),
        ({"widht": 1.0}, "Did you mean `width`"),
    ],
)
def test_arguments_out_of_range_are_refused(options, words):
    arguments = {"num_classes": 3, **SETTINGS, **options}
    with pytest.raises(ValueError, match=words):
        SNOWModel.from_source(residual_network(), **arguments)


def test_the_source_is_cut_to_what_the_delta_reads():
    assert [t.name for t in model_of().source.taps] == list(STAGES)[:-1]
    levels = model_of(head="levels")
    assert [t.name for t in levels.source.taps] == list(STAGES)


@pytest.mark.once
def test_has_a_summary():
    lines = []
    model_of().summary(print_fn=lambda line, **_: lines.append(line))
    assert "Trainable params" in "\n".join(lines)
