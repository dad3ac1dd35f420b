"""SNOWModel.fit: what it takes, measures, and leaves to the user."""

import functools

import keras
import numpy as np
import pytest
from keras import ops
from keras.callbacks import EarlyStopping

from keras_snow.layers.map_statistics import steady_deviation
from keras_snow.models import SNOWModel
from keras_snow.models.fit_arguments import FIT
from keras_snow.models.fit_arguments import check_fit
from keras_snow.models.fit_arguments import named
from keras_snow.recipes import PAPER
from keras_snow.recipes import SMALL
from tests.models.toy_models import FAST
from tests.models.toy_models import model_of
from tests.toys import SETTINGS
from tests.toys import assert_equal_values
from tests.toys import images
from tests.toys import residual_network
from tests.toys import striped_task

slow = functools.partial(pytest.param, marks=pytest.mark.slow)


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
    np.testing.assert_allclose(
        model.evaluate(data, verbose=0),
        model.evaluate(x, y, batch_size=16, verbose=0),
        rtol=1e-5,
    )
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
            steady_deviation(ops.convert_to_numpy(tap).std(axis=(0, 1, 2))),
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
def test_a_compile_with_the_optimizer_at_hand_is_respected():
    model = SNOWModel.from_source(residual_network(), 3, **SETTINGS)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    top = keras.metrics.SparseTopKCategoricalAccuracy(2, name="top")
    optimizer = model.optimizer
    model.compile(optimizer, loss, metrics=["accuracy", top])
    assert model.recipe is None
    x, y = striped_task(32)
    history = model.fit(x, y, batch_size=16, verbose=0).history
    assert history.keys() == {"accuracy", "loss", "top"}
    assert model.loss is loss
    assert model.optimizer is optimizer


@pytest.mark.once
def test_a_fit_of_the_user_explores_after_one_that_was_scheduled():
    model = SNOWModel.from_source(residual_network(), 3, **SETTINGS)
    x, y = striped_task(16)
    model.fit(x, y, batch_size=16, epochs=3, verbose=0)
    pooling = model.delta.poolings[0]
    assert float(pooling.noise_scale) == 0.0
    pooling.rate_factor = 0.5
    model.compile("sgd", FAST.build_loss())
    model.fit(x, y, batch_size=16, verbose=0)
    assert {float(p.noise_scale) for p in model.delta.poolings} == {1.0}
    assert pooling.rate_factor == 1.0


@pytest.mark.once
def test_the_choice_of_a_recipe_leaves_running_eagerly_on():
    model = SNOWModel.from_source(residual_network(), 3, **SETTINGS)
    model.run_eagerly = True
    x, y = striped_task(8)
    model.fit(x, y, batch_size=4, verbose=0)
    assert model.run_eagerly
    assert model.recipe.name == SMALL.name


@pytest.mark.once
def test_callbacks_of_the_user_are_called_too():
    seen = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(epoch)
    )
    x, y = striped_task(32)
    model_of().fit(x, y, batch_size=16, callbacks=[callback], verbose=0)
    assert seen == [0]


@pytest.mark.once
@pytest.mark.filterwarnings("ignore:Your input ran out")
def test_batches_of_unknown_number_are_counted_for_the_recipe():
    data = pytest.importorskip("tensorflow").data.Dataset
    x, y = striped_task(20)
    batches = data.from_tensor_slices((x, y)).filter(lambda *_: True).batch(8)
    assert int(batches.cardinality()) < 0
    model = SNOWModel.from_source(residual_network(), 3, **SETTINGS)
    model.fit(batches, verbose=0)
    assert model.recipe.name == SMALL.name


@pytest.mark.once
@pytest.mark.parametrize("endless", ["known", "unknown"])
def test_of_endless_batches_the_steps_of_an_epoch_are_counted(endless):
    data = pytest.importorskip("tensorflow").data.Dataset
    x, y = striped_task(12)
    batches = data.from_tensor_slices((x, y)).repeat()
    if endless == "unknown":
        batches = batches.filter(lambda *_: True)
    batches = batches.batch(8)
    options = named(FIT, batches, None, None, 5, steps_per_epoch=6)
    options |= {"validation_data": batches, "validation_steps": 2}
    assert check_fit(options, 3, print) == (8, 48)
    model = SNOWModel.from_source(residual_network(), 3, **SETTINGS)
    model.fit(batches, epochs=1, steps_per_epoch=2, verbose=0)
    assert model.recipe.name == SMALL.name


@pytest.mark.once
@pytest.mark.parametrize(("epochs", "seen"), [(1, 8), (2, 16), (9, 20)])
def test_no_more_images_are_looked_at_than_are_learned(epochs, seen):
    x, y = striped_task(20)
    options = named(FIT, x, y, 4, epochs, steps_per_epoch=2)
    assert check_fit(options, 3, print) == (4, seen)


@pytest.mark.once
@pytest.mark.filterwarnings("ignore:`shuffle=True`")
@pytest.mark.filterwarnings("ignore:Your input ran out")
def test_a_head_that_could_not_be_measured_is_told():
    x, y = striped_task(8)
    model = SNOWModel.from_source(
        residual_network(), 3, **{**SETTINGS, "head": "levels"}
    )
    with pytest.warns(UserWarning, match="Call `calibrate`"):
        model.fit((pair for pair in [(x, y)]), verbose=0)


@pytest.mark.once
def test_labels_may_be_a_list():
    x, y = striped_task(8)
    model = model_of()
    model.fit(x, y.tolist(), verbose=0)
    assert model.optimizer.iterations == 1


@pytest.mark.once
def test_one_callback_needs_no_list():
    x, y = striped_task(8)
    model = model_of()
    one, other = EarlyStopping("loss"), EarlyStopping("loss")
    model.fit(x, y, epochs=2, callbacks=one, verbose=0)
    callbacks = (other, keras.callbacks.TerminateOnNaN())
    model.fit(x, y, callbacks=callbacks, verbose=0)
    assert 0 < other.best < np.inf
    assert 0 < one.best < np.inf


@pytest.mark.once
def test_arguments_may_come_in_the_order_of_keras(capsys):
    x, y = striped_task(8)
    seen = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(epoch)
    )
    model = model_of()
    model.fit(x, y, 4, 2, 0, [callback], 0.0, (x, y))
    assert seen == [0, 1]
    assert len(model.evaluate(x, y, 4, 0)) == 2
    assert capsys.readouterr().out == ""
    with pytest.raises(TypeError, match="verbose"):
        model.fit(x, y, 4, 1, 0, verbose=0)
    with pytest.raises(TypeError, match="epoch"):
        model.fit(x, y, epoch=2)


@pytest.mark.once
def test_labels_are_as_the_loss_of_the_user_takes_them():
    x, y = striped_task(8)
    model = model_of()
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    rows = np.eye(3)[y]
    model.fit(x, rows, validation_data=(x, rows), verbose=0)
    assert len(model.evaluate(x, rows, verbose=0)) == 2


@pytest.mark.once
@pytest.mark.filterwarnings("ignore:The model answers logits")
@pytest.mark.parametrize(
    "loss",
    [
        "sparse_categorical_crossentropy",
        keras.losses.sparse_categorical_crossentropy,
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    ],
)
def test_labels_of_a_sparse_loss_are_class_numbers(loss):
    x, y = striped_task(4)
    model = model_of()
    model.compile("adam", loss)
    with pytest.raises(ValueError, match="label=9"):
        model.fit(x, [9, *y[1:]], verbose=0)
    with pytest.raises(ValueError, match="one-hot"):
        model.evaluate(x, np.eye(3)[y], verbose=0)
